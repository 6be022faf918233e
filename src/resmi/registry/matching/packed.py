"""Read-only tables in flat arrays: millions of rows at a few bytes each, shareable as they are."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator, Sequence
from typing import overload

import msgspec
import numpy as np

from resmi.registry.rules import Entry

_PER_SLOT = 2
_STATUSES = ("licensed", "revoked", "illegal")


def digest(key: bytes, family: int = 0) -> int:
    """A 32-bit number for a key, the same in every process; `family` keeps kinds of keys apart.

    Whoever finds something by it must compare the key itself.
    """
    return zlib.crc32(key, family)


class Table:
    """Number → values, sorted by number, with a directory over its leading bits."""

    def __init__(self, numbers: array[int], values: array[int]) -> None:
        keys = np.frombuffer(numbers, dtype=np.uint32)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        bits = max(1, (len(keys) // _PER_SLOT).bit_length())
        self._shift = 32 - bits
        tops = np.arange(1 << bits, dtype=np.uint64) << np.uint64(self._shift)
        slots = np.searchsorted(keys, tops.astype(np.uint32))
        self._slots = np.append(slots, len(keys)).astype(np.uint32).data
        self._numbers = keys.data
        self._values = np.frombuffer(values, dtype=np.uint32)[order].data

    def get(self, number: int) -> Sequence[int]:
        """All values of a number, in the order they were put in."""
        slot = number >> self._shift
        at, end = self._slots[slot], self._slots[slot + 1]
        numbers = self._numbers
        while at < end and numbers[at] < number:
            at += 1
        if at == end or numbers[at] != number:
            return ()
        last = at + 1
        while last < end and numbers[last] == number:
            last += 1
        return self._values[at:last]


class Sieve:
    """Says of a number surely "never put in", or perhaps "put in" (one bit of about eight set)."""

    def __init__(self, numbers: array[int]) -> None:
        keys = np.frombuffer(numbers, dtype=np.uint32)
        bits = max(10, (len(keys) * 8).bit_length())
        places = np.unique(keys >> np.uint32(max(0, 32 - bits)))
        flags = np.zeros((1 << bits) // 8, dtype=np.uint8)
        np.bitwise_or.at(flags, places >> 3, (1 << (places & 7)).astype(np.uint8))
        self._shift = max(0, 32 - bits)
        self._flags = flags.data

    def may_hold(self, number: int) -> bool:
        """Whether the number may have been put in."""
        place = number >> self._shift
        return bool(self._flags[place >> 3] >> (place & 7) & 1)


class Texts:
    """Short byte strings by position."""

    def __init__(self) -> None:
        self._blob = bytearray()
        self._ends = array("I", [0])

    def append(self, text: bytes) -> None:
        """Puts one more behind the others."""
        self._blob += text
        try:
            self._ends.append(len(self._blob))
        except OverflowError:  # beyond 4 GB
            self._ends = array("Q", self._ends)
            self._ends.append(len(self._blob))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, at: int) -> bytes:
        return bytes(self._blob[self._ends[at] : self._ends[at + 1]])


class Lists:
    """Row → rising positions, from pairs put in by rising position."""

    def __init__(self, rows: array[int], positions: array[int], count: int) -> None:
        owners = np.frombuffer(rows, dtype=np.uint32)
        order = np.argsort(owners, kind="stable")
        self._held = np.frombuffer(positions, dtype=np.uint32)[order].data
        starts = np.searchsorted(owners[order], np.arange(count + 1, dtype=np.uint32))
        self._starts = starts.astype(np.uint32).data

    def get(self, row: int) -> memoryview:
        """The positions of a row."""
        return self._held[self._starts[row] : self._starts[row + 1]]


class _Row(msgspec.Struct, array_like=True, frozen=True):
    id: str
    name: str
    list: int
    legal_form: str
    licence: str
    since: str
    scope: str
    website: str
    note: str
    names: tuple[tuple[str, str], ...]
    identifiers: tuple[tuple[str, str], ...]


class Entries(Sequence[Entry]):
    """Entries packed; each is unpacked when asked for."""

    def __init__(self) -> None:
        self._rows = Texts()
        self._statuses = bytearray()
        self._lists: dict[tuple[str, str], int] = {}
        self._names: list[tuple[str, str]] = []
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(_Row).decode

    def append(self, entry: Entry) -> None:
        """Puts one more behind the others."""
        listed = entry.source, entry.as_of
        if listed not in self._lists:
            self._lists[listed] = len(self._names)
            self._names.append(listed)
        row = _Row(
            entry.id,
            entry.name,
            self._lists[listed],
            entry.legal_form,
            entry.licence,
            entry.since,
            entry.scope,
            entry.website,
            entry.note,
            entry.names,
            entry.identifiers,
        )
        self._rows.append(self._encode(row))
        self._statuses.append(_STATUSES.index(entry.status))

    def lists(self) -> list[tuple[str, str]]:
        """The (source, date) of every list the entries stand in."""
        return self._names

    def status(self, at: int) -> str:
        """The status of one entry, without unpacking it."""
        return _STATUSES[self._statuses[at]]

    def is_illegal(self, at: int) -> bool:
        """Whether one entry is illegal, without unpacking it."""
        return self._statuses[at] == 2

    def __len__(self) -> int:
        return len(self._statuses)

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...
    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if at < 0:
            at += len(self)
        row = self._decode(self._rows[at])
        source, as_of = self._names[row.list]
        return Entry(
            id=row.id,
            name=row.name,
            status=self.status(at),
            legal_form=row.legal_form,
            licence=row.licence,
            since=row.since,
            scope=row.scope,
            website=row.website,
            note=row.note,
            names=row.names,
            identifiers=row.identifiers,
            source=source,
            as_of=as_of,
        )

    def __iter__(self) -> Iterator[Entry]:
        return (self[at] for at in range(len(self)))
