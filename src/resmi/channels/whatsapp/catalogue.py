"""The templates a WhatsApp account may send now, asked from the Graph API.

Source: Meta's "Template" reference, `GET /{waba}/message_templates`.
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
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Unavailable(Exception):
    """The account did not say which templates it has; the text is for the log."""


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
        answer = asyncio.run(_ask(account))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unavailable(str(error)) from error
    return sorted(_sendable(answer), key=lambda template: (template.name, template.language))


async def _ask(account: str) -> Any:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    headers = {"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}"}
    url = f"{settings.WHATSAPP_GRAPH_URL}/{account}/message_templates"
    query = {"limit": str(PAGE), "status": "APPROVED"}
    async with (
        aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
        session.get(url, params=query) as response,
    ):
        if response.status != 200:
            raise ValueError(f"HTTP {response.status}")
        return await response.json()


def _sendable(answer: Any) -> list[Approved]:
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ValueError("the answer holds no list of templates")
    found = (_read(row) for row in rows if isinstance(row, dict))
    return [template for template in found if template is not None]


def _read(row: dict[str, Any]) -> Approved | None:
    components = row.get("components") or []
    texts = {part.get("type"): part for part in components if isinstance(part, dict)}
    body = texts.get("BODY", {}).get("text", "")
    names = tuple(dict.fromkeys(_VARIABLE.findall(body)))
    named = bool(names) and str(row.get("parameter_format", "")).upper() == "NAMED"
    name, language = row.get("name"), row.get("language")
    if not (name and language and body) or row.get("status") != "APPROVED":
        return None
    if named or _needs_more(texts):
        return None
    return Approved(name=name, language=language, body=body, names=names)


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
