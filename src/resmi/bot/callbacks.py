"""The choice of somebody who would wait long: wait, leave a message, or be called back. Pure.

Option ids decide; a typed number or title means the option it stands for.
"""

from __future__ import annotations

from typing import Literal

from resmi.bot import rules
from resmi.bot.schema import Pack
from resmi.engine.content import Choice, Choices, Inbound, Option, Text
from resmi.engine.rendering import option_for

How = Literal["message", "call", "wait"]
OPTIONS: tuple[tuple[How, str], ...] = (
    ("message", "option_leave_message"),
    ("call", "option_call_back"),
    ("wait", "option_keep_waiting"),
)
ANSWERS: dict[How, str] = {
    "message": "callback_message",
    "call": "callback_call",
    "wait": "still_waiting",
}
_PREFIX = "queue:"


def question(pack: Pack, language: str, position: int, wait_s: int) -> Choices | None:
    """The place and what can be done instead of waiting; None if the pack has no words for it."""
    body = rules.text(pack, "callback_offer", language, position=position, wait_s=wait_s)
    titles = [(how, rules.text(pack, key, language)) for how, key in OPTIONS]
    if not body:
        return None
    options = tuple(Option(id=f"{_PREFIX}{how}", title=title) for how, title in titles)
    return Choices(body=body, options=options)


def chosen(pack: Pack, language: str, said: Inbound) -> How | None:
    """Which of the three a message means; None for anything else."""
    match said:
        case Choice(id=key):
            return _how(key)
        case Text(body=body):
            asked = question(pack, language, 1, 0)
            return _how(option_for(body, asked) or "") if asked else None
        case _:
            return None


def asks_how_long(pack: Pack, said: Inbound) -> bool:
    """Whether the whole message asks how long the wait is."""
    return isinstance(said, Text) and "how_long" in pack.matcher.meanings(said.body)


def _how(key: str) -> How | None:
    return next((how for how, _ in OPTIONS if key == f"{_PREFIX}{how}"), None)
