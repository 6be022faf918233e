"""The bytes that are hashed never change: copies of logs made years ago must still prove."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from resmi.engine import chain, events
from resmi.engine.events import Actor, Event

SINGAPORE = timezone(timedelta(hours=8))


@given(
    kind=st.sampled_from(["citizen", "bot", "agent", "system"]),
    name=st.text(),
    body=st.text(),
    at=st.datetimes(timezones=st.sampled_from([UTC, SINGAPORE])),
    seq=st.integers(1, 2**31),
)
def test_they_are_the_sorted_json_of_all_but_the_hash(
    kind: events.ActorKind, name: str, body: str, at: datetime, seq: int
) -> None:
    data = events.NoteAdded(body=body, mentions=("2", "1"))
    event = Event(conversation=7, seq=seq, at=at, actor=Actor(kind, "3", name), data=data)
    assert chain.canonical(event) == msgspec.json.encode(
        {
            "actor": event.actor,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "conversation": 7,
            "data": msgspec.Raw(events.encode_payload(data)),
            "seq": seq,
        },
        order="sorted",
    )
