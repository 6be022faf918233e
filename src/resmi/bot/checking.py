"""What every file of a pack is checked for: keys that are unique, texts in every language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from resmi.bot.marked import Document, Where
from resmi.bot.schema import Pack, Words


def every(document: Document, pack: Pack, words: Mapping[str, Any], where: Where) -> None:
    """Notes languages missing from, or strange to, a text given per language."""
    for language in pack.languages:
        if not words.get(language):
            document.problem(where, f"no text in {language!r}; add it")
    for language in words.keys() - set(pack.languages):
        document.problem((*where, language), f"{language!r} is none of this pack's languages")


def entries(pack: Pack, document: Document, entries: list[tuple[str, list[Words]]]) -> None:
    """Notes keys used twice, and texts that lack a language."""
    unique(document, [key for key, _ in entries])
    for number, (_, given) in enumerate(entries):
        for words in given:
            every(document, pack, words, (number,))


def unique(document: Document, keys: list[str], where: Where = ()) -> None:
    """Notes keys used twice."""
    for number, key in enumerate(keys):
        if key in keys[:number]:
            document.problem((*where, number), f"the key {key!r} is used twice; rename one")


def exists(document: Document, name: str, among: Iterable[str], where: Where, what: str) -> None:
    """Notes a `name` that is none of `among`; an empty one names nothing."""
    if name and name not in among:
        known = ", ".join(sorted(among)) or "none"
        document.problem(where, f"there is no {what} {name!r}; known: {known}")
