"""What a WhatsApp message says, as the engine's content. Pure.

Kinds nobody knows read as `Unsupported`, so that they are kept, shown and answered; only a message
whose own part is missing or broken is `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from resmi.channels.errors import Unreadable
from resmi.channels.whatsapp import wire
from resmi.engine import content
from resmi.engine.content import MediaKind

Node = Mapping[str, Any]

MEDIA_KINDS: dict[str, MediaKind] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "voice": "voice",
    "document": "document",
    "sticker": "sticker",
}
LONGEST_FILE_NAME = 255
LONGEST_MIME = 200
LONGEST_ID = 200
LONGEST_DETAIL = 1000


def read(message: Node) -> content.Inbound:
    """The content of a `messages[]` or `message_echoes[]` item. Raises `Unreadable`."""
    kind = wire.text(message, "type") or _implied_kind(message)
    if kind in MEDIA_KINDS:
        return _media(kind, message)
    reader = _READERS.get(kind)
    return reader(message) if reader else _unsupported(kind, message)


def _implied_kind(message: Node) -> str:
    known = (name for name in (*_READERS, *MEDIA_KINDS) if isinstance(message.get(name), dict))
    return next(known, "")


def _part(message: Node, kind: str) -> dict[str, Any]:
    part = message.get(kind)
    if not isinstance(part, dict):
        raise Unreadable(f"a message of type {kind} without {kind}")
    return part


def _text(message: Node) -> content.Inbound:
    body = _part(message, "text").get("body")
    if not isinstance(body, str):
        raise Unreadable("a text without body")
    return content.Text(wire.as_text(body))


def _media(kind: str, message: Node) -> content.Inbound:
    part = message.get(kind)
    if not isinstance(part, dict) or not wire.text(part, "id"):
        if complaint := _complaint(message):
            return content.Unsupported(kind, complaint)
        raise Unreadable(f"{kind} without a file")
    is_voice = kind == "audio" and part.get("voice") is True
    return content.Media(
        kind="voice" if is_voice else MEDIA_KINDS[kind],
        mime=wire.text(part, "mime_type")[:LONGEST_MIME] or "application/octet-stream",
        provider_id=wire.text(part, "id")[:LONGEST_ID],
        caption=wire.text(part, "caption"),
        filename=wire.text(part, "filename")[-LONGEST_FILE_NAME:],
        sha256=wire.text(part, "sha256"),
    )


def _location(message: Node) -> content.Inbound:
    part = _part(message, "location")
    latitude, longitude = wire.number(part.get("latitude")), wire.number(part.get("longitude"))
    name, address = wire.text(part, "name"), wire.text(part, "address")
    if latitude is None or longitude is None or not _is_on_earth(latitude, longitude):
        return content.Unsupported("location", ", ".join(filter(None, (name, address))))
    return content.Location(latitude, longitude, name, address)


def _is_on_earth(latitude: float, longitude: float) -> bool:
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def _contacts(message: Node) -> content.Inbound:
    entries = wire.tables(message, "contacts")
    if not entries:
        raise Unreadable("contacts without a contact")
    return content.SharedContacts(
        people=tuple(_shared_contact(entry) for entry in entries),
        answers_request=any(
            wire.text(entry, "origin") == "contact_request" for entry in (message, *entries)
        ),
    )


def _shared_contact(entry: Node) -> content.SharedContact:
    name = wire.table(entry, "name")
    parts = (wire.text(name, key) for key in ("first_name", "middle_name", "last_name"))
    phones = wire.tables(entry, "phones")
    return content.SharedContact(
        name=wire.text(name, "formatted_name") or " ".join(filter(None, parts)),
        phones=_texts(phones, "phone", "wa_id"),
        emails=_texts(wire.tables(entry, "emails"), "email"),
        user_ids=_texts((entry, *phones), "user_id"),
    )


def _texts(nodes: tuple[Node, ...] | list[dict[str, Any]], *keys: str) -> tuple[str, ...]:
    return tuple(filter(None, (wire.text(node, *keys) for node in nodes)))


def _interactive(message: Node) -> content.Inbound:
    part = _part(message, "interactive")
    kind = wire.text(part, "type") or next(
        (name for name in _INTERACTIVE if isinstance(part.get(name), dict)), ""
    )
    reader = _INTERACTIVE.get(kind)
    if reader is None:
        return _unsupported(f"interactive.{kind}".rstrip("."), message)
    return reader(_part(part, kind))


def _choice(reply: Node) -> content.Inbound:
    identifier = wire.text(reply, "id")
    if not identifier:
        raise Unreadable("a choice without id")
    return content.Choice(identifier, wire.text(reply, "title"), wire.text(reply, "description"))


def _form(reply: Node) -> content.Inbound:
    """A flow's answers; `response_json` is JSON in a text. A broken one is kept under its name."""
    answers = wire.text(reply, "response_json")
    values: dict[str, Any] = {}
    if answers:
        try:
            values = wire.mapping(answers.encode())
        except Unreadable:
            values = {"response_json": answers}
    if token := wire.text(reply, "flow_token"):
        values.setdefault("flow_token", token)
    return content.FormReply(wire.text(reply, "name") or "flow", _as_texts(values))


def _call_permission(reply: Node) -> content.Inbound:
    return content.FormReply("call_permission", _as_texts(reply))


def _as_texts(values: Node) -> dict[str, str]:
    return {
        wire.as_text(name): wire.as_text(value) if isinstance(value, str) else _json(value)
        for name, value in values.items()
    }


def _json(value: Any) -> str:
    return wire.as_text(msgspec.json.encode(value).decode())


def _button(message: Node) -> content.Inbound:
    part = _part(message, "button")
    title = wire.text(part, "text")
    identifier = wire.text(part, "payload") or title
    if not identifier:
        raise Unreadable("a button without payload and text")
    return content.Choice(identifier, title)


def _reaction(message: Node) -> content.Inbound:
    part = _part(message, "reaction")
    return content.Reaction(wire.text(part, "message_id"), wire.text(part, "emoji"))


def _order(message: Node) -> content.Inbound:
    part = _part(message, "order")
    products = ", ".join(
        f"{wire.text(item, 'quantity')} × {wire.text(item, 'product_retailer_id')}"
        for item in wire.tables(part, "product_items")
    )
    detail = ": ".join(filter(None, (wire.text(part, "text"), products)))
    return content.Unsupported("order", detail[:LONGEST_DETAIL])


def _edit(message: Node) -> content.Inbound:
    part = _part(message, "edit")
    new = wire.table(part, "message")
    kind = wire.text(new, "type")
    body = wire.text(wire.table(new, "text"), "body") or wire.text(wire.table(new, kind), "caption")
    return content.Edit(_target(part), body)


def _revocation(message: Node) -> content.Inbound:
    return content.Revocation(_target(_part(message, "revoke")))


def _target(part: Node) -> str:
    target = wire.text(part, "original_message_id")
    if not target:
        raise Unreadable("a change to an earlier message that names none")
    return target


def _declared_unsupported(message: Node) -> content.Inbound:
    kind = wire.text(wire.table(message, "unsupported"), "type") or "unsupported"
    return _unsupported(kind, message)


def _unsupported(kind: str, message: Node) -> content.Inbound:
    return content.Unsupported(kind or "unknown", _complaint(message)[:LONGEST_DETAIL])


def _complaint(message: Node) -> str:
    errors = wire.tables(message, "errors")
    return complaint(errors[0]) if errors else ""


def complaint(error: Node) -> str:
    """The most telling words of an element of `errors[]`; codes decide, words are for people."""
    details = wire.text(wire.table(error, "error_data"), "details")
    return details or wire.text(error, "details", "message", "title")


_INTERACTIVE: dict[str, Callable[[Node], content.Inbound]] = {
    "button_reply": _choice,
    "list_reply": _choice,
    "nfm_reply": _form,
    "call_permission_reply": _call_permission,
}
_READERS: dict[str, Callable[[Node], content.Inbound]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "reaction": _reaction,
    "order": _order,
    "edit": _edit,
    "revoke": _revocation,
    "unsupported": _declared_unsupported,
}
