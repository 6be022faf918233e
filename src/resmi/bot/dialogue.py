"""Where the bot stands in a conversation, as the JSON that events carry."""

from __future__ import annotations

from typing import Any

import msgspec

from resmi.registry.rules import Verdict


class Offered(msgspec.Struct, frozen=True):
    """An option the citizen last saw: its id and its title as it was shown."""

    id: str
    title: str


class Dialogue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The bot's memory between two messages.

    `flow` and `at` name the question that is open, both empty while none is. `misses` counts
    misunderstandings in a row, `asked` is the verdict whose candidates were offered, `chosen` says
    that the citizen chose the language themselves.
    """

    talked: bool = False
    flow: str = ""
    at: str = ""
    slots: dict[str, str] = {}
    misses: int = 0
    offered: tuple[Offered, ...] = ()
    asked: Verdict | None = None
    chosen: bool = False


def read(data: dict[str, Any]) -> Dialogue:
    """The dialogue from an event; a fresh one if it is not of this shape (an older release)."""
    try:
        return msgspec.convert(data, Dialogue)
    except msgspec.ValidationError:
        return Dialogue()


def write(dialogue: Dialogue) -> dict[str, Any]:
    """The dialogue as an event carries it: only what JSON knows, so that a copy is equal."""
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(dialogue))
    return data
