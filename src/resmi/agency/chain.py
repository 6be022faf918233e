"""The hash chain of the audit trail. Pure.

hash(n) = BLAKE2b-256(hash(n-1) || canonical bytes of the n-th entry); hash(0) is 32 zero bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

GENESIS = bytes(32)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An audit entry as it is hashed; `before` and `after` are JSON values."""

    id: int
    at: datetime
    actor: int | None
    action: str
    target: str
    before: Any
    after: Any


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the chain: its number from 1 on, its hash, and the entry if it is still there."""

    number: int
    entry_id: int
    hash: bytes
    entry: Entry | None


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """Where the trail stops being what was written.

    `why`: an entry is `missing` or `changed`, a place of the chain is not there (`gap`), or an
    entry was never sealed (`unsealed`; `number` is 0).
    """

    number: int
    entry: int
    why: str


def canonical(entry: Entry) -> bytes:
    """The bytes that are hashed: JSON, keys sorted, microseconds in UTC."""
    values = msgspec.structs.asdict(entry)
    values["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return msgspec.json.encode(values, order="sorted")


def link(previous: bytes, entry: Entry) -> bytes:
    """The hash of `entry` after one whose hash is `previous`."""
    return hashlib.blake2b(previous + canonical(entry), digest_size=32).digest()


class Walk:
    """Follows a chain from its beginning; `number` and `hash` are where it stands."""

    def __init__(self) -> None:
        self.number = 0
        self.hash = GENESIS

    def first_break(self, sealed: Iterable[Sealed]) -> Break | None:
        """Goes on through `sealed`, in order; where it breaks, or None."""
        for one in sealed:
            why = self._step(one)
            if why:
                return Break(number=self.number + 1, entry=one.entry_id, why=why)
            self.number, self.hash = one.number, one.hash
        return None

    def _step(self, one: Sealed) -> str:
        if one.number != self.number + 1:
            return "gap"
        if one.entry is None:
            return "missing"
        return "" if link(self.hash, one.entry) == one.hash else "changed"
