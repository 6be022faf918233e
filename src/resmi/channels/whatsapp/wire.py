"""Lenient reading of the JSON WhatsApp sends: wrong or missing parts read as empty, never raise.

Only bytes that are no JSON at all, or JSON of another shape than asked for, are `Unreadable`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from resmi.channels.errors import Unreadable

T = TypeVar("T")

LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
MILLISECONDS_FROM = 100_000_000_000
LARGEST_NUMBER = 10**100

_ESCAPES = re.compile(
    rb"\\[^u]"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_LONE_ESCAPE_LENGTH = 6


def decode(raw: bytes | msgspec.Raw, shape: type[T]) -> T:
    """JSON as `shape`. Raises `Unreadable`: no JSON, nested too deeply, or of another shape."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Unreadable(str(error)) from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


def mapping(raw: bytes | msgspec.Raw) -> dict[str, Any]:
    """A JSON object, broken text in it repaired. Raises `Unreadable` for anything else."""
    try:
        return decode(raw, dict[str, Any])
    except Unreadable:
        whole = bytes(raw)
        mended = repaired(whole)
        if mended == whole:
            raise
        return decode(mended, dict[str, Any])


def repaired(body: bytes) -> bytes:
    """The body with halves of surrogate pairs and bytes that are no UTF-8 made U+FFFD.

    Profile names cut in the middle of an emoji are sent like that; strict parsers refuse them.
    """
    valid = body.decode("utf-8", "replace").encode()
    return _ESCAPES.sub(_without_lone_surrogate, valid)


def _without_lone_surrogate(found: re.Match[bytes]) -> bytes:
    escape = found[0]
    is_lone = escape[1:2] == b"u" and len(escape) == _LONE_ESCAPE_LENGTH
    return b"\\ufffd" if is_lone else escape


def text(node: Mapping[str, Any], *keys: str) -> str:
    """The first of `keys` that holds a text or a whole number, as text without NUL; else empty."""
    for key in keys:
        if found := as_text(node.get(key)):
            return found
    return ""


def as_text(value: Any) -> str:
    """A text or whole number as text; NUL, which PostgreSQL can't hold, becomes U+FFFD."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER:
        return str(value)
    return ""


def table(node: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object at `key`; empty when there is none."""
    value = node.get(key)
    return value if isinstance(value, dict) else {}


def tables(node: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects in the list at `key`; whatever else stands there is passed over."""
    value = node.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number(value: Any) -> float | None:
    """A number, also one written as text; `None` for anything else and for what is not finite."""
    try:
        found = float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None
    return found if found is not None and abs(found) < float("inf") else None


def moment(value: Any) -> datetime | None:
    """A Unix time in seconds (also milliseconds), as number or text, in UTC; `None` if it is none.

    Times before 1970 and after 2199 count as none.
    """
    seconds = number(value) if not isinstance(value, bool) else None
    if seconds is None:
        return None
    if seconds >= MILLISECONDS_FROM:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < LATEST else None
