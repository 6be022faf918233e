from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.registry import ageing

TODAY = date(2026, 4, 10)


@pytest.mark.parametrize(("age", "stale"), [(35, False), (36, True)])
def test_a_list_is_old_past_its_own_days(age: int, stale: bool) -> None:
    assert ageing.is_stale(TODAY - timedelta(days=age), TODAY, 35) is stale


def test_a_list_that_was_never_there_is_old() -> None:
    assert ageing.is_stale(ageing.known_of(None, TODAY), TODAY, 35)


def test_a_list_its_publisher_still_shows_is_known_as_of_that_day() -> None:
    assert ageing.known_of(date(2026, 1, 1), TODAY) == TODAY


@given(st.dates(), st.none() | st.dates())
def test_looking_never_makes_a_list_older(as_of: date, verified_on: date | None) -> None:
    known = ageing.known_of(as_of, verified_on)
    assert known is not None
    assert known >= as_of
