"""Which of the 64 partitions a citizen is in; one worker at a time holds a partition."""

from __future__ import annotations

import zlib

COUNT = 64


def partition_of(contact_key: str) -> int:
    """The partition (0-63) of a contact key; the same in every process and release."""
    return zlib.crc32(contact_key.encode("utf-8", "surrogatepass")) % COUNT
