"""The hash chain that lets a copied log prove it was not altered.

hash(n) = BLAKE2b-256(hash(n-1) || canonical bytes of event n); hash(0) is 32 zero bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC

import msgspec

from resmi.engine.events import Event, encode_payload

GENESIS = bytes(32)


def canonical(event: Event) -> bytes:
    """The bytes that are hashed: all but the hash, as JSON, keys sorted, microseconds in UTC."""
    return msgspec.json.encode(
        {
            "actor": event.actor,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "conversation": event.conversation,
            "data": msgspec.Raw(encode_payload(event.data)),
            "seq": event.seq,
        },
        order="sorted",
    )


def link(previous: bytes, event: Event) -> bytes:
    """The hash of `event` after one whose hash is `previous` (32 bytes)."""
    return hashlib.blake2b(previous + canonical(event), digest_size=32).digest()


def first_break(events: Iterable[Event]) -> int | None:
    """The `seq` of the first event that does not continue the chain, or None if all do.

    Expects a whole log from `seq` 1 on; a gap or a changed order is a break too.
    """
    previous, expected = GENESIS, 1
    for event in events:
        if event.seq != expected or event.hash != link(previous, event):
            return event.seq
        previous, expected = event.hash, expected + 1
    return None
