"""`@name` in notes: whom a note calls, and how its text is drawn. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple


class Piece(NamedTuple):
    """A stretch of a note; `called` if it is somebody's name, `me` if the reader's."""

    text: str
    called: bool = False
    me: bool = False


def called(body: str, people: Mapping[int, str]) -> list[int]:
    """The accounts whose names follow an `@` in `body`, in order, each once.

    The longest name counts: `@Ani Putri` does not call Ani. Case does not matter.
    """
    by_name: dict[str, list[int]] = {}
    for account, name in people.items():
        if name.strip():
            by_name.setdefault(name.casefold(), []).append(account)
    found = (by_name[match.casefold()] for match in _matches(body, by_name))
    return list(dict.fromkeys(account for accounts in found for account in accounts))


def pieces(body: str, names: Iterable[str], me: str) -> list[Piece]:
    """`body` cut at the names it calls."""
    known = {name.casefold() for name in names if name.strip()}
    if not known:
        return [Piece(body)]
    parts: list[Piece] = []
    for part in re.split(f"({_pattern(known).pattern})", body, flags=re.IGNORECASE):
        if not part:
            continue
        name = part[1:].casefold() if part.startswith("@") else ""
        parts.append(Piece(part, name in known, name == me.casefold() != ""))
    return parts


def _matches(body: str, names: Iterable[str]) -> Iterator[str]:
    known = list(names)
    if known:
        for match in _pattern(known).finditer(body):
            yield match.group()[1:]


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    either = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<!\w)@(?:{either})(?!\w)", re.IGNORECASE)
