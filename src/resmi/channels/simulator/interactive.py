"""Limits of interactive messages. Pure.

Source: Meta's pages "Interactive reply buttons", "Interactive list", "CTA URL", "Location request"
and the contact request of the business-scoped user id documentation. Lengths are in characters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resmi.channels.simulator.errors import Refusal

Json = dict[str, Any]

BODY, LIST_BODY, HEADER, FOOTER = 1024, 4096, 60, 60
BUTTONS, BUTTON_TITLE, BUTTON_ID = 3, 20, 256
SECTIONS, ROWS, SECTION_TITLE = 10, 10, 24
ROW_ID, ROW_TITLE, ROW_DESCRIPTION, LIST_BUTTON = 200, 24, 72, 20
CTA_LABEL = 20
HEADER_MEDIA = ("image", "video", "document")


def at_most(value: object, name: str, limit: int) -> None:
    """Raises `Refusal` unless `value` is a string of no more than `limit` characters."""
    if not isinstance(value, str):
        raise Refusal(100, f"Param {name} must be a string.")
    if len(value) > limit:
        raise Refusal(131009, f"{name} is too long: {len(value)} characters, at most {limit}")


def need_text(content: object, key: str, name: str, limit: int) -> str:
    """The non-empty string under `key`. Raises `Refusal` if missing, empty or too long."""
    value = content.get(key) if isinstance(content, dict) else None
    if value is None:
        raise Refusal(131008, f"The parameter {name} is required.")
    at_most(value, name, limit)
    if not value.strip():
        raise Refusal(131009, f"{name} must not be empty")
    return str(value)


def check(content: Json) -> None:
    """Raises `Refusal` (100, 131008, 131009) unless the interactive object is one Meta takes."""
    kind = str(content.get("type", ""))
    if kind not in KINDS:
        raise Refusal(131009, f"interactive.type {kind!r} is not supported")
    limit = LIST_BODY if kind == "list" else BODY
    need_text(content.get("body"), "text", "interactive.body.text", limit)
    if (footer := content.get("footer")) is not None:
        need_text(footer, "text", "interactive.footer.text", FOOTER)
    _check_header(content.get("header"), text_only=kind == "list")
    action = content.get("action")
    if not isinstance(action, dict):
        raise Refusal(131008, "The parameter interactive.action is required.")
    KINDS[kind](action)


def _check_header(header: object, *, text_only: bool) -> None:
    if header is None:
        return
    kind = header.get("type") if isinstance(header, dict) else None
    if kind == "text":
        need_text(header, "text", "interactive.header.text", HEADER)
    elif kind not in HEADER_MEDIA or text_only:
        raise Refusal(131009, f"interactive.header.type {kind!r} is not allowed here")
    elif isinstance(header, dict) and not isinstance(header.get(str(kind)), dict):
        raise Refusal(131008, f"interactive.header.{kind} is required")


def _check_buttons(action: Json) -> None:
    buttons = action.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS:
        count = "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"
        raise Refusal(131009, count)
    titles, ids = [], []
    for button in buttons:
        if not isinstance(button, dict) or button.get("type") != "reply":
            raise Refusal(131009, "action.buttons[].type must be 'reply'")
        reply = button.get("reply")
        titles.append(need_text(reply, "title", "action.buttons[].reply.title", BUTTON_TITLE))
        ids.append(need_text(reply, "id", "action.buttons[].reply.id", BUTTON_ID))
    _unique(titles, "Button titles")
    _unique(ids, "Button ids")


def _unique(values: list[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise Refusal(131009, f"{what} must be unique within a message")


def _check_list(action: Json) -> None:
    need_text(action, "button", "action.button", LIST_BUTTON)
    sections = action.get("sections")
    if not isinstance(sections, list) or not 1 <= len(sections) <= SECTIONS:
        raise Refusal(131009, "Invalid sections count. Min allowed: 1, Max allowed: 10")
    ids: list[str] = []
    for section in sections:
        ids += _check_section(section, titled=len(sections) > 1)
    if not 1 <= len(ids) <= ROWS:
        raise Refusal(131009, "Total row count exceed max allowed count: 10")
    _unique(ids, "Row ids")


def _check_section(section: object, *, titled: bool) -> list[str]:
    rows = section.get("rows") if isinstance(section, dict) else None
    if not isinstance(section, dict) or not isinstance(rows, list) or not rows:
        raise Refusal(131008, "action.sections[].rows is required")
    if titled or section.get("title") is not None:
        need_text(section, "title", "action.sections[].title", SECTION_TITLE)
    ids = []
    for row in rows:
        ids.append(need_text(row, "id", "action.sections[].rows[].id", ROW_ID))
        need_text(row, "title", "action.sections[].rows[].title", ROW_TITLE)
        if row.get("description") is not None:
            at_most(row["description"], "action.sections[].rows[].description", ROW_DESCRIPTION)
    return ids


def _check_link(action: Json) -> None:
    if action.get("name") != "cta_url":
        raise Refusal(131009, "action.name must be 'cta_url'")
    parameters = action.get("parameters")
    need_text(parameters, "display_text", "action.parameters.display_text", CTA_LABEL)
    url = need_text(parameters, "url", "action.parameters.url", 2000)
    if not url.startswith(("https://", "http://")):
        raise Refusal(131009, "action.parameters.url must be an http or https address")


def _named(name: str) -> Callable[[Json], None]:
    def check_name(action: Json) -> None:
        if action.get("name") != name:
            raise Refusal(131009, f"action.name must be '{name}'")

    return check_name


KINDS: dict[str, Callable[[Json], None]] = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_link,
    "location_request_message": _named("send_location"),
    "request_contact_info": _named("request_contact_info"),
}
