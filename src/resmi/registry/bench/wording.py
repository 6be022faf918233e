"""Asks about companies in sentences nobody tuned the matcher to: do they find what bare names find?

`wordings.txt` holds the sentences and says which were used while building.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import NamedTuple

from resmi.registry.bench import stress
from resmi.registry.bench.loading import Query
from resmi.registry.index import Index
from resmi.registry.matching.naming import name_words
from resmi.registry.rules import Entry

_NAMES = 40  # of each status in each sentence
_NOT_LICENSED = frozenset(("unknown", "similar", "ambiguous", "illegal"))
_MISSPELT = frozenset(("typo", "glued"))
_CLEAR = frozenset(("licensed", "illegal"))


class Wordings(NamedTuple):
    """Sentences with `{}` where the company is named."""

    tuning: tuple[str, ...]
    held_out: tuple[str, ...]
    unseen: tuple[str, ...]


def wordings() -> Wordings:
    """The sentences of the file."""
    text = resources.files(__package__).joinpath("wordings.txt").read_text("utf-8")
    first, _, later = text.partition("# Unseen\n")
    lines = [line for line in first.splitlines() if line and not line.startswith("#")]
    return Wordings(tuple(lines[::2]), tuple(lines[1::2]), tuple(later.splitlines()))


def questions(
    index: Index,
    entries: Sequence[Entry],
    sentences: Sequence[str],
    seed: int = 1,
    each: int = _NAMES,
) -> Iterator[Query]:
    """Names that are clear when they stand alone, and imitations of licensed ones, in sentences:
    `each` so many of a status in every sentence."""
    pick = random.Random(seed)
    clear = [entry for entry in entries if _is_clear(index, entry)]
    by_status = {status: [entry for entry in clear if entry.status == status] for status in _CLEAR}
    forgeries = list(stress.names(entries, each * len(sentences), seed))
    for at, sentence in enumerate(sentences):
        for status in ("licensed", "illegal"):
            chosen = pick.sample(by_status[status], each)
            for entry in chosen:
                yield _query(at, sentence.format(_said(pick, entry)), status, entry.id)
        for kind, name in forgeries[at * each : (at + 1) * each]:
            misspelt = ("confirm",) if kind in _MISSPELT else ()
            yield _query(at, sentence.format(name), "unknown", "", *misspelt)


def _is_clear(index: Index, entry: Entry) -> bool:
    if entry.status not in _CLEAR:
        return False
    found = index.verify(entry.name, whole=True)
    return len(found) == 1 and found[0].status == entry.status


def _said(pick: random.Random, entry: Entry) -> str:
    bare = " ".join(name_words(entry.name))
    return pick.choice((entry.name, entry.name.lower(), bare, bare.title()))


def _query(at: int, text: str, status: str, entity: str, *also: str) -> Query:
    accepted = _NOT_LICENSED.union(also) if status == "unknown" else frozenset((status,))
    return Query(
        id=f"W{at}",
        text=text,
        kind=f"wording{at}",
        expected=status,
        accepted=accepted,
        entities=frozenset((entity,) if entity else ()),
        embedded=True,
    )
