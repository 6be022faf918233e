from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from resmi.agency import arrays, bulk

TEXTS = st.lists(st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")))
MOMENTS = st.integers(-60_000_000_000_000_000, 250_000_000_000_000_000).map(
    lambda micros: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


def returned(kind: str, array: arrays.Array) -> list[Any]:
    ((values,),) = bulk.execute(f"SELECT %b::{kind}", [array])
    return list(values)


class ArraysArriveAsTheyWere(TestCase):
    @given(TEXTS)
    def test_texts(self, values: list[str | None]) -> None:
        assert returned("text[]", arrays.texts(values)) == values

    @given(st.lists(st.none() | st.binary()))
    def test_byte_strings(self, values: list[bytes | None]) -> None:
        assert returned("bytea[]", arrays.byte_strings(values)) == values

    @given(st.lists(st.integers(-(2**15), 2**15 - 1)))
    def test_smallints(self, values: list[int]) -> None:
        assert returned("smallint[]", arrays.smallints(values)) == values

    @given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
    def test_bigints(self, values: list[int | None]) -> None:
        assert returned("bigint[]", arrays.bigints(values)) == values

    @given(st.lists(st.none() | MOMENTS))
    def test_moments(self, values: list[datetime | None]) -> None:
        assert returned("timestamptz[]", arrays.moments(values)) == values


@pytest.mark.parametrize(
    ("encode", "values"),
    [(arrays.texts, ["\ud800"]), (arrays.smallints, [2**15]), (arrays.bigints, [2**63])],
)
def test_what_can_not_be_encoded_is_refused(
    encode: Callable[[Any], arrays.Array], values: list[Any]
) -> None:
    with pytest.raises((UnicodeEncodeError, struct.error)):
        encode(values)


@pytest.mark.django_db
def test_a_nul_in_a_text_is_refused_by_the_server() -> None:
    with pytest.raises(DataError):
        returned("text[]", arrays.texts(["a\0b"]))


def test_times_in_other_zones_are_the_same_moments() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    other = moment.astimezone(tz=None)
    assert arrays.moments([moment]).data == arrays.moments([other]).data
    assert arrays.moments([moment]).data != arrays.moments([moment + timedelta(hours=1)]).data
