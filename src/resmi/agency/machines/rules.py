"""What services can be connected, and where they may be. Pure."""

from __future__ import annotations

import ipaddress
from typing import Literal, Protocol
from urllib.parse import urlsplit

Kind = Literal["translation", "speech"]
PROTOCOLS: dict[Kind, tuple[str, ...]] = {
    "translation": ("libretranslate", "openai"),
    "speech": ("openai",),
}
NEEDS_MODEL = frozenset({"openai"})


class Failed(Exception):
    """A service did not do what it was asked; the text says why, for staff."""


class Translator(Protocol):
    """Translates. Another service is another class with this method, named in `clients`."""

    async def translate(self, text: str, *, into: str) -> str:
        """`text` in the language `into` (ISO 639-1), whatever it is in. Raises `Failed`."""
        ...


class Transcriber(Protocol):
    """Writes down what is said."""

    async def transcribe(self, sound: bytes, *, mime: str, language: str) -> str:
        """What is said, in words; `language` (ISO 639-1, "" if unknown) helps. Raises `Failed`."""
        ...


def is_allowed(address: str) -> bool:
    """Whether citizens' words may travel there: https, or http that stays in our own network."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.username or parts.query or parts.fragment or not parts.hostname:
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and _is_near(parts.hostname)


def _is_near(host: str) -> bool:
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal"))
    return found.is_loopback or found.is_private
