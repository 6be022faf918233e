"""Texts nobody writes in earnest, as long as a message may be: what the slowest of them takes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence

from resmi.registry.index import LONGEST_TEXT, Index
from resmi.registry.rules import Entry

_NAMES = 200
_GOES = 3
_PIECES = (
    *("a ", "1", "1 2 3 4 ", "\n", "(", "PT ", "apakah ", "resmi, ", "dana cepat online "),
    *("a.b.c.d@e.f ", "http://x.co/", "kep-1/d.05/2021 ", "08123456789 ", "pinjam-cepat.com "),
    *(
        "한국은행이 ",
        "\U0001f600",
        "\u00e9",
        "\u0430p\u0430k\u0430h b\u0430nk ",
        "\u202e\u200b\ufeff",
    ),
    *("'; DROP TABLE entity; -- ", "".join(map(chr, range(32))), "{bank} "),
)


def texts(entries: Sequence[Entry], seed: int = 1) -> Iterator[str]:
    """Pieces said over and over, and many names of the register, right and misspelt."""
    for piece in _PIECES:
        yield (piece * LONGEST_TEXT)[:LONGEST_TEXT]
    yield "".join(map(chr, range(0x400, 0x400 + LONGEST_TEXT)))
    pick = random.Random(seed)
    names = [pick.choice(entries).name for _ in range(_NAMES)] if entries else []
    for between in (", ", "\n", " ", " atau "):
        yield between.join(names)
        yield between.join(name[:3] + name[4:] for name in names)


def slowest(index: Index, entries: Sequence[Entry]) -> float:
    """Milliseconds of processor time the slowest takes, each text at the least of three goes."""
    return round(max(_took(index, text) for text in texts(entries)) / 1e6, 2)


def _took(index: Index, text: str) -> int:
    best = 10**12
    for _ in range(_GOES):
        begin = time.thread_time_ns()
        index.verify(text)
        best = min(best, time.thread_time_ns() - begin)
    return best
