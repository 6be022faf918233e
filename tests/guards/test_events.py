"""Every kind of event is documented, handled and frozen by examples that must stay readable.

`goldens/NAME.json` shows every field. When an event gains a field, the example before it is kept as
`NAME.1.json`, `NAME.2.json`, …: logs hold such events, and their hashes must stay right.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from resmi.engine import conversation, events
from tests.guards import sources

GOLDENS = sources.ROOT / "tests/engine/goldens"
TYPES = {events.type_name(kind): kind for kind in events.PAYLOAD_TYPES}


def _golden(name: str) -> Path:
    return GOLDENS / f"{name}.json"


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_event_type_says_what_it_means(name: str) -> None:
    own = TYPES[name].__dict__.get("__doc__") or ""
    assert len(own.split()) >= 4


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_event_type_has_a_handler(name: str) -> None:
    assert TYPES[name] in conversation.handled_types()


@pytest.mark.parametrize("path", sorted(GOLDENS.glob("*.json")), ids=lambda path: path.stem)
def test_stored_events_stay_readable_and_are_written_the_same(path: Path) -> None:
    raw = path.read_bytes().strip()
    payload = events.decode_payload(raw)
    assert events.type_name(payload) == path.name.split(".")[0]
    assert events.encode_payload(payload) == raw


@pytest.mark.parametrize("name", sorted(TYPES))
def test_the_example_shows_every_field(name: str) -> None:
    shown = json.loads(_golden(name).read_bytes()).keys() - {"type"}
    assert shown == {field.encode_name for field in msgspec.structs.fields(TYPES[name])}


def test_there_is_no_golden_without_its_event() -> None:
    assert {path.name.split(".")[0] for path in GOLDENS.glob("*.json")} == TYPES.keys()
