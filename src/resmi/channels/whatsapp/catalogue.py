"""The templates of a WhatsApp account: those it may send now, all of them, and new ones.

Source: Meta's "Template" reference, `GET` and `POST /{waba}/message_templates`.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
import msgspec
from django.conf import settings

TIMEOUT_S = 5.0
PAGE = 200
FIELDS = "name,language,status,category,components,parameter_format,rejected_reason"
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Unavailable(Exception):
    """The account did not say which templates it has; the text is for the log."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A template of the account and what became of it: `APPROVED`, `PENDING`, `REJECTED`, ….

    `reason` is why it was rejected, in the channel's word; `body` its text, `buttons` the titles of
    its buttons.
    """

    name: str
    language: str
    status: str
    category: str = ""
    reason: str = ""
    body: str = ""
    buttons: tuple[str, ...] = ()


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """A template that may be sent. `body` holds its variables as `{{1}}`; `names` are they."""

    name: str
    language: str
    body: str
    names: tuple[str, ...] = ()


def approved(account: str) -> list[Approved]:
    """The approved templates of a WABA with a plain text body, by name and language.

    Blocks for at most five seconds; call it outside transactions. Raises `Unavailable`.
    """
    try:
        answer = asyncio.run(_ask(account, status="APPROVED"))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unavailable(str(error)) from error
    return sorted(_sendable(answer), key=lambda template: (template.name, template.language))


def standings(account: str) -> list[Standing]:
    """Every template of a WABA, whatever became of it, by name and language.

    Blocks for at most five seconds. Raises `Unavailable`.
    """
    try:
        answer = asyncio.run(_ask(account, fields=FIELDS))
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise ValueError("the answer holds no list of templates")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unavailable(str(error)) from error
    found = [_standing(row) for row in rows if isinstance(row, dict) and row.get("name")]
    return sorted(found, key=lambda one: (one.name, one.language))


def submit(account: str, body: dict[str, Any]) -> str:
    """Hands a template in (`creation`); the status it begins with. Raises `Unavailable`."""
    try:
        answer = asyncio.run(_hand_in(account, body))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unavailable(str(error)) from error
    return str(answer.get("status", "")) if isinstance(answer, dict) else ""


def creation(
    *, name: str, language: str, body: str, examples: tuple[str, ...], buttons: tuple[str, ...]
) -> dict[str, Any]:
    """What creates a utility template with a text and reply buttons. Pure.

    `examples` are values of the body's variables, in their order; Meta asks for them.
    """
    text: dict[str, Any] = {"type": "BODY", "text": body}
    if examples:
        text["example"] = {"body_text": [list(examples)]}
    components = [text]
    if buttons:
        replies = [{"type": "QUICK_REPLY", "text": title} for title in buttons]
        components.append({"type": "BUTTONS", "buttons": replies})
    return {
        "name": name,
        "language": language,
        "category": "UTILITY",
        "components": components,
    }


def _standing(row: dict[str, Any]) -> Standing:
    texts = _components(row)
    buttons = texts.get("BUTTONS", {}).get("buttons", [])
    reason = str(row.get("rejected_reason") or "")
    return Standing(
        name=str(row["name"]),
        language=str(row.get("language", "")),
        status=str(row.get("status", "")),
        category=str(row.get("category", "")),
        reason="" if reason == "NONE" else reason,
        body=str(texts.get("BODY", {}).get("text", "")),
        buttons=tuple(str(button.get("text", "")) for button in buttons),
    )


async def _ask(account: str, **query: str) -> Any:
    async with _session() as session:
        url = f"{settings.WHATSAPP_GRAPH_URL}/{account}/message_templates"
        async with session.get(url, params={"limit": str(PAGE), **query}) as response:
            return await _answer(response)


async def _hand_in(account: str, body: dict[str, Any]) -> Any:
    async with _session() as session:
        url = f"{settings.WHATSAPP_GRAPH_URL}/{account}/message_templates"
        async with session.post(url, json=body) as response:
            return await _answer(response)


def _session() -> aiohttp.ClientSession:
    headers = {"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}"}
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), headers=headers)


async def _answer(response: aiohttp.ClientResponse) -> Any:
    """What was answered; a `ValueError` with the channel's own words for a refusal."""
    if response.status == 200:
        return await response.json()
    answer = await response.text()
    try:
        error = msgspec.json.decode(answer)["error"]
        details = (error.get("error_data") or {}).get("details") or error.get("message", "")
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        details = ""
    raise ValueError(f"HTTP {response.status} {details}".strip())


def _sendable(answer: Any) -> list[Approved]:
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ValueError("the answer holds no list of templates")
    found = (_read(row) for row in rows if isinstance(row, dict))
    return [template for template in found if template is not None]


def _read(row: dict[str, Any]) -> Approved | None:
    texts = _components(row)
    body = texts.get("BODY", {}).get("text", "")
    names = tuple(dict.fromkeys(_VARIABLE.findall(body)))
    named = bool(names) and str(row.get("parameter_format", "")).upper() == "NAMED"
    name, language = row.get("name"), row.get("language")
    if not (name and language and body) or row.get("status") != "APPROVED":
        return None
    if named or _needs_more(texts):
        return None
    return Approved(name=name, language=language, body=body, names=names)


def _components(row: dict[str, Any]) -> dict[Any, dict[str, Any]]:
    parts = row.get("components") or []
    return {part.get("type"): part for part in parts if isinstance(part, dict)}


def _needs_more(texts: dict[Any, dict[str, Any]]) -> bool:
    """True for what a list of values can't fill: files and variables outside the body."""
    header = texts.get("HEADER", {})
    if header.get("format", "TEXT") != "TEXT" or _VARIABLE.search(header.get("text", "")):
        return True
    buttons = texts.get("BUTTONS", {}).get("buttons", [])
    return any(_VARIABLE.search(str(button.get("url", ""))) for button in buttons)


def fill(template: Approved, values: tuple[str, ...]) -> str:
    """The body with its variables replaced, in their order."""
    known = dict(zip(template.names, values, strict=True))
    return _VARIABLE.sub(lambda match: known[match.group(1)], template.body)
