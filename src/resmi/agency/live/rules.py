"""Rules of the live stream. Pure: who may hear what, where a stream resumes, how lines look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from resmi.agency import rules

ANY = "*"
CONVERSATION = "conversation"
MAX_TOPICS = 50
KEEP_S = 900
"""How long events can be replayed; a stream that was away longer is told to fetch anew."""


class Mark(msgspec.Struct, frozen=True):
    """A place in the stream: the oldest transaction that may still bring news, and when (Unix)."""

    position: int
    at: int

    def __str__(self) -> str:
        return f"{self.position}-{self.at}"


def read_mark(text: str) -> Mark | None:
    """The mark in a `Last-Event-ID`; None for anything else."""
    position, _, at = text.partition("-")
    if not (position.isdecimal() and at.isdecimal() and len(text) <= 40):
        return None
    return Mark(int(position), int(at))


def can_resume(mark: Mark | None, *, now: float, newest: int) -> bool:
    """Whether all that came after `mark` is still kept.

    `newest` is the database's next transaction: a mark beyond it comes from another database.
    """
    return mark is not None and mark.position <= newest and 0 <= now - mark.at + 60 < KEEP_S


def read_topics(text: str) -> frozenset[str]:
    """The topics in a comma-separated list."""
    return frozenset(topic.strip() for topic in text.split(",") if topic.strip())


def may_hear(role: str, user_id: int, topic: str) -> bool:
    """Whether an account may listen to a topic: their own list, what their role may see."""
    kind, _, key = topic.partition(":")
    if kind == "agent":
        return key == str(user_id) and rules.can(role, "use_account")
    if kind == "conversation":
        return key.isdecimal() and rules.can(role, "read_conversations")
    if topic in ("queues", "alarms"):
        return rules.can(role, "read_conversations")
    return False


def things(topics: frozenset[str]) -> list[int]:
    """The conversations whose topics these are."""
    return [int(key) for kind, _, key in (t.partition(":") for t in topics) if kind == CONVERSATION]


Said = tuple[str, dict[str, Any]]
"""A topic, and the hint that goes with it."""


def bundled(events: Sequence[Said], few: int, longest: int) -> Iterator[Said]:
    """The same with one bundle in place of more than `few` events on topics `kind:key` of a kind.

    A bundle's topic is `kind:*`, its data the hint of each key; as JSON it is at most `longest`
    bytes if each of its hints is.
    """
    kinds: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for topic, data in events:
        kind, _, key = topic.partition(":")
        kinds.setdefault(kind if key else "", []).append((topic, data))
    for kind, said in kinds.items():
        if not kind or len(said) <= few:
            yield from said
        else:
            yield from _bundles(kind, said, longest)


def _bundles(kind: str, said: Sequence[Said], longest: int) -> Iterator[Said]:
    bundle: dict[str, Any] = {}
    size = 2
    for topic, data in said:
        key = topic.partition(":")[2]
        more = len(msgspec.json.encode({key: data}))
        if bundle and (size + more > longest or key in bundle):
            yield f"{kind}:{ANY}", bundle
            bundle, size = {}, 2
        bundle[key] = data
        size += more
    yield f"{kind}:{ANY}", bundle


def unbundled(topic: str, data: dict[str, Any]) -> Iterator[Said]:
    """What an event says, be it a bundle or not."""
    kind, _, key = topic.partition(":")
    if key == ANY:
        yield from ((f"{kind}:{one}", hint) for one, hint in data.items())
    else:
        yield topic, data


def with_bundles(topics: frozenset[str]) -> list[str]:
    """The topics under which there may be something for a listener to `topics`."""
    kinds = {topic.partition(":")[0] for topic in topics if ":" in topic}
    return [*topics, *(f"{kind}:{ANY}" for kind in sorted(kinds))]


def line(event: str, data: dict[str, Any], mark: Mark | None = None) -> bytes:
    """One event as the wire wants it (WHATWG HTML, 9.2.6)."""
    identity = f"id: {mark}\n".encode() if mark else b""
    return b"event: %s\n%sdata: %s\n\n" % (event.encode(), identity, msgspec.json.encode(data))
