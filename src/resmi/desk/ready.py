"""Canned replies: those of the pack, and over them those of the database."""

from __future__ import annotations

from dataclasses import dataclass

from resmi.bot import services as bot
from resmi.conversations import queries


@dataclass(frozen=True)
class Ready:
    """A text that `/shortcut` inserts."""

    shortcut: str
    body: str


def replies(language: str) -> list[Ready]:
    """What an agent can insert in a conversation of this language, by shortcut.

    A reply of the database hides one of the pack with the same shortcut. Where a reply is missing
    in the language, English, then the pack's first language stands in.
    """
    pack = bot.current_pack()
    wanted = (language, "en", *pack.languages)
    found = {
        canned.key: next((canned.body[code] for code in wanted if code in canned.body), "")
        for canned in pack.canned
    }
    found |= {canned.shortcut: canned.body for canned in queries.canned_replies(language)}
    return [Ready(shortcut, body) for shortcut, body in sorted(found.items()) if body]
