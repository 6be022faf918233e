"""The hash chain that lets a copied log prove it was not altered.

hash(n) = BLAKE2b-256(hash(n-1) || canonical bytes of event n); hash(0) is 32 zero bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from resmi.engine.events import Actor, Event, encode_payload

GENESIS = bytes(32)


def canonical(event: Event) -> bytes:
    """The bytes that are hashed: all but the hash, as JSON, keys sorted, microseconds in UTC."""
    return b'{"actor":%b,"at":"%b","conversation":%d,"data":%b,"seq":%d}' % (
        _actor(event.actor),
        _moment(event.at),
        event.conversation,
        encode_payload(event.data),
        event.seq,
    )


@lru_cache(maxsize=256)  # the few who are at work
def _actor(actor: Actor) -> bytes:
    return msgspec.json.encode(actor, order="sorted")


@lru_cache(maxsize=256)  # the events of a turn have one time
def _moment(at: datetime) -> bytes:
    return at.astimezone(UTC).isoformat(timespec="microseconds").encode()


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
