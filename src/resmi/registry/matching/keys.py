"""The names of a register, arranged so that a key, a misspelt key or a part of a name is found
without looking at the rest."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA

from resmi.language.confusables import skeleton
from resmi.registry.matching import naming
from resmi.registry.matching.naming import Strength
from resmi.registry.rules import Entry

HEAD = 3
_MOST_HALVES = 512
_MIN_NEAR = 4


class Keys:
    """Find entities (as positions in the register) by key, by near key and by words."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        found: dict[str, list[tuple[int, Strength]]] = defaultdict(list)
        for at, entry in enumerate(entries):
            for key, strength in naming.keys(entry).items():
                found[key].append((at, strength))
        self._exact = {key: tuple(held) for key, held in found.items()}
        self.heads = frozenset(key[:HEAD] for key in self._exact)
        self._halves = _halves(self._exact)
        self._alike = _alike(self._exact)
        self._index_words(entries)

    def _index_words(self, entries: Sequence[Entry]) -> None:
        holding: dict[str, list[int]] = defaultdict(list)
        self.illegal_words: Counter[str] = Counter()
        for at, entry in enumerate(entries):
            names = (entry.name, *(name for _, name in entry.names))
            words = {word for name in names for word in naming.name_words(name)}
            if entry.status == "illegal":
                self.illegal_words.update(words)
                continue
            for word in words:
                holding[word].append(at)
        self._holding = {word: array("I", places) for word, places in holding.items()}

    def find(self, key: str) -> tuple[tuple[int, Strength], ...]:
        """The entities a key stands for, and how firmly."""
        return self._exact.get(key, ())

    def near(self, key: str) -> list[str]:
        """The keys one edit (a letter more, less, other, or two swapped) from `key`."""
        size = len(key)
        if size < _MIN_NEAR:
            return []
        found = set()
        for length in (size - 1, size, size + 1):
            middle = length // 2
            for half in (f"{length}<{key[:middle]}", f"{length}>{key[size - length + middle :]}"):
                for other in self._halves.get(half, ()):
                    if (
                        other != key
                        and abs(len(other) - size) <= 1
                        and OSA.distance(key, other, score_cutoff=1) <= 1
                    ):
                        found.add(other)
        middle = size // 2
        swapped = key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :]
        if swapped != key and swapped in self._exact:
            found.add(swapped)
        return sorted(found)

    def alike(self, key: str) -> tuple[str, ...]:
        """The other keys that look like `key` at a glance."""
        return tuple(other for other in self._alike.get(skeleton(key), ()) if other != key)

    def frequency(self, word: str) -> int:
        """In how many licensed or revoked names the word stands."""
        return len(self._holding.get(word, ()))

    def is_known(self, word: str) -> bool:
        """Whether the word stands in any name of the register."""
        return word in self._holding or word in self.illegal_words

    def holding(self, words: Iterable[str], most: int = 512) -> list[int]:
        """The licensed or revoked entities whose names hold all the words, at most `most`."""
        lists = [self._holding.get(word) for word in set(words)]
        if not lists or any(held is None for held in lists):
            return []
        known = sorted((held for held in lists if held is not None), key=len)
        return [at for at in known[0][:most] if all(_holds(held, at) for held in known[1:])]


def _holds(places: array[int], at: int) -> bool:
    where = bisect_left(places, at)
    return where < len(places) and places[where] == at


def _halves(keys: Iterable[str]) -> dict[str, list[str]]:
    """Keys by length and first half, and by length and second half: one edit spares one of them."""
    halves: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        length = len(key)
        if length >= _MIN_NEAR:
            middle = length // 2
            for half in (f"{length}<{key[:middle]}", f"{length}>{key[middle:]}"):
                if len(halves[half]) < _MOST_HALVES:
                    halves[half].append(key)
    return dict(halves)


def _alike(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        groups[skeleton(key)].append(key)
    return {look: tuple(group) for look, group in groups.items()}
