"""Counts the items in a WhatsApp webhook by its own rules: the yardstick for what was stored.

Written apart from `resmi.channels.whatsapp.splitting` on purpose, straight from Meta's description
of the format and the rules for keys, so that a fault in one shows against the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

Raw = msgspec.Raw
Broken = (msgspec.MsgspecError, ValueError, RecursionError)

LISTED = {
    "messages": "message",
    "statuses": "status",
    "calls": "call",
    "message_echoes": "echo",
    "user_preferences": "preference",
    "errors": "error",
}


class Counted(NamedTuple):
    """One item that must be found in the database under `key`; `kind` is for people."""

    key: str
    kind: str


class _Where(NamedTuple):
    waba: str = ""
    time: str = ""
    field: str = ""
    number: str = ""


def items(body: bytes) -> list[Counted]:
    """Every item of a POST's body, repeated ones as often as they stand there; at least one."""
    try:
        entries = msgspec.json.decode(msgspec.json.decode(body, type=dict[str, Raw])["entry"])
        parts = msgspec.json.decode(_at(body, "entry"), type=list[Raw])
    except (*Broken, KeyError):
        return [_broken("", body)]
    counted = [
        one
        for entry, raw in zip(entries, parts, strict=True)
        for one in _in_entry(entry, bytes(raw))
    ]
    return counted or [_broken("", body)]


def _in_entry(entry: Any, raw: bytes) -> Iterator[Counted]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        yield _broken("", raw)
        return
    where = _Where(_word(entry.get("id")), _word(entry.get("time")))
    if not changes:
        yield _broken(where.waba, raw)
    parts = msgspec.json.decode(_at(raw, "changes"), type=list[Raw])
    for change, part in zip(changes, parts, strict=True):
        yield from _in_change(change, bytes(part), where)


def _in_change(change: Any, raw: bytes, where: _Where) -> Iterator[Counted]:
    if not isinstance(change, dict) or "value" not in change:
        yield _broken(where.waba, raw)
        return
    where = where._replace(field=_word(change.get("field")))
    value, value_raw = change["value"], _at(raw, "value")
    found = list(_in_value(value, value_raw, where)) if isinstance(value, dict) else []
    yield from found or [_notice(where.field, value_raw, where)]


def _in_value(value: dict[str, Any], raw: bytes, where: _Where) -> Iterator[Counted]:
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        where = where._replace(number=_word(metadata.get("phone_number_id")))
    for name in LISTED:
        if name not in value or (name == "errors" and where.field not in ("messages", "calls", "")):
            continue
        list_raw = _at(raw, name)
        if not isinstance(value[name], list):
            yield _broken(where.number or where.waba, list_raw)
            continue
        parts = msgspec.json.decode(list_raw, type=list[Raw])
        for item, part in zip(value[name], parts, strict=True):
            yield _item(name, item, bytes(part), where)


def _item(name: str, item: Any, raw: bytes, where: _Where) -> Counted:
    if not isinstance(item, dict):
        return _broken(where.number or where.waba, raw)
    if name == "errors":
        return _notice("errors", raw, where)
    if name == "messages" and where.field not in ("messages", ""):
        return _notice(where.field, raw, where)
    identifier, parts = _word(item.get("id")), _parts(name, item, where)
    if not identifier or name == "user_preferences" or not all(parts[:2]):
        parts = (parts[0], f"#{_hash(raw)}")
    subkind = next(filter(None, (_word(item.get(key)) for key in ("type", "event", "status"))), "")
    if name == "statuses":
        subkind = _word(item.get("status"))
    return Counted(":".join(("wa", where.number, *parts)), f"{LISTED[name]}.{subkind}".rstrip("."))


def _parts(name: str, item: dict[str, Any], where: _Where) -> tuple[str, ...]:
    identifier, status = _word(item.get("id")), _word(item.get("status"))
    if name == "calls":
        event = _word(item.get("event"))
        return ("c", identifier if event else "", event)
    if name == "statuses" and (item.get("type") == "call" or where.field == "calls"):
        return ("c", identifier if status else "", status)
    if name == "statuses":
        person = _word(item.get("recipient_id")) or _word(item.get("recipient_user_id"))
        return ("s", identifier if status else "", status, person)
    return ({"messages": "m", "message_echoes": "e"}.get(name, "p"), identifier)


def _notice(field: str, raw: bytes, where: _Where) -> Counted:
    key = ":".join(("wa", where.waba, "a", field, where.time, _hash(raw)))
    return Counted(key, f"account.{field}".rstrip("."))


def _broken(owner: str, raw: bytes) -> Counted:
    return Counted(f"wa:{owner}:u:#{_hash(raw)}", "unparsed")


def _at(raw: bytes, key: str) -> bytes:
    """The exact bytes of an object's member."""
    return bytes(msgspec.json.decode(raw, type=dict[str, Raw])[key])


def _word(value: Any) -> str:
    is_word = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).replace("\0", "\ufffd") if is_word else ""


def _hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:32]
