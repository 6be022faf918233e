"""The names of a register, arranged so that a key, a misspelt key or a part of a name is found
without looking at the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache, partial

from rapidfuzz.distance import OSA

from resmi.language.confusables import skeleton
from resmi.registry.matching.budget import Budget
from resmi.registry.matching.packed import Dictionary, Lists, Parts, Sieve, Table, digest, holds

HEADS = (4, 8, 16, 24, 32)
"""Numbers of letters at the beginning of keys that are remembered."""
LEAST_NEAR = 4
"""Keys with fewer letters are not looked for with an edit."""
STRENGTH_BITS = 3
LONGEST_KEY = 120
_MOST_HALVES = 512
_NEAR_STEPS = 50
_MASK = 0xFFFFFFFF
_REMEMBERED = 1 << 14  # words: what people write of is mostly the same few thousand
_STRENGTH = (1 << STRENGTH_BITS) - 1


class Keys:
    """Finds entities (as positions in the register) by key, by near key and by words."""

    def __init__(self, parts: Parts) -> None:
        self._keys = Dictionary(parts, "keys")
        self._owners = parts["keys.owners"]
        whole = Sieve(parts, "whole")
        self._whole, self._whole_shift = whole.flags, whole.shift
        self._heads = [
            (size, head.flags, head.shift)
            for size, head in ((size, Sieve(parts, f"head{size}")) for size in HEADS)
        ]
        self._heads_from = [self._heads[at:] for at in range(len(HEADS) + 1)]
        self._halves = Table(parts, "halves")
        self._alike = Table(parts, "alike")
        self._words = Dictionary(parts, "words")
        self.heads_of = lru_cache(_REMEMBERED)(partial(_heads_of, self._heads))
        self._holding = Lists(parts, "holding")

    def find(self, key: str) -> tuple[tuple[int, int], ...]:
        """The entities a key stands for, and how firmly (a `Strength`)."""
        owners = self._owners
        held = [owners[row] for row in self._keys.rows(key.encode())]
        return tuple([(one >> STRENGTH_BITS, one & _STRENGTH) for one in held])

    def is_key(self, key: str) -> bool:
        """Whether any entity is found by a key."""
        return self._keys.row(key.encode()) >= 0

    def reach(self, text: str) -> int:
        """How many letters of the text a key that begins with it may have, at most; keys as short
        as what is looked at count as possible."""
        size = len(text)
        for head, flags, shift in self._heads:
            if size < head:
                break
            place = digest(text[:head].encode()) >> shift
            if not flags[place >> 3] >> (place & 7) & 1:
                return head - 1
        return LONGEST_KEY

    def begun(self, text: bytes, words: Sequence[str], heads: int) -> tuple[list[int], int]:
        """Which numbers of words, from the first on, make a key, and how many of them had to be
        looked at. `text` is the words as ASCII; its first `heads` heads are known to fit."""
        reach, size = LONGEST_KEY, len(text)
        for head, flags, shift in self._heads_from[heads]:
            if size < head:
                break
            place = digest(text[:head]) >> shift
            if not flags[place >> 3] >> (place & 7) & 1:
                reach = head - 1
                break
        found = []
        flags, shift = self._whole, self._whole_shift
        size = count = 0
        for word in words:
            size += len(word)
            if size > reach:
                break
            count += 1
            said = text[:size]
            place = digest(said) >> shift
            if flags[place >> 3] >> (place & 7) & 1 and self._keys.row(said) >= 0:
                found.append(count)
        return found, count

    def near(self, key: str, budget: Budget) -> list[str]:
        """The keys one edit (a letter more, less, other, or two swapped) from `key`; none when the
        budget does not last for it."""
        text = key.encode()
        size = len(text)
        if size < LEAST_NEAR:
            return []
        halves = self._halves.get
        rows: set[int] = set()
        for length in (size - 1, size, size + 1):
            middle = length // 2
            last = size - length + middle
            if held := halves(digest(text[:middle], length)):
                rows.update(held[:_MOST_HALVES])
            if held := halves(digest(text[last:], ~length & _MASK)):
                rows.update(held[:_MOST_HALVES])
        if not budget.spend(_NEAR_STEPS + 4 * len(rows)):
            return []
        found = self._one_edit_off(key, rows) if rows else set()
        middle = len(key) // 2
        swapped = key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :]
        if swapped != key and self.is_key(swapped):
            found.add(swapped)
        return sorted(found)

    def _one_edit_off(self, key: str, rows: set[int]) -> set[str]:
        texts = {self._keys[row].decode() for row in rows}
        distance = OSA.distance
        return {one for one in texts if one != key and distance(key, one, score_cutoff=1) <= 1}

    def alike(self, key: str) -> tuple[str, ...]:
        """The other keys that look like `key` at a glance."""
        look = skeleton(key)
        rows = self._alike.get(digest(look.encode()))
        if not rows:
            return ()
        texts = {self._keys[row].decode() for row in rows[:_MOST_HALVES]}
        return tuple(sorted(text for text in texts if text != key and skeleton(text) == look))

    def frequency(self, word: str) -> int:
        """In how many licensed or revoked names the word stands."""
        return len(self._positions(word))

    def is_known(self, word: str) -> bool:
        """Whether the word stands in any name of the register."""
        return self._words.row(word.encode()) >= 0

    def _positions(self, word: str) -> memoryview:
        row = self._words.row(word.encode())
        return self._holding.get(row) if row >= 0 else _NONE

    def holding(self, words: Iterable[str], most: int = 512) -> list[int]:
        """The licensed or revoked entities whose names hold all the words, at most `most`."""
        lists = sorted(map(self._positions, set(words)), key=len)
        if not lists:
            return []
        return [at for at in lists[0][:most] if all(holds(held, at) for held in lists[1:])]


def _heads_of(heads: list[tuple[int, memoryview, int]], word: str) -> int:
    """With how many of the heads of an ASCII word keys begin; -1 when none can begin with it."""
    size = len(word)
    text = word.encode()
    for at, (head, flags, shift) in enumerate(heads):
        if size < head:
            return at
        place = digest(text[:head]) >> shift
        if not flags[place >> 3] >> (place & 7) & 1:
            return -1
    return len(heads) if size <= LONGEST_KEY else -1


_NONE = memoryview(b"").cast("I")
