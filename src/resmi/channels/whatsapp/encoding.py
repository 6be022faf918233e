"""Our messages as bodies of WhatsApp's `POST /{phone number}/messages`. Pure.

Limits are Meta's (messages/interactive-*, send-messages, templates/components). A message that
breaks one raises `Unsendable` here, with words an agent understands, instead of costing a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resmi.engine.address import Address
from resmi.engine.content import (
    Choices,
    ContactRequest,
    LocationRequest,
    Media,
    Option,
    Outbound,
    Reaction,
    Template,
    Text,
)

TEXT = 4096
BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256
BUTTONS_BODY = 1024
LIST_ROWS = 10
ROW_ID = 200
ROW_TITLE = 24
ROW_DESCRIPTION = 72
LIST_BUTTON = 20
LIST_BODY = 4096
HEADER = 60
FOOTER = 60
CAPTION = 1024
REQUEST_BODY = 1024
TEMPLATE_NAME = 512
TEMPLATE_PARAMETER = 1024
FILENAME = 240
REF = 512

WITH_CAPTION = frozenset({"image", "video", "document"})

Body = dict[str, Any]


class Unsendable(Exception):
    """A message WhatsApp would refuse; `part` names what is wrong, `reason` says it in words."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(reason)
        self.part = part
        self.reason = reason


def message(
    content: Outbound, *, to: Address, ref: str, reply_to: str = "", upload_id: str = ""
) -> Body:
    """The body that sends `content`.

    `ref` comes back in status reports. `reply_to` is the message answered (`wamid…`); `upload_id`
    the uploaded file of a `Media`. Raises `Unsendable`.
    """
    kind, part = _part(content, upload_id)
    _check_length("reference", ref, REF)
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(to),
        "type": kind,
        kind: part,
        "biz_opaque_callback_data": ref,
    }
    if reply_to and not isinstance(content, Reaction):
        body["context"] = {"message_id": reply_to}
    return body


def read_mark(message_id: str) -> Body:
    """The body that marks `message_id` and all before it as read."""
    _check_length("message", message_id, 512)
    return {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}


def typing(message_id: str) -> Body:
    """The body that shows us typing an answer to `message_id`, for 25 s at most."""
    return {**read_mark(message_id), "typing_indicator": {"type": "text"}}


def _recipient(to: Address) -> Body:
    """A phone with `+` (else Meta prefixes our own country), or a business-scoped user id."""
    if to.phone:
        if not (to.phone.isascii() and to.phone.isdigit()):
            raise Unsendable("recipient", "The citizen's phone number is not made of digits.")
        return {"to": f"+{to.phone}"}
    if to.user_id:
        return {"recipient": to.user_id}
    raise Unsendable("recipient", "The citizen has neither a phone number nor a user id.")


def _part(content: Outbound, upload_id: str) -> tuple[str, Body]:
    match content:
        case Text():
            _check_length("text", content.body, TEXT)
            return "text", {"body": content.body, "preview_url": content.link_preview}
        case Choices():
            return "interactive", _choices(content)
        case Media():
            return _media(content, upload_id)
        case Template():
            return "template", _template(content)
        case Reaction():
            _check_length("message", content.target, 512)
            return "reaction", {"message_id": content.target, "emoji": content.emoji}
        case LocationRequest():
            return "interactive", _request("location_request_message", "send_location", content)
        case ContactRequest():
            return "interactive", _request("request_contact_info", "request_contact_info", content)


def _request(kind: str, action: str, content: LocationRequest | ContactRequest) -> Body:
    _check_length("text", content.body, REQUEST_BODY)
    return {"type": kind, "body": {"text": content.body}, "action": {"name": action}}


def _choices(content: Choices) -> Body:
    _check_distinct(content.options)
    as_buttons = _fit_buttons(content)
    _check_length("text", content.body, BUTTONS_BODY if as_buttons else LIST_BODY)
    interactive: Body = {
        "type": "button" if as_buttons else "list",
        "body": {"text": content.body},
        "action": _buttons(content) if as_buttons else _list(content),
    }
    if content.header:
        _check_length("header", content.header, HEADER)
        interactive["header"] = {"type": "text", "text": content.header}
    if content.footer:
        _check_length("footer", content.footer, FOOTER)
        interactive["footer"] = {"text": content.footer}
    return interactive


def _fit_buttons(content: Choices) -> bool:
    return (
        len(content.options) <= BUTTONS
        and len(content.body) <= BUTTONS_BODY
        and all(len(o.title) <= BUTTON_TITLE and not o.description for o in content.options)
        and len({option.title for option in content.options}) == len(content.options)
    )


def _check_distinct(options: Sequence[Option]) -> None:
    if not 1 <= len(options) <= LIST_ROWS:
        raise Unsendable(
            "options", f"There must be 1 to {LIST_ROWS} options; here are {len(options)}."
        )
    if len({option.id for option in options}) != len(options):
        raise Unsendable("options", "Two options have the same id.")


def _buttons(content: Choices) -> Body:
    for option in content.options:
        _check_length("option", option.title, BUTTON_TITLE)
        _check_length("option id", option.id, BUTTON_ID)
    return {
        "buttons": [
            {"type": "reply", "reply": {"id": option.id, "title": option.title}}
            for option in content.options
        ]
    }


def _list(content: Choices) -> Body:
    _check_length("list button", content.button, LIST_BUTTON)
    return {
        "button": content.button,
        "sections": [{"rows": [_row(option) for option in content.options]}],
    }


def _row(option: Option) -> Body:
    _check_length("option", option.title, ROW_TITLE)
    _check_length("option id", option.id, ROW_ID)
    row = {"id": option.id, "title": option.title}
    if option.description:
        _check_length("description", option.description, ROW_DESCRIPTION)
        row["description"] = option.description
    return row


def _media(content: Media, upload_id: str) -> tuple[str, Body]:
    if not upload_id:
        raise Unsendable("file", "The file is not uploaded to WhatsApp.")
    kind = "audio" if content.kind == "voice" else content.kind
    part: Body = {"id": upload_id}
    if content.kind == "voice":
        part["voice"] = True
    if content.caption:
        if content.kind not in WITH_CAPTION:
            raise Unsendable("caption", f"A file of kind {content.kind} has no caption.")
        _check_length("caption", content.caption, CAPTION)
        part["caption"] = content.caption
    if content.kind == "document" and content.filename:
        _check_length("file name", content.filename, FILENAME)
        part["filename"] = content.filename
    return kind, part


def _template(content: Template) -> Body:
    _check_length("template name", content.name, TEMPLATE_NAME)
    template: Body = {"name": content.name, "language": {"code": content.language}}
    if not content.language:
        raise Unsendable("template", "The template has no language.")
    components: list[Body] = []
    if content.parameters:
        values = [_parameter(number, value) for number, value in enumerate(content.parameters, 1)]
        components.append({"type": "body", "parameters": values})
    components += [_reply_button(place, id_) for place, id_ in enumerate(content.buttons)]
    if components:
        template["components"] = components
    return template


def _reply_button(place: int, payload: str) -> Body:
    """What the template's reply button at `place` sends back when it is tapped."""
    _check_length("button", payload, BUTTON_ID)
    value = {"type": "payload", "payload": payload}
    return {
        "type": "button",
        "sub_type": "quick_reply",
        "index": str(place),
        "parameters": [value],
    }


def _parameter(number: int, value: str) -> Body:
    """A variable's value on one line: WhatsApp refuses line breaks, tabs and runs of blanks."""
    line = " ".join(value.split())
    _check_length(f"value {number}", line, TEMPLATE_PARAMETER)
    return {"type": "text", "text": line}


def _check_length(part: str, text: str, most: int) -> None:
    if not text.strip():
        raise Unsendable(part, f"The {part} is empty.")
    if len(text) > most:
        raise Unsendable(part, f"The {part} has {len(text)} characters; {most} are allowed.")
