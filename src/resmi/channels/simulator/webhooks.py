"""Webhook bodies and signatures exactly as Meta makes them. Pure.

Source: Meta's webhook reference; bodies carry `\\u` escapes and `\\/`, and the signature is over
those very bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import msgspec

from resmi.channels.simulator import state
from resmi.channels.simulator.state import Citizen, Json, Message, Number, World


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One update. With `key` it is one element of that list in a value, else a whole value."""

    waba: str
    field: str
    data: Json
    number: Json | None = None
    key: str = ""
    contact: Json | None = None
    time: int = 0
    message: str = ""


def encode(body: object) -> bytes:
    """JSON as PHP writes it: ASCII with `\\u` escapes, slashes escaped, no blanks."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def body_of(items: list[Item], *, mix: bool = False, unknown_fields: bool = False) -> Json:
    """One POST for these updates: an entry per account, a change per number and kind."""
    entries: dict[tuple[str, int], Json] = {}
    changes: dict[tuple[object, ...], Json] = {}
    for serial, item in enumerate(items):
        entry = entries.setdefault((item.waba, item.time), _entry(item))
        if not item.key:
            entry["changes"].append({"value": item.data, "field": item.field})
            continue
        number = (item.number or {}).get("phone_number_id", serial)
        spot = (item.waba, item.time, item.field, number, "" if mix else item.key)
        value = changes.get(spot)
        if value is None:
            value = changes[spot] = _value(item)
            entry["changes"].append({"value": value, "field": item.field})
        _add(value, item)
    body = {"object": "whatsapp_business_account", "entry": list(entries.values())}
    return _with_unknowns(body) if unknown_fields else body


def _entry(item: Item) -> Json:
    entry: Json = {"id": item.waba, "changes": []}
    if item.time:
        entry["time"] = item.time
    return entry


def _value(item: Item) -> Json:
    value: Json = {"messaging_product": "whatsapp"}
    if item.number is not None:
        value["metadata"] = item.number
    return value


def _add(value: Json, item: Item) -> None:
    if item.contact is not None:
        known = value.setdefault("contacts", [])
        if item.contact not in known:
            known.append(item.contact)
    value.setdefault(item.key, []).append(item.data)


def _with_unknowns(body: Json) -> Json:
    body["future_top_level"] = {"v": 1}
    for entry in body["entry"]:
        entry["future_entry"] = [1, None]
        for change in entry["changes"]:
            change["future_change"] = "x"
            change["value"]["future_value"] = {"nested": {"deep": True}}
    return body


def metadata(number: Number) -> Json:
    """The `metadata` of a value."""
    return {"display_phone_number": number.display, "phone_number_id": number.id}


def contact(world: World, number: Number, citizen: Citizen, now: float, *, old: bool) -> Json:
    """The `contacts[]` entry: phone only where it may be seen, scoped id unless `old` shapes."""
    profile: Json = {"name": citizen.name}
    if citizen.username:
        profile["username"] = "@" + citizen.username
    entry: Json = {"profile": profile}
    if old or state.phone_visible(world, number.id, citizen, now):
        entry["wa_id"] = citizen.phone
    if not old:
        entry["user_id"] = state.user_id(world, citizen)
    return entry


def sender(world: World, number: Number, citizen: Citizen, now: float, *, old: bool) -> Json:
    """`from` and `from_user_id` of an inbound message."""
    fields: Json = {}
    if old or state.phone_visible(world, number.id, citizen, now):
        fields["from"] = citizen.phone
    if not old:
        fields["from_user_id"] = state.user_id(world, citizen)
    return fields


def inbound(
    world: World, number: Number, citizen: Citizen, message: Message, *, old: bool = False
) -> Item:
    """The webhook update of a citizen's message."""
    data: Json = {}
    if message.reply_to or message.forwarded:
        data["context"] = _context(world, number, citizen, message, old=old)
    data |= sender(world, number, citizen, message.at, old=old)
    data |= {"id": message.id, "timestamp": str(int(message.at)), "type": message.type}
    return Item(
        waba=number.waba,
        field="messages",
        number=metadata(number),
        key="messages",
        contact=contact(world, number, citizen, message.at, old=old),
        data=data | message.content,
        message=message.id,
    )


def _context(
    world: World, number: Number, citizen: Citizen, message: Message, *, old: bool
) -> Json:
    if message.forwarded:
        return {"forwarded": True}
    quoted = world.messages.get(message.reply_to)
    fields: Json = {"id": message.reply_to}
    if quoted is None or quoted.direction == "out":
        return {"from": number.display, **fields}
    return sender(world, number, citizen, message.at, old=old) | fields


def status(
    world: World,
    number: Number,
    message: Message,
    *,
    name: str,
    at: float,
    old: bool = False,
    failed_contacts: str = "none",
) -> Item:
    """The webhook update of a status. A failed one carries no contact, as documented."""
    citizen = world.citizens.get(message.citizen)
    data: Json = {"id": message.id, "status": name, "timestamp": str(int(at))}
    data |= _recipient(world, number, message, citizen, at, name, old=old)
    if message.opaque:
        data["biz_opaque_callback_data"] = message.opaque
    if message.priced and name in ("sent", "delivered"):
        data["pricing"] = message.priced
    if name == "failed" and message.error:
        data["errors"] = [message.error]
    who: Json | None = None
    if citizen is not None and (name != "failed" or failed_contacts == "full"):
        who = contact(world, number, citizen, at, old=old)
    elif name == "failed" and failed_contacts == "bare":
        who = {"wa_id": message.recipient}
    return Item(
        waba=number.waba,
        field="messages",
        number=metadata(number),
        key="statuses",
        contact=who,
        data=data,
        message=message.id,
    )


def _recipient(
    world: World,
    number: Number,
    message: Message,
    citizen: Citizen | None,
    at: float,
    name: str,
    *,
    old: bool,
) -> Json:
    if citizen is None:
        by_id = message.addressed == "user_id"
        return {"recipient_user_id" if by_id else "recipient_id": message.recipient}
    fields: Json = {}
    by_phone = message.addressed == "phone"
    if old or by_phone or state.phone_visible(world, number.id, citizen, at):
        fields["recipient_id"] = citizen.phone
    if not old and not (name == "failed" and by_phone):
        fields["recipient_user_id"] = state.user_id(world, citizen)
    return fields


def preference(world: World, number: Number, citizen: Citizen, now: float) -> Item:
    """The citizen stopped or resumed marketing messages."""
    value = "stop" if citizen.marketing_stopped else "resume"
    data: dict[str, Any] = {
        "detail": f"User requested to {value} marketing messages",
        "category": "marketing_messages",
        "value": value,
        "timestamp": int(now),
    }
    if state.phone_visible(world, number.id, citizen, now):
        data["wa_id"] = citizen.phone
    data["user_id"] = state.user_id(world, citizen)
    return Item(
        waba=number.waba,
        field="user_preferences",
        number=metadata(number),
        key="user_preferences",
        contact=contact(world, number, citizen, now, old=False),
        data=data,
    )


def account(waba: str, field: str, value: Json, now: float) -> Item:
    """An account-level update: a template, a number's quality, a limit, a restriction."""
    return Item(waba=waba, field=field, data=value, time=int(now))
