"""Synthetic registers of any size: real-looking names recombined from the parts of a small one."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from resmi.registry.bench.scoring import percentile
from resmi.registry.index import Index
from resmi.registry.matching import naming
from resmi.registry.rules import Entry

_SYLLABLES = (
    *("ba", "ca", "da", "ga", "ha", "ja", "ka", "la", "ma", "na", "pa", "ra", "sa", "ta", "wa"),
    *("bi", "ci", "di", "gi", "ki", "li", "mi", "ni", "ri", "si", "ti", "bu", "du", "gu", "ku"),
    *("lu", "mu", "nu", "ru", "su", "tu", "lan", "mar", "san", "tir", "wan", "yas", "ndra", "rta"),
)
_ASKED = 1500
_FRAMES = ("{}", "apakah {} terdaftar?", "min cek {} dong", "saya ditawari pinjaman oleh {}, aman?")


class Measured(msgspec.Struct, kw_only=True):
    """What an index costs, in processor time; all processes together hold its bytes once."""

    names: int
    build_s: float
    open_s: float
    bytes_per_name: float


class Grown(Measured, kw_only=True):
    """Measurements at one size; times of answering are in processor time too."""

    p50_us: float
    p99_us: float
    qps: float


def shelved(index: Index) -> tuple[Index, float]:
    """The index as processes use it, mapped from a file, and what opening took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "0.idx"
        index.save(path)
        del index
        begin = time.process_time()
        opened = Index.open(path)
        return opened, time.process_time() - begin


def grow(sizes: Sequence[int], seed: int = 1) -> Iterator[Grown]:
    """Builds and asks an index of each size."""
    for size in sizes:
        yield _measure(size, random.Random(seed))


def synthetic(size: int, pick: random.Random) -> Iterator[Entry]:
    """`size` entities, three in ten illegal; the vocabulary grows with size to the power 0.6."""
    vocabulary = [_word(pick) for _ in range(max(200, int(size**0.6)))]
    for at in range(size):
        words = [vocabulary[int(len(vocabulary) * pick.random() ** 2)] for _ in range(3)]
        name = " ".join(words[: pick.choice((2, 3, 3))]).title()
        illegal = pick.random() < 0.3
        yield Entry(
            id=f"S{at}",
            name=name if illegal else f"PT {pick.choice(('BPR ', 'Bank ', '', ''))}{name}",
            status="illegal" if illegal else "licensed",
        )


def _word(pick: random.Random) -> str:
    return "".join(pick.choice(_SYLLABLES) for _ in range(pick.choice((2, 3, 3, 4))))


def _measure(size: int, pick: random.Random) -> Grown:
    seed = pick.random()
    making = _seconds_making(size, seed)
    begin = time.process_time()
    built = Index(synthetic(size, random.Random(seed)))
    build_s = time.process_time() - begin - making
    index, open_s = shelved(built)
    del built
    times = sorted(_ask(index, text) for text in _questions(index, pick))
    return Grown(
        names=size,
        build_s=round(build_s, 2),
        open_s=round(open_s, 3),
        bytes_per_name=round(index.nbytes / size, 1),
        p50_us=percentile(times, 0.50) / 1000,
        p99_us=percentile(times, 0.99) / 1000,
        qps=round(len(times) / (sum(times) / 1e9), 1),
    )


def _seconds_making(size: int, seed: float) -> float:
    """What making the names alone takes, to be taken off the time of building."""
    begin = time.process_time()
    for _ in synthetic(size, random.Random(seed)):
        pass
    return time.process_time() - begin


def _questions(index: Index, pick: random.Random) -> list[str]:
    """Names as registered, misspelt, with a word added, and new ones; half in sentences."""
    found = []
    for _ in range(_ASKED):
        name = index.entries[pick.randrange(len(index.entries))].name
        words = naming.name_words(name)
        at = pick.randrange(len(name))
        said = pick.choice(
            (
                name,
                " ".join(words),
                name[:at] + name[at + 1 :],
                f"{name} official",
                f"{_word(pick)} {_word(pick)}",
            )
        )
        found.append(pick.choice(("{}", pick.choice(_FRAMES))).format(said))
    return found


def _ask(index: Index, text: str) -> int:
    """Nanoseconds of processor time, the least of three goes: what the code needs."""
    best = 10**12
    for _ in range(3):
        begin = time.thread_time_ns()
        index.verify(text)
        best = min(best, time.thread_time_ns() - begin)
    return best
