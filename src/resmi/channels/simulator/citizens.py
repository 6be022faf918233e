"""What simulated citizens do, as changes of the world. Pure."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from resmi.channels.simulator import state
from resmi.channels.simulator.state import Citizen, Json, Message, Number, World

OPENS_NO_WINDOW = ("reaction", "edit", "revoke", "system", "unsupported")
MEDIA_KINDS = ("image", "video", "audio", "document", "sticker")


class CantDo(Exception):
    """A citizen can't do this; the text says why."""


class Said(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One thing a citizen sends. Which fields count depends on `type`.

    text: `text` · choice: `message` + `id` (button, list row or template button of that message;
    without `message` a made-up one: `id`, `title`, `kind`) · image, video, audio, voice, document,
    sticker: `media` (an uploaded id), `text` as caption · location: `latitude`, `longitude`,
    `title`, `address` · contacts: `contacts` · contact_request: shares the own number · reaction:
    `message`, `emoji` (empty takes it back) · edit: `message`, `text` · revoke: `message` ·
    unsupported: `kind` · too_big: `kind` · raw: `kind` as message type, `content` as its object.
    """

    type: str
    text: str = ""
    message: str = ""
    reply_to: str = ""
    id: str = ""
    title: str = ""
    kind: str = ""
    media: str = ""
    latitude: float = 0.0
    longitude: float = 0.0
    address: str = ""
    contacts: list[Json] = msgspec.field(default_factory=list)
    emoji: str = ""
    content: Any = None
    forwarded: bool = False
    number: str = ""


def speak(
    world: World, number: Number, citizen: Citizen, said: Said, now: float, media_base: str
) -> Message:
    """Writes the message into the world and opens the window. Raises `CantDo`."""
    kind, content, reply_to = _content(world, number, citizen, said, now, media_base)
    message = Message(
        id=state.new_message_id(world),
        direction="in",
        number=number.id,
        citizen=citizen.key,
        at=now,
        type=kind,
        content=content,
        reply_to=reply_to or said.reply_to,
        forwarded=said.forwarded,
    )
    state.keep_message(world, message)
    if kind not in OPENS_NO_WINDOW:
        world.windows[state.pair(number.id, citizen.key)] = now
    if not citizen.hidden:
        world.phone_shared[state.pair(number.id, citizen.key)] = now
    return message


def _content(
    world: World, number: Number, citizen: Citizen, said: Said, now: float, media_base: str
) -> tuple[str, Json, str]:
    """Type, wire objects, and the message answered."""
    if said.type in (*MEDIA_KINDS, "voice"):
        return _media(world, said, now, media_base)
    if said.type == "choice":
        return _choice(world, citizen, said)
    if said.type in ("reaction", "edit", "revoke"):
        return _about_message(world, citizen, said)
    if said.type == "contact_request":
        return "contacts", {"contacts": [_own_card(citizen)]}, said.message
    return _plain(said)


def _plain(said: Said) -> tuple[str, Json, str]:
    if said.type == "text":
        if not said.text:
            raise CantDo("a text needs `text`")
        return "text", {"text": {"body": said.text}}, ""
    if said.type == "location":
        return "location", {"location": _place(said)}, ""
    if said.type == "contacts":
        return "contacts", {"contacts": said.contacts}, ""
    if said.type == "unsupported":
        errors = [
            _error(131051, "Message type unknown", "Message type is currently not supported.")
        ]
        return "unsupported", {"errors": errors, "unsupported": {"type": said.kind or "poll"}}, ""
    if said.type == "too_big":
        title = "Media file size too big. Max file size we currently support: 100MB."
        errors = [_error(131052, title, "Please ask for a file smaller than 100MB.")]
        return "unsupported", {"errors": errors, "unsupported": {"type": said.kind or "video"}}, ""
    if said.type == "raw" and said.kind:
        return said.kind, {said.kind: said.content}, ""
    raise CantDo(f"nobody can send a {said.type!r}")


def _error(code: int, title: str, details: str) -> Json:
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}}


def _place(said: Said) -> Json:
    place: Json = {"latitude": said.latitude, "longitude": said.longitude}
    if said.title:
        place["name"] = said.title
    if said.address:
        place["address"] = said.address
    return place


def _own_card(citizen: Citizen) -> Json:
    return {
        "origin": "contact_request",
        "name": {"formatted_name": citizen.name, "first_name": citizen.name},
        "phones": [{"phone": "+" + citizen.phone, "wa_id": citizen.phone, "type": "CELL"}],
    }


def _media(world: World, said: Said, now: float, media_base: str) -> tuple[str, Json, str]:
    media = world.media.get(said.media)
    if media is None:
        raise CantDo("upload the file first and name its id in `media`")
    kind = "audio" if said.type == "voice" else said.type
    content: Json = {"mime_type": media.mime, "sha256": media.sha256(), "id": media.id}
    if media_base:
        content["url"] = media_base + media_ticket(world, media.id, now)
    if said.text and kind not in ("audio", "sticker"):
        content["caption"] = said.text
    if kind == "document":
        content["filename"] = media.filename or "document"
    if kind == "audio":
        content["voice"] = said.type == "voice"
    if kind == "sticker":
        content["animated"] = False
    return kind, {kind: content}, ""


def media_ticket(world: World, media: str, now: float) -> str:
    """The last part of an address good for five minutes."""
    ticket = state.new_message_id(world)[6:].translate(str.maketrans("+/=", "-_."))
    world.media_tickets = {
        name: held for name, held in world.media_tickets.items() if held[1] > now
    } | {ticket: (media, now + 300.0)}
    return ticket


def _choice(world: World, citizen: Citizen, said: Said) -> tuple[str, Json, str]:
    if not said.message:
        reply = _reply(said.kind or "button", said.id, said.title, said.text)
        return "interactive", {"interactive": reply}, ""
    asked = world.messages.get(said.message)
    if asked is None or asked.direction != "out" or asked.citizen != citizen.key:
        raise CantDo("there is no such message to answer")
    for kind, option in options(asked):
        if option["id"] != said.id:
            continue
        if kind == "template":
            content = {"button": {"payload": option["id"], "text": option["title"]}}
            return "button", content, asked.id
        return (
            "interactive",
            {"interactive": _reply(kind, option["id"], option["title"], option["description"])},
            asked.id,
        )
    raise CantDo(f"the message offers no {said.id!r}")


def _reply(kind: str, chosen: str, title: str, description: str) -> Json:
    name = f"{kind}_reply"
    reply: Json = {"id": chosen, "title": title}
    if description:
        reply["description"] = description
    return {"type": name, name: reply}


def options(message: Message) -> list[tuple[Literal["button", "list", "template"], dict[str, str]]]:
    """What a citizen can tap in a message from the business."""
    if message.type == "template":
        return [
            ("template", {"id": one["payload"], "title": one["text"], "description": ""})
            for one in (message.rendered or {}).get("buttons", [])
            if one["type"] == "QUICK_REPLY"
        ]
    content = message.content.get("interactive", {})
    action = content.get("action", {})
    if content.get("type") == "button":
        return [("button", {**one["reply"], "description": ""}) for one in action["buttons"]]
    if content.get("type") == "list":
        return [
            ("list", {"description": "", **row})
            for section in action["sections"]
            for row in section["rows"]
        ]
    return []


def _about_message(world: World, citizen: Citizen, said: Said) -> tuple[str, Json, str]:
    target = world.messages.get(said.message)
    if target is None or target.citizen != citizen.key:
        raise CantDo("there is no such message in this chat")
    if said.type == "reaction":
        content: Json = {"message_id": target.id}
        if said.emoji:
            content["emoji"] = said.emoji
            target.reactions["citizen"] = said.emoji
        else:
            target.reactions.pop("citizen", None)
        return "reaction", {"reaction": content}, ""
    if target.direction != "in":
        raise CantDo("only one's own messages can be changed")
    if said.type == "revoke":
        target.revoked = True
        return "revoke", {"revoke": {"original_message_id": target.id}}, ""
    if target.type != "text" or not said.text:
        raise CantDo("only a text can be edited, and `text` is its new wording")
    target.content["text"]["body"] = said.text
    target.edited = True
    inner = {
        "context": {"id": target.reply_to or "M0"},
        "type": "text",
        "text": {"body": said.text},
    }
    return "edit", {"edit": {"original_message_id": target.id, "message": inner}}, ""


def change_number(world: World, citizen: Citizen, phone: str, now: float) -> list[Message]:
    """Gives the citizen a new phone, hence a new scoped id; one notice per number chatted with.

    Raises `CantDo` when the number is taken or no number.
    """
    digits = re.sub(r"\D", "", phone)
    if not digits or state.by_phone(world, digits) is not None:
        raise CantDo("give a phone number that nobody has")
    old_phone, old_id = citizen.phone, state.user_id(world, citizen)
    citizen.phone, citizen.generation = digits, citizen.generation + 1
    state.index_citizen(world, citizen)
    new_id = state.user_id(world, citizen)
    notices = []
    for number in world.numbers.values():
        if state.pair(number.id, citizen.key) not in world.windows:
            continue
        visible = state.phone_visible(world, number.id, citizen, now)
        before, after = (old_phone, digits) if visible else (old_id, new_id)
        system: Json = {
            "body": f"User {citizen.name} changed from {before} to {after}",
            "user_id": new_id,
            "previous_user_id": old_id,
            "type": "user_changed_number" if visible else "user_changed_user_id",
        }
        if visible:
            system["wa_id"] = digits
        message = Message(
            id=state.new_message_id(world),
            direction="in",
            number=number.id,
            citizen=citizen.key,
            at=now,
            type="system",
            content={"system": system, **({"from": old_phone} if visible else {})},
        )
        state.keep_message(world, message)
        notices.append(message)
    return notices


PERSONAS = (
    Citizen(key="budi", name="Budi Santoso", phone="6281255500111", country="ID", language="id"),
    Citizen(key="minji", name="김민지", phone="821055500222", country="KR", language="ko"),
    Citizen(
        key="ayu",
        name="Ayu Lestari",
        phone="6281355500333",
        country="ID",
        language="en",
        username="ayu.lestari",
        hidden=True,
    ),
)
"""The demo's citizens: an Indonesian, a Korean, and an English speaker known by username only."""
