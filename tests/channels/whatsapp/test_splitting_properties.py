import contextlib
import json
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from resmi.channels.errors import Unreadable
from resmi.channels.whatsapp import reading, splitting
from resmi.cli import counting
from tests.channels.whatsapp import payloads as wa

NOW = datetime(2026, 11, 1, tzinfo=UTC)

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
)
words = st.sampled_from(
    ["id", "type", "from", "text", "body", "timestamp", "status", "image", "interactive", "event"]
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
types = st.sampled_from(
    ["text", "image", "audio", "location", "contacts", "interactive", "button", "reaction"]
) | st.sampled_from(["order", "edit", "revoke", "system", "unsupported", "unknown", "", None])


def wild(item: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The item with some of its parts replaced by anything, or gone."""
    return st.fixed_dictionaries(
        {}, optional={key: st.just(value) | json_values for key, value in item.items()}
    )


def read_all(rows: tuple[splitting.Row, ...]) -> None:
    for row in rows:
        with contextlib.suppress(Unreadable):
            reading.read(row.kind, row.raw, row.envelope, scope="p")


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_and_never_an_exception(body: bytes) -> None:
    rows = splitting.split(body, received=NOW)
    assert rows
    read_all(rows)


@given(json_values)
def test_any_json_gives_rows_and_never_an_exception(value: Any) -> None:
    read_all(splitting.split(json.dumps(value).encode(), received=NOW))
    read_all(splitting.split(json.dumps({"entry": value}).encode(), received=NOW))


@given(
    st.lists(json_values | st.builds(lambda f, v: {"field": f, "value": v}, scalars, json_values))
)
def test_any_changes_give_as_many_rows_as_counted_apart(changes: list[Any]) -> None:
    body = wa.body({"id": "1", "changes": changes})
    rows = splitting.split(body, received=NOW)
    assert [row.key for row in rows] == [item.key for item in counting.items(body)]


@settings(max_examples=300)
@given(
    kind=types,
    item=st.sampled_from(
        [
            wa.message(text={"body": "x"}, context={"id": "1"}, errors=[{"code": 1}]),
            wa.message(kind="image", image={"id": "1"}),
            wa.message(kind="interactive", interactive={"type": "nfm_reply", "nfm_reply": {}}),
            wa.message(kind="contacts", contacts=[{"name": {}}]),
            wa.message(kind="system", system={"type": "user_changed_number", "wa_id": "1"}),
        ]
    ).flatmap(wild),
)
def test_messages_with_wild_parts_are_split_and_read(kind: Any, item: dict[str, Any]) -> None:
    body = wa.one({**item, "type": kind}, contacts=[wa.contact()])
    rows = splitting.split(body, received=NOW)
    assert len(rows) == 1
    read_all(rows)


@given(item=wild(wa.status(errors=[{"code": 1}], pricing={"category": "x"}, recipient_user_id="x")))
def test_statuses_with_wild_parts_are_split_and_read(item: dict[str, Any]) -> None:
    rows = splitting.split(wa.one(item, part="statuses"), received=NOW)
    assert len(rows) == 1
    read_all(rows)


@given(st.text(max_size=4096))
def test_a_text_comes_through_unchanged_but_for_nul(text: str) -> None:
    (row,) = splitting.split(wa.one(wa.message(text={"body": text})), received=NOW)
    item = reading.read(row.kind, row.raw, row.envelope, scope="p")
    assert item.content.body == text.replace("\0", "\ufffd")  # type: ignore[union-attr]


PLAIN_STATUS = {
    "id": "wamid.1",
    "status": "delivered",
    "timestamp": "1767225600",
    "recipient_id": "628123456789",
    "recipient_user_id": "ID.1",
    "biz_opaque_callback_data": "7.3.1",
    "pricing": {"billable": True, "category": "service"},
    "type": "message",
    "recipient_participant_id": "628999",
}
KNOWN = {"wa_id": "628123456789", "user_id": "ID.1", "profile": {"name": "Ana", "username": "@a"}}


@given(
    st.lists(st.just(PLAIN_STATUS) | wild(PLAIN_STATUS), min_size=1, max_size=4),
    st.lists(st.just(KNOWN) | wild(KNOWN), max_size=3),
    st.sampled_from(["messages", "calls", "history"]),
    st.sampled_from(["900", "", None]),
)
def test_a_plain_status_is_cut_as_any_other(
    statuses: list[dict[str, Any]], contacts: list[dict[str, Any]], field: str, number: str | None
) -> None:
    value = {
        "metadata": {"phone_number_id": number, "display_phone_number": "62150"},
        "contacts": contacts,
        "statuses": statuses,
    }
    body = json.dumps(
        {"entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]}
    ).encode()
    quickly = splitting.split(body, received=NOW)
    with mock.patch.object(splitting.plain_reports, "glance", return_value=None):
        slowly = splitting.split(body, received=NOW)
    assert [msgspec.structs.replace(row, report=None) for row in quickly] == list(slowly)
    for row in quickly:
        if row.report is not None:
            read = reading.read(row.kind, row.raw, row.envelope, scope="")
            assert msgspec.structs.replace(read, recipient=None) == row.report


def test_a_plain_status_is_known_at_once() -> None:
    body = wa.one(PLAIN_STATUS | {"recipient_participant_id": None}, part="statuses")
    (row,) = splitting.split(body, received=NOW)
    assert row.report is not None
    assert (row.report.ref, row.report.status) == ("7.3.1", "delivered")
