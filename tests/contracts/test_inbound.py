"""What every kind of channel must do with what comes in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels import items
from resmi.channels.errors import Unreadable
from resmi.channels.kinds import ADAPTERS
from resmi.engine import content
from tests.contracts.subjects import SUBJECTS, Stored, Subject

KINDS = ["message", "status", "call", "account", "identity", "echo", "preference", "unparsed"]
every_channel = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)


def test_every_kind_of_channel_is_under_contract() -> None:
    assert SUBJECTS.keys() == ADAPTERS.keys()


@every_channel
def test_each_item_is_read_as_what_it_is(subject: Subject) -> None:
    for expected, stored in subject.items.items():
        assert type(subject.read(stored)) is expected


@every_channel
def test_reading_twice_gives_the_same(subject: Subject) -> None:
    for stored in subject.items.values():
        assert subject.read(stored) == subject.read(stored)


@every_channel
def test_times_are_aware_and_utc(subject: Subject) -> None:
    for stored in subject.items.values():
        for value in _values(subject.read(stored)):
            if isinstance(value, datetime):
                assert value.utcoffset() == timedelta(0)


@every_channel
def test_people_are_of_the_channels_kind_and_scope(subject: Subject) -> None:
    for stored in subject.items.values():
        for value in _values(subject.read(stored, scope="here")):
            if isinstance(value, items.Address):
                assert (value.kind, value.scope) == (subject.name, "here")
                assert value.user_id or value.phone
                assert value.key().startswith(f"{subject.name}:here:")


@every_channel
def test_what_is_read_can_be_kept_in_the_log(subject: Subject) -> None:
    for stored in subject.items.values():
        for value in _values(subject.read(stored)):
            if isinstance(value, get_args(content.Inbound)):
                assert content.decode_inbound(content.encode(value)) == value


@every_channel
@given(text=st.text(max_size=4096))
def test_texts_come_through_unchanged_but_for_nul(subject: Subject, text: str) -> None:
    item = subject.read(subject.says(text))
    assert isinstance(item, items.CitizenMessage)
    assert item.content == content.Text(text.replace("\0", "\ufffd"))


@every_channel
@given(kind=st.sampled_from(KINDS) | st.text(max_size=9), raw=st.binary(), envelope=st.binary())
def test_any_bytes_are_read_or_unreadable(
    subject: Subject, kind: str, raw: bytes, envelope: bytes
) -> None:
    with contextlib.suppress(Unreadable):
        subject.read(Stored(kind=kind, raw=raw, envelope=envelope))


@every_channel
def test_an_item_cut_short_is_unreadable_with_a_reason(subject: Subject) -> None:
    for stored in subject.items.values():
        with pytest.raises(Unreadable) as caught:
            subject.read(Stored(kind=stored.kind, raw=stored.raw[:-1], envelope=stored.envelope))
        assert caught.value.reason


def _values(item: items.Item) -> Iterator[Any]:
    for name in msgspec.structs.asdict(item):
        yield getattr(item, name)
