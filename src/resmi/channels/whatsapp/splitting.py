"""From the body of one POST to the items in it: pure, never raises, never drops anything.

A body holds `entry[]` × `changes[]` × `value`, and a value any mix of `messages[]`, `statuses[]`,
`calls[]`, `message_echoes[]`, `user_preferences[]` and `errors[]`, up to a thousand in all. Each
becomes one row with the exact bytes of the item and an envelope of what stood round it. A value
with none of these becomes one `account` row. What has not the shape of an item, a change, an entry
or a body becomes one `unparsed` row with the bytes of exactly that part. So every split gives at
least one row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from resmi.channels.errors import Unreadable
from resmi.channels.whatsapp import people, plain_reports, wire
from resmi.channels.whatsapp.rows import Around
from resmi.channels.whatsapp.rows import Envelope as Envelope
from resmi.channels.whatsapp.rows import Row as Row

# Messages under another field are not new: `history` brings a number's past.
LIVE_FIELDS = frozenset({"messages", ""})
# Elsewhere `errors` is a detail of the notice, e.g. of `flows`.
ERROR_FIELDS = frozenset({"messages", "calls", ""})
ITEM_LISTS = ("messages", "statuses", "calls", "message_echoes", "user_preferences", "errors")
NOT_ITEMS = frozenset({"messaging_product", "metadata", "contacts"})
LONGEST_KEY = 400
LONGEST_SUBKIND = 40


class _Body(msgspec.Struct):
    entry: list[msgspec.Raw]


class _Entry(msgspec.Struct):
    changes: list[msgspec.Raw]
    id: Any = None
    time: Any = None


class _Change(msgspec.Struct):
    value: msgspec.Raw
    field: Any = None


def split(body: bytes, *, received: datetime) -> tuple[Row, ...]:
    """The rows of a POST's body; `received` is when it came (aware). At least one row, always.

    A body that only broken text makes unreadable is repaired first (`wire.repaired`); the rows then
    hold the repaired bytes.
    """
    around = Around(received=received)
    try:
        return _rows_of(body, around)
    except Unreadable as error:
        reason = error.reason
    try:
        return _rows_of(wire.repaired(body), around)
    except Unreadable:
        return (_unparsed(body, around, reason),)


def _rows_of(body: bytes, around: Around) -> tuple[Row, ...]:
    rows = tuple(
        row
        for entry in wire.decode(body, _Body).entry
        for row in _rows_of_entry(bytes(entry), around)
    )
    if not rows:
        raise Unreadable("no entry")
    return rows


def _rows_of_entry(raw: bytes, around: Around) -> Iterator[Row]:
    try:
        entry = wire.decode(raw, _Entry)
    except Unreadable as error:
        yield _unparsed(raw, around, f"entry: {error.reason}")
        return
    inside = msgspec.structs.replace(
        around, account=wire.as_text(entry.id), time=wire.as_text(entry.time)
    )
    if not entry.changes:
        yield _unparsed(raw, inside, "entry without changes")
    for change in entry.changes:
        yield from _rows_of_change(bytes(change), inside)


def _rows_of_change(raw: bytes, around: Around) -> Iterator[Row]:
    try:
        change = wire.decode(raw, _Change)
    except Unreadable as error:
        yield _unparsed(raw, around, f"change: {error.reason}")
        return
    around = msgspec.structs.replace(around, field=wire.as_text(change.field))
    value_raw = bytes(change.value)
    try:
        value = wire.decode(value_raw, dict[str, msgspec.Raw])
        around = _with_surroundings(around, value)
    except Unreadable:
        yield _notice(value_raw, around)
        return
    rows = tuple(_rows_of_value(value, around))
    yield from rows or [_notice(value_raw, around)]


def _with_surroundings(around: Around, value: Mapping[str, msgspec.Raw]) -> Around:
    metadata = _mapping_or_empty(value.get("metadata"))
    return msgspec.structs.replace(
        around,
        number=wire.text(metadata, "phone_number_id"),
        display=wire.text(metadata, "display_phone_number"),
        metadata=value.get("metadata"),
        seen={},
        contacts=people.Contacts(
            people.Contact(raw, node)
            for raw in _list_or_empty(value.get("contacts"))
            if (node := _mapping_or_empty(raw))
        ),
    )


def _rows_of_value(value: Mapping[str, msgspec.Raw], around: Around) -> Iterator[Row]:
    names = ITEM_LISTS if around.field in ERROR_FIELDS else ITEM_LISTS[:-1]
    lists = {name: value[name] for name in names if name in value}
    rest = _rest(value, lists)
    for name, raw_list in lists.items():
        try:
            items = wire.decode(raw_list, list[msgspec.Raw])
        except Unreadable as error:
            reason = f"{name}: {error.reason}"
            yield _unparsed(bytes(raw_list), around, reason, part=name, rest=rest)
            rest = {}
            continue
        for raw in items:
            yield _row_of_item(name, bytes(raw), around, rest)
            rest = {}


def _rest(
    value: Mapping[str, msgspec.Raw], lists: Mapping[str, msgspec.Raw]
) -> dict[str, msgspec.Raw]:
    """All that no item's own envelope carries; the contacts only when they are several."""
    several = len(_list_or_empty(value.get("contacts"))) > 1
    return {
        name: raw
        for name, raw in value.items()
        if name not in lists and (name not in NOT_ITEMS or (name == "contacts" and several))
    }


def _row_of_item(name: str, raw: bytes, around: Around, rest: dict[str, msgspec.Raw]) -> Row:
    if name == "statuses" and (row := _row_of_status(raw, around, rest)):
        return row
    try:
        node = wire.mapping(raw)
    except Unreadable as error:
        return _unparsed(raw, around, f"{name}: {error.reason}", part=name, rest=rest)
    if name == "errors" or (name == "messages" and around.field not in LIVE_FIELDS):
        return _notice(raw, around, part=name, rest=rest)
    kind, subkind, marks = _identified(name, node, around)
    names = people.naming(kind, node, around.display)
    contact = around.contacts.find(node, names)
    contact_node = contact.node if contact else {}
    return Row(
        kind=kind,
        subkind=subkind[:LONGEST_SUBKIND],
        key=_key(around.number, *marks)
        if all(marks[:2])
        else _hashed(around.number, marks[0], raw),
        number=around.number,
        account=around.account,
        display=around.display,
        person=(
            people.before_and_after(node, contact_node, scope="")[0]
            if kind == "identity"
            else people.person(node, contact_node, names, scope="")
        ),
        occurred_at=wire.moment(node.get("timestamp")),
        raw=raw,
        envelope=around.envelope(contact=contact.raw if contact else None, rest=rest),
    )


def _row_of_status(raw: bytes, around: Around, rest: dict[str, msgspec.Raw]) -> Row | None:
    """What `_row_of_item` makes of a plain status, sooner; None leaves it to that."""
    seen = plain_reports.glance(raw) if around.field != "calls" else None
    if seen is None or not around.number:
        return None
    plain, at = seen
    told = around.told(plain)
    return Row(
        kind="status",
        subkind=plain.status,
        key=_key(
            around.number,
            "s",
            plain.id,
            plain.status,
            plain.recipient_id or plain.recipient_user_id,
        ),
        number=around.number,
        account=around.account,
        display=around.display,
        person=told.person,
        occurred_at=at,
        raw=raw,
        envelope=around.envelope(contact=told.contact, rest=rest) if rest else told.envelope,
        report=plain.report(at),
    )


def _identified(
    name: str, node: Mapping[str, Any], around: Around
) -> tuple[str, str, tuple[str, ...]]:
    """Kind, subkind and what makes the item's key; the key's second part empty = no id."""
    identifier = wire.text(node, "id")
    if name == "messages":
        type_ = wire.text(node, "type")
        kind = "identity" if type_ == "system" else "message"
        return kind, type_, ("m", identifier)
    if name == "message_echoes":
        return "echo", wire.text(node, "type"), ("e", identifier)
    if name == "user_preferences":
        return "preference", wire.text(node, "value"), ("p", "")
    if name == "calls":
        event = wire.text(node, "event")
        return "call", event, ("c", identifier and event and identifier, event)
    return _identified_status(identifier, node, around)


def _identified_status(
    identifier: str, node: Mapping[str, Any], around: Around
) -> tuple[str, str, tuple[str, ...]]:
    status = wire.text(node, "status")
    known = identifier if status else ""
    if wire.text(node, "type") == "call" or around.field == "calls":
        return "call", status, ("c", known, status)
    to = wire.text(node, "recipient_id", "recipient_user_id")
    if participant := wire.text(node, "recipient_participant_id", "participant_recipient_id"):
        to = f"{to}/{participant}"
    return "status", status, ("s", known, status, to)


def _notice(
    raw: bytes,
    around: Around,
    *,
    part: str = "",
    rest: dict[str, msgspec.Raw] | None = None,
) -> Row:
    """Something about the account: a change's whole value, or one of its errors."""
    subject = around.field if not part or part == "messages" else part
    return Row(
        kind="account",
        subkind=subject[:LONGEST_SUBKIND],
        key=_key(around.account, "a", subject, around.time, _digest(raw)),
        number=around.number,
        account=around.account,
        display=around.display,
        person=None,
        occurred_at=wire.moment(around.time),
        raw=raw,
        envelope=around.envelope(part=part, rest=rest or {}),
    )


def _unparsed(
    raw: bytes,
    around: Around,
    reason: str,
    *,
    part: str = "",
    rest: dict[str, msgspec.Raw] | None = None,
) -> Row:
    return Row(
        kind="unparsed",
        subkind=around.field[:LONGEST_SUBKIND],
        key=_hashed(around.number or around.account, "u", raw),
        number=around.number,
        account=around.account,
        display=around.display,
        person=None,
        occurred_at=None,
        raw=raw,
        envelope=around.envelope(part=part, rest=rest or {}),
        error=reason,
    )


def _key(*parts: str) -> str:
    key = ":".join(("wa", *parts))
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 40]}#{_digest(key.encode())}"


def _hashed(owner: str, letter: str, raw: bytes) -> str:
    return _key(owner, letter, f"#{_digest(raw)}")


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:32]


def _list_or_empty(raw: msgspec.Raw | None) -> list[msgspec.Raw]:
    try:
        return wire.decode(raw, list[msgspec.Raw]) if raw is not None else []
    except Unreadable:
        return []


def _mapping_or_empty(raw: msgspec.Raw | None) -> dict[str, Any]:
    try:
        return wire.mapping(raw) if raw is not None else {}
    except Unreadable:
        return {}
