from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from resmi.channels.whatsapp import splitting
from tests.channels.whatsapp import payloads as wa

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def split(body: bytes) -> tuple[splitting.Row, ...]:
    return splitting.split(body, received=NOW)


def only(body: bytes) -> splitting.Row:
    (row,) = split(body)
    return row


def envelope(row: splitting.Row) -> dict[str, Any]:
    return msgspec.json.decode(row.envelope, type=dict[str, Any])


def test_every_item_of_every_change_of_every_entry_becomes_a_row_in_order() -> None:
    body = wa.body(
        *(
            wa.entry(
                *(
                    wa.change(
                        number=f"{entry}{change}",
                        messages=[wa.message(id=f"m{entry}{change}{i}") for i in range(3)],
                        statuses=[wa.status(id=f"s{entry}{change}")],
                    )
                    for change in range(2)
                )
            )
            for entry in range(2)
        )
    )
    rows = split(body)
    assert [row.key for row in rows[:4]] == [
        "wa:00:m:m000",
        "wa:00:m:m001",
        "wa:00:m:m002",
        f"wa:00:s:s00:delivered:{wa.CITIZEN}",
    ]
    assert len(rows) == len({row.key for row in rows}) == 16


def test_the_bytes_of_an_item_are_kept_exactly() -> None:
    raw = b'{ "id" :"wamid.1", "from":"62811", "text":{"body":"a\\u00e1\\/ \xf0\x9f\x98\x80"} }'
    row = only(
        b'{"entry":[{"changes":[{"field":"messages","value":{"messages":[' + raw + b"]}}]}]}"
    )
    assert row.raw == raw


def test_what_stands_round_an_item_is_kept_with_it() -> None:
    body = wa.body(wa.entry(wa.change(messages=[wa.message()], contacts=[wa.contact()]), time=5))
    assert envelope(only(body)) == {
        "entry": wa.WABA,
        "time": "5",
        "field": "messages",
        "received": NOW.timestamp(),
        "metadata": {"display_phone_number": wa.DISPLAY, "phone_number_id": wa.NUMBER},
        "contact": wa.contact(),
    }


def test_whatever_else_stood_beside_the_items_goes_with_the_first() -> None:
    first, second = split(
        wa.one(wa.message(), statuses=[wa.status()], novelty={"a": 1}, remark="kept")
    )
    assert envelope(first)["rest"] == {"novelty": {"a": 1}, "remark": "kept"}
    assert "rest" not in envelope(second)


def test_each_sender_of_a_batch_gets_their_own_contact() -> None:
    people = ["628111000001", "628111000002"]
    rows = split(
        wa.body(
            wa.entry(
                wa.change(
                    contacts=[wa.contact(phone=phone) for phone in reversed(people)],
                    messages=[wa.message(id=phone, sender=phone) for phone in people],
                )
            )
        )
    )
    assert [envelope(row)["contact"]["wa_id"] for row in rows] == people
    assert [row.person.phone for row in rows if row.person] == people


def test_a_contact_of_somebody_else_is_not_taken_for_the_sender() -> None:
    other = wa.contact(phone="628999", user_id="ID.999")
    row = only(wa.one(wa.message(), contacts=[other]))
    assert row.person is not None
    assert (row.person.phone, row.person.user_id) == (wa.CITIZEN, "")


@pytest.mark.parametrize(
    ("part", "item", "key"),
    [
        ("messages", wa.message(id="wamid.A=="), "wa:5550001:m:wamid.A=="),
        ("messages", wa.message(id="wamid.B", kind="system"), "wa:5550001:m:wamid.B"),
        ("statuses", wa.status(word="read"), f"wa:5550001:s:wamid.out:read:{wa.CITIZEN}"),
        (
            "statuses",
            {"id": "x", "status": "sent", "recipient_user_id": wa.BSUID},
            f"wa:5550001:s:x:sent:{wa.BSUID}",
        ),
        (
            "statuses",
            wa.status(id="wacid.1", word="RINGING", type="call"),
            "wa:5550001:c:wacid.1:RINGING",
        ),
        ("calls", {"id": "wacid.1", "event": "connect"}, "wa:5550001:c:wacid.1:connect"),
        ("message_echoes", {"id": "wamid.E", "to": "1"}, "wa:5550001:e:wamid.E"),
    ],
)
def test_keys_name_the_number_and_the_item(part: str, item: dict[str, Any], key: str) -> None:
    assert only(wa.one(item, part=part)).key == key


def test_a_message_without_id_is_keyed_by_its_bytes() -> None:
    nameless = wa.message()
    del nameless["id"]
    first = only(wa.one(nameless))
    other = only(wa.one({**nameless, "text": {"body": "other"}}))
    assert first.key == only(wa.one(nameless)).key != other.key


def test_a_retry_in_another_batch_has_the_same_key() -> None:
    alone = only(wa.one(wa.message(id="wamid.7")))
    among = split(wa.body(wa.entry(wa.change(messages=[wa.message(), wa.message(id="wamid.7")]))))
    assert among[1].key == alone.key


def test_account_notices_are_keyed_by_account_field_time_and_bytes() -> None:
    value = {"event": "DISABLED_UPDATE"}
    keys = {
        only(wa.body(wa.entry(wa.notice(field, value), time=time))).key
        for field, time in (("account_update", 1), ("account_update", 2), ("flows", 1))
    }
    assert len(keys) == 3
    assert all(key.startswith(f"wa:{wa.WABA}:a:") for key in keys)


@pytest.mark.parametrize("field", ["account_update", "a_field_of_next_year", ""])
@pytest.mark.parametrize("value", [{"event": "X"}, {}, [], "words", 7, None])
def test_a_change_without_items_is_one_account_row(field: str, value: Any) -> None:
    row = only(wa.body(wa.entry(wa.notice(field, value))))
    assert (row.kind, row.subkind) == ("account", field)
    assert msgspec.json.decode(row.raw) == value


def test_a_change_with_empty_lists_is_one_account_row() -> None:
    assert only(wa.body(wa.entry(wa.change(messages=[], statuses=[])))).kind == "account"


def test_errors_of_a_number_are_rows_of_their_own() -> None:
    rows = split(wa.one(wa.message(), errors=[{"code": 130429}, {"code": 131000}]))
    assert [(row.kind, row.subkind) for row in rows[1:]] == [("account", "errors")] * 2


def test_errors_inside_a_notice_stay_in_it() -> None:
    value = {"event": "CLIENT_ERROR_RATE", "errors": [{"error_count": 2}]}
    assert msgspec.json.decode(only(wa.body(wa.entry(wa.notice("flows", value)))).raw) == value


def test_messages_of_the_past_are_not_new_messages() -> None:
    row = only(wa.body(wa.entry(wa.change(field="history", messages=[wa.message()]))))
    assert (row.kind, row.subkind) == ("account", "history")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"not json",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b'{"entry": {}}',
        b'{"entry": []}',
        b'{"entry": null}',
        wa.one(wa.message())[:-3],
        b"[" * 100_000,
        b'{"entry":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_a_body_that_is_no_webhook_is_kept_whole(body: bytes) -> None:
    row = only(body)
    assert (row.kind, row.raw) == ("unparsed", body)
    assert row.error


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ({"entry": ["x"]}, b'"x"'),
        ({"entry": [{"id": "1"}]}, b'{"id":"1"}'),
        ({"entry": [{"changes": "x"}]}, b'{"changes":"x"}'),
        ({"entry": [{"changes": []}]}, b'{"changes":[]}'),
        ({"entry": [{"changes": [4]}]}, b"4"),
        ({"entry": [{"changes": [{"field": "f"}]}]}, b'{"field":"f"}'),
        ({"entry": [{"changes": [{"value": {"messages": {"a": 1}}}]}]}, b'{"a":1}'),
        ({"entry": [{"changes": [{"value": {"messages": ["x"]}}]}]}, b'"x"'),
    ],
)
def test_a_broken_part_is_kept_and_the_rest_goes_on(part: dict[str, Any], broken: bytes) -> None:
    part["entry"].append(wa.entry(wa.change(messages=[wa.message()])))
    first, second = split(msgspec.json.encode(part))
    assert (first.kind, first.raw) == ("unparsed", broken)
    assert second.kind == "message"


@pytest.mark.parametrize("half", [b"\\ud83d", b"\\ude00", b"\\ud83d\\n", b"\xff"])
def test_half_an_emoji_does_not_cost_the_others_their_messages(half: bytes) -> None:
    body = wa.body(
        wa.entry(wa.change(messages=[wa.message(text={"body": "HALF"}), wa.message(id="wamid.2")]))
    ).replace(b"HALF", half)
    assert [row.kind for row in split(body)] == ["message", "message"]


def test_whole_emoji_and_backslashes_are_not_repaired() -> None:
    raw = only(wa.one(wa.message(text={"body": "\\ud83d 😀"})) + b" ").raw
    assert msgspec.json.decode(raw)["text"]["body"] == "\\ud83d 😀"


@pytest.mark.parametrize("timestamp", ["1790000000", 1790000000, 1790000000.0, "1790000000000"])
def test_times_are_read_from_texts_and_numbers(timestamp: Any) -> None:
    row = only(wa.one(wa.message(timestamp=timestamp)))
    assert row.occurred_at == datetime.fromtimestamp(1790000000, UTC)


@pytest.mark.parametrize("timestamp", [None, "soon", -1, 0, True, 10**30, "nan", "inf", [], {}])
def test_a_time_that_is_none_leaves_the_column_empty(timestamp: Any) -> None:
    assert only(wa.one(wa.message(timestamp=timestamp))).occurred_at is None


def test_keys_fit_their_column_and_stay_apart() -> None:
    first, second = (only(wa.one(wa.message(id="x" * 5000 + end))) for end in "ab")
    assert len(first.key) <= 400
    assert first.key != second.key


def test_nul_never_reaches_a_text_column() -> None:
    row = only(wa.one(wa.message(id="wa\0mid", kind="te\0xt", sender="62\0811"), number="5\0"))
    assert "\0" not in row.key + row.subkind + row.number
    assert row.person is not None
    assert "\0" not in row.person.key()
