"""The named files inside a backup, one after the other, of lengths nobody knows beforehand.

A member: the length of its name (2 bytes), the name, then parts of a length (4 bytes) and bytes; a
part of length 0 ends it. A name of length 0 ends the backup.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from resmi.cli.keeping.sealing import Opener, Sealer, Unreadable

KEYS = "keys/"
MEDIA = "media/"
PART = 1 << 18
PART_LIMIT = 1 << 24


def write(sealer: Sealer, name: str, parts: Iterable[bytes]) -> int:
    """Writes a member; its size in bytes."""
    encoded = name.encode()
    sealer.write(struct.pack(">H", len(encoded)) + encoded)
    size = 0
    for part in parts:
        if part:
            sealer.write(struct.pack(">I", len(part)))
            sealer.write(part)
            size += len(part)
    sealer.write(struct.pack(">I", 0))
    return size


def end(sealer: Sealer) -> None:
    """Writes that no more members come."""
    sealer.write(struct.pack(">H", 0))


def read(opener: Opener) -> Iterator[tuple[str, Iterator[bytes]]]:
    """All members in order; the parts of one are read before the next comes, used or not."""
    while True:
        (length,) = struct.unpack(">H", opener.read(2))
        if not length:
            return
        parts = _parts(opener)
        yield opener.read(length).decode(), parts
        for _ in parts:
            pass


def _parts(opener: Opener) -> Iterator[bytes]:
    while True:
        (length,) = struct.unpack(">I", opener.read(4))
        if not length:
            return
        if length > PART_LIMIT:
            raise Unreadable("its inside is damaged.")
        yield opener.read(length)
