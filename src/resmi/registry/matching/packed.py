"""Read-only tables in flat arrays: millions of rows at a few bytes each, shareable as they are.

A table is read from `Parts`, which lie in memory or in a mapped file; `pack…` of packing.py makes
them. Rows found by a digest are always compared with the text asked for.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Sequence

Parts = dict[str, memoryview]
"""Name → flat array, typed."""


digest = zlib.crc32
"""A 32-bit number for a key, the same in every process; a second number keeps kinds of keys apart.
Whoever finds something by it must compare the key itself."""


class Table:
    """Number → values, sorted by number, with a directory over its leading bits."""

    def __init__(self, parts: Parts, name: str) -> None:
        self._slots = parts[f"{name}.slots"]
        self._numbers = parts[f"{name}.numbers"]
        self._values = parts[f"{name}.values"]
        self._shift = shift_of(self._slots)

    def get(self, number: int) -> Sequence[int]:
        """All values of a number, in the order they were put in."""
        slot = number >> self._shift
        numbers = self._numbers
        end = self._slots[slot + 1]
        at = bisect_left(numbers, number, self._slots[slot], end)
        if at == end or numbers[at] != number:
            return ()
        last = at + 1
        while last < end and numbers[last] == number:
            last += 1
        return self._values[at:last]


def shift_of(slots: memoryview) -> int:
    """By how many bits a number is cut to find its slot."""
    return 33 - (len(slots) - 1).bit_length()


class Sieve:
    """Says of a number surely "never put in", or perhaps "put in" (one bit of about eight set)."""

    def __init__(self, parts: Parts, name: str) -> None:
        self.flags = parts[f"{name}.flags"]
        self.shift = 33 - (len(self.flags) * 8).bit_length()

    def may_hold(self, number: int) -> bool:
        """Whether the number may have been put in."""
        place = number >> self.shift
        return bool(self.flags[place >> 3] >> (place & 7) & 1)


class Texts:
    """Short byte strings by position."""

    def __init__(self, parts: Parts, name: str) -> None:
        self._blob = parts[f"{name}.blob"]
        self._ends = parts[f"{name}.ends"]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, at: int) -> bytes:
        return self._blob[self._ends[at] : self._ends[at + 1]].tobytes()


class Dictionary:
    """Byte strings found by content; equal ones lie in rows of their own, in the order put in."""

    def __init__(self, parts: Parts, name: str) -> None:
        self._slots = parts[f"{name}.slots"]
        self._numbers = parts[f"{name}.numbers"]
        self._blob = parts[f"{name}.blob"]
        self._ends = parts[f"{name}.ends"]
        self._shift = shift_of(self._slots)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, row: int) -> bytes:
        return self._blob[self._ends[row] : self._ends[row + 1]].tobytes()

    def row(self, text: bytes) -> int:
        """The first row of a text, -1 without one."""
        number = digest(text)
        slot = number >> self._shift
        numbers = self._numbers
        end = self._slots[slot + 1]
        at = bisect_left(numbers, number, self._slots[slot], end)
        while at < end and numbers[at] == number:
            if self._blob[self._ends[at] : self._ends[at + 1]] == text:
                return at
            at += 1
        return -1

    def rows(self, text: bytes) -> list[int]:
        """Every row of a text."""
        at = self.row(text)
        if at < 0:
            return []
        found, number, numbers = [at], self._numbers[at], self._numbers
        at += 1
        while at < len(numbers) and numbers[at] == number:
            if self[at] == text:
                found.append(at)
            at += 1
        return found


class Lists:
    """Row → rising positions."""

    def __init__(self, parts: Parts, name: str) -> None:
        self._held = parts[f"{name}.held"]
        self._starts = parts[f"{name}.starts"]

    def get(self, row: int) -> memoryview:
        """The positions of a row."""
        return self._held[self._starts[row] : self._starts[row + 1]]


def holds(places: memoryview, at: int) -> bool:
    """Whether rising positions hold one."""
    where = bisect_left(places, at)
    return where < len(places) and places[where] == at
