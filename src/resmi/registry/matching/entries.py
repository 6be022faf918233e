"""The entries of a register, packed; each is unpacked when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import msgspec

from resmi.registry.matching import packing
from resmi.registry.matching.packed import Parts, Texts
from resmi.registry.rules import Entry

_STATUSES = ("licensed", "revoked", "illegal")
_ILLEGAL = 2


class _Row(msgspec.Struct, array_like=True, frozen=True):
    id: str
    name: str
    list: int = 0
    legal_form: str = ""
    licence: str = ""
    since: str = ""
    scope: str = ""
    website: str = ""
    note: str = ""
    names: tuple[tuple[str, str], ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()


class Packing:
    """Collects entries."""

    def __init__(self) -> None:
        self.lists: dict[tuple[str, str], int] = {}
        self._rows = packing.Pile()
        self._statuses = bytearray()
        self._encode = msgspec.msgpack.Encoder().encode

    def append(self, entry: Entry) -> None:
        """Puts one more behind the others."""
        listed = self.lists.setdefault((entry.source, entry.as_of), len(self.lists))
        row = (
            *(entry.id, entry.name, listed, entry.legal_form, entry.licence, entry.since),
            *(entry.scope, entry.website, entry.note, entry.names, entry.identifiers),
        )
        self._rows.append(self._encode(row))
        self._statuses.append(_STATUSES.index(entry.status))

    def parts(self) -> Parts:
        """What `Entries` reads."""
        parts = packing.texts("entries", self._rows.texts())
        parts["entries.statuses"] = memoryview(self._statuses)
        return parts


class Entries(Sequence[Entry]):
    """Entries by position. `lists` are the (source, date) of the lists they stand in."""

    def __init__(self, parts: Parts, lists: Sequence[tuple[str, str]]) -> None:
        self._rows = Texts(parts, "entries")
        self._statuses = parts["entries.statuses"]
        self._lists = lists
        self._decode = msgspec.msgpack.Decoder(_Row).decode
        self._last = -1, Entry(id="", name="", status="")

    def status(self, at: int) -> str:
        """The status of one entry, without unpacking it."""
        return _STATUSES[self._statuses[at]]

    def is_illegal(self, at: int) -> bool:
        """Whether one entry is illegal, without unpacking it."""
        return self._statuses[at] == _ILLEGAL

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
        last = self._last  # one message asks for the same entry several times
        if last[0] == at:
            return last[1]
        entry = self._entry(at)
        self._last = at, entry
        return entry

    def _entry(self, at: int) -> Entry:
        row = self._decode(self._rows[at])
        source, as_of = self._lists[row.list]
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
