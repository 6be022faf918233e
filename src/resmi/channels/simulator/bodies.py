"""Validates the body of POST /{phone}/messages as strictly as Meta does. Pure.

Limits: Meta's pages on text, media, location, contacts, reaction and template messages.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from resmi.channels.simulator import interactive
from resmi.channels.simulator.errors import Refusal

Json = dict[str, Any]

TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
OPAQUE_LENGTH = 512
MEDIA_TYPES = ("image", "video", "audio", "document", "sticker")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is well formed; whether it may be sent is another question."""

    type: str
    content: Json
    to: str = ""
    recipient: str = ""
    context: str = ""
    opaque: str = ""


class ReadMark(msgspec.Struct, frozen=True, kw_only=True):
    """The business has read up to a message; perhaps it is typing."""

    message: str
    typing: bool = False


def read_body(body: object) -> Draft | ReadMark:
    """A draft or a read mark. Raises `Refusal` (100, 131008, 131009) naming the parameter."""
    if not isinstance(body, dict):
        raise Refusal(100, "The body must be a JSON object")
    if body.get("messaging_product") != "whatsapp":
        raise Refusal(100, "The parameter messaging_product is required.")
    if "status" in body:
        return _read_mark(body)
    to, recipient = _text(body, "to"), _text(body, "recipient")
    if not to and not recipient:
        raise Refusal(131008, "Either 'to' or 'recipient' is required")
    if body.get("recipient_type", "individual") not in ("individual", "group"):
        raise Refusal(131009, "recipient_type must be individual or group")
    kind = body.get("type", "text")
    check = CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise Refusal(131051, f"Message type {kind!r} is not supported")
    content = body.get(kind)
    if kind != "contacts" and not isinstance(content, dict):
        raise Refusal(131008, f"Parameter '{kind}' is mandatory for type '{kind}'")
    check(content)
    content = content if isinstance(content, dict) else {"contacts": content}
    return Draft(
        type=kind,
        content=content,
        to=to,
        recipient=recipient,
        context=_context(body),
        opaque=_opaque(body),
    )


def _read_mark(body: Json) -> ReadMark:
    if body["status"] != "read":
        raise Refusal(131009, "status must be 'read'")
    message = _text(body, "message_id")
    if not message:
        raise Refusal(131008, "message_id is required")
    typing = body.get("typing_indicator")
    if typing is not None and typing != {"type": "text"}:
        raise Refusal(131009, "typing_indicator.type must be 'text'")
    return ReadMark(message=message, typing=typing is not None)


def _text(body: Json, name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Refusal(100, f"Param {name} must be a string.")
    return value.strip()


def _context(body: Json) -> str:
    context = body.get("context")
    if context is None:
        return ""
    if not isinstance(context, dict) or not isinstance(context.get("message_id"), str):
        raise Refusal(131009, "context.message_id must be a message id")
    return str(context["message_id"])


def _opaque(body: Json) -> str:
    opaque = _text(body, "biz_opaque_callback_data")
    if len(opaque) > OPAQUE_LENGTH:
        raise Refusal(131009, f"biz_opaque_callback_data exceeds {OPAQUE_LENGTH} characters")
    return opaque


def check_text(content: Json) -> None:
    """A text of 1 to 4096 characters. Raises `Refusal`."""
    interactive.need_text(content, "body", "text.body", TEXT_LENGTH)
    if not isinstance(content.get("preview_url", False), bool):
        raise Refusal(100, "Param text['preview_url'] must be a boolean.")


def _check_media(kind: str) -> Callable[[Json], None]:
    def check(content: Json) -> None:
        media, link = content.get("id"), content.get("link")
        if bool(media) == bool(link):
            raise Refusal(131008, f"{kind}: exactly one of 'id' and 'link' is required")
        if link and not str(link).startswith(("https://", "http://")):
            raise Refusal(131009, f"{kind}.link must be an http or https address")
        caption = content.get("caption", "")
        if caption and kind in ("audio", "sticker"):
            raise Refusal(100, f'Unexpected key "caption" on param "{kind}".')
        interactive.at_most(caption, f"{kind}.caption", CAPTION_LENGTH)

    return check


def check_location(content: Json) -> None:
    """Coordinates within the globe. Raises `Refusal`."""
    for name, bound in (("latitude", 90.0), ("longitude", 180.0)):
        try:
            value = float(content[name])
        except (KeyError, TypeError, ValueError):
            raise Refusal(131008, f"location.{name} is required") from None
        if not math.isfinite(value) or abs(value) > bound:
            raise Refusal(131009, f"location.{name} must be within ±{bound:g}")


def check_contacts(content: object) -> None:
    """One or more address book entries with a formatted name. Raises `Refusal`."""
    if not isinstance(content, list) or not content:
        raise Refusal(131008, "Parameter 'contacts' must be a list of at least one")
    for person in content:
        name = person.get("name") if isinstance(person, dict) else None
        if not isinstance(name, dict) or not name.get("formatted_name"):
            raise Refusal(131008, "contacts[].name.formatted_name is required")


def check_reaction(content: Json) -> None:
    """A target message and an emoji, or an empty string to take it back. Raises `Refusal`."""
    if not content.get("message_id"):
        raise Refusal(131008, "reaction.message_id is required")
    if not isinstance(content.get("emoji"), str):
        raise Refusal(131008, "reaction.emoji is required")


def check_template(content: Json) -> None:
    """A name and a language code; the rest needs the template. Raises `Refusal`."""
    language = content.get("language")
    if not content.get("name"):
        raise Refusal(131008, "template.name is required")
    if not isinstance(language, dict) or not language.get("code"):
        raise Refusal(131008, "template.language.code is required")
    if not isinstance(content.get("components", []), list):
        raise Refusal(131009, "template.components must be a list")


CHECKS: dict[str, Callable[[Any], None]] = {
    "text": check_text,
    "location": check_location,
    "contacts": check_contacts,
    "reaction": check_reaction,
    "template": check_template,
    "interactive": interactive.check,
    **{kind: _check_media(kind) for kind in MEDIA_TYPES},
}


def media_ids(draft: Draft) -> list[tuple[Literal["header", "body"], str, str]]:
    """Every uploaded file a draft refers to: where, kind, id."""
    found: list[tuple[Literal["header", "body"], str, str]] = []
    if draft.type in MEDIA_TYPES and draft.content.get("id"):
        found.append(("body", draft.type, str(draft.content["id"])))
    header = draft.content.get("header") if draft.type == "interactive" else None
    if isinstance(header, dict) and header.get("type") in MEDIA_TYPES:
        media = header.get(str(header["type"]), {}).get("id")
        if media:
            found.append(("header", str(header["type"]), str(media)))
    return found


def media_link(draft: Draft) -> str:
    """The address the platform must fetch, or empty."""
    return str(draft.content.get("link") or "") if draft.type in MEDIA_TYPES else ""
