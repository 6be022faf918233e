"""The names of a register, arranged so that a key, a misspelt key or a part of a name is found
without looking at the rest."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from resmi.language.confusables import skeleton
from resmi.registry.matching.naming import Names, Strength
from resmi.registry.matching.packed import Lists, Sieve, Table, Texts, digest
from resmi.registry.rules import Entry

_HEAD, _LONG_HEADS = 4, (8, 16)
_MOST_HALVES = 512
_MIN_NEAR = 4
_MASK = 0xFFFFFFFF
_STRENGTHS = tuple(Strength)


class Keys:
    """Finds entities (as positions in the register) by key, by near key and by words."""

    def __init__(self, building: Building) -> None:
        self._texts = building.texts
        self._owners = building.owners
        self._strengths = building.strengths
        self._heads = frozenset(building.heads)
        self._long_heads = Sieve(building.long_heads)
        self.illegal_words = building.illegal_words
        ids = array("I", range(len(building.owners)))
        self._exact = Table(building.exact, ids)
        self._halves = Table(building.halves, building.halves_ids)
        self._alike = Table(building.alike, ids)
        self._vocabulary = building.vocabulary
        self._holding = Lists(building.words, building.word_owners, len(building.vocabulary))

    def find(self, key: str) -> tuple[tuple[int, Strength], ...]:
        """The entities a key stands for, and how firmly."""
        text = key.encode()
        ids = self._exact.get(digest(text))
        if not ids:
            return ()
        texts, owners, strengths = self._texts, self._owners, self._strengths
        return tuple([(owners[at], _STRENGTHS[strengths[at]]) for at in ids if texts[at] == text])

    def may_begin(self, text: str) -> bool:
        """Whether some key may begin with the text; surely not, if False."""
        size = len(text)
        if size < _HEAD:
            return True
        if text[:_HEAD] not in self._heads:
            return False
        for head in _LONG_HEADS:
            if size < head:
                return True
            if not self._long_heads.may_hold(digest(text[:head].encode())):
                return False
        return True

    def near(self, key: str) -> list[str]:
        """The keys one edit (a letter more, less, other, or two swapped) from `key`."""
        text = key.encode()
        size = len(text)
        if size < _MIN_NEAR:
            return []
        ids: set[int] = set()
        for length in (size - 1, size, size + 1):
            middle = length // 2
            last = size - length + middle
            ids.update(self._halves.get(digest(text[:middle], length))[:_MOST_HALVES])
            ids.update(self._halves.get(digest(text[last:], ~length & _MASK))[:_MOST_HALVES])
        texts = {self._texts[at].decode() for at in ids}
        found = {
            other
            for other in texts
            if other != key and OSA.distance(key, other, score_cutoff=1) <= 1
        }
        middle = len(key) // 2
        swapped = key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :]
        if swapped != key and self.find(swapped):
            found.add(swapped)
        return sorted(found)

    def alike(self, key: str) -> tuple[str, ...]:
        """The other keys that look like `key` at a glance."""
        look = skeleton(key)
        ids = self._alike.get(digest(look.encode()))
        texts = {self._texts[at].decode() for at in ids[:_MOST_HALVES]}
        return tuple(sorted(text for text in texts if text != key and skeleton(text) == look))

    def frequency(self, word: str) -> int:
        """In how many licensed or revoked names the word stands."""
        return len(self._positions(word))

    def is_known(self, word: str) -> bool:
        """Whether the word stands in any name of the register."""
        return word in self._vocabulary or word in self.illegal_words

    def _positions(self, word: str) -> memoryview:
        row = self._vocabulary.get(word)
        return self._holding.get(row) if row is not None else _NONE

    def holding(self, words: Iterable[str], most: int = 512) -> list[int]:
        """The licensed or revoked entities whose names hold all the words, at most `most`."""
        lists = sorted(map(self._positions, set(words)), key=len)
        if not lists:
            return []
        return [at for at in lists[0][:most] if all(_holds(held, at) for held in lists[1:])]


_NONE = memoryview(array("I"))


def _holds(places: memoryview, at: int) -> bool:
    where = bisect_left(places, at)
    return where < len(places) and places[where] == at


class Building:
    """Collects the tables, entity by entity."""

    def __init__(self) -> None:
        self.texts = Texts()
        self.owners = array("I")
        self.strengths = bytearray()
        self.heads: set[str] = set()
        self.long_heads = array("I")
        self.exact = array("I")
        self.halves, self.halves_ids = array("I"), array("I")
        self.alike = array("I")
        self.vocabulary: dict[str, int] = {}
        self.words, self.word_owners = array("I"), array("I")
        self.illegal_words: Counter[str] = Counter()

    def add(self, at: int, entry: Entry) -> None:
        """One more entity, at position `at`."""
        names = Names(entry)
        for key, strength in names.keys.items():
            self._add_key(at, key, strength)
        if entry.status == "illegal":
            self.illegal_words.update(names.words)
            return
        for word in names.words:
            self.words.append(self.vocabulary.setdefault(word, len(self.vocabulary)))
            self.word_owners.append(at)

    def _add_key(self, at: int, key: str, strength: Strength) -> None:
        text = key.encode()
        name = len(self.owners)
        self.texts.append(text)
        self.owners.append(at)
        self.strengths.append(strength)
        self.heads.add(key[:_HEAD])
        for size in _LONG_HEADS:
            if len(key) >= size:
                self.long_heads.append(digest(key[:size].encode()))
        self.exact.append(digest(text))
        self.alike.append(digest(skeleton(key).encode()))
        length = len(text)
        if length >= _MIN_NEAR and strength is not Strength.INITIALS:
            middle = length // 2
            self.halves.append(digest(text[:middle], length))
            self.halves.append(digest(text[middle:], ~length & _MASK))
            self.halves_ids.append(name)
            self.halves_ids.append(name)
