"""The time in which each queue's promises count, as set now; who waits follows when it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

import msgspec
import structlog
from django.db import connection, transaction

from resmi.agency import live
from resmi.agency.open_time import OpenTime
from resmi.bot import services as bot
from resmi.bot.schema import Pack
from resmi.routing import counting
from resmi.routing import queries as routing
from resmi.routing import services as settings
from resmi.routing.policy import Policy, QueueFacts
from resmi.routing.queries import InForce

log = structlog.get_logger()


class _Kept(msgspec.Struct, frozen=True):
    """What was made of settings and pack; it holds while both are the same."""

    settings: InForce
    pack: Pack
    times: dict[str, OpenTime]
    digests: dict[str, str]


class _Held:
    kept: ClassVar[_Kept | None] = None
    followed: ClassVar[dict[str, str]] = {}
    open: ClassVar[frozenset[str] | None] = None


def times() -> Mapping[str, OpenTime]:
    """By queue, as set now; "" is the agency's own, for conversations in no queue."""
    return _kept().times


def time_of(key: str) -> OpenTime:
    """The time in which a queue's promises count; the agency's own for one nobody knows (yet)."""
    known = times()
    return known.get(key, known[""])


def _kept() -> _Kept:
    now, pack, kept = routing.in_force(), bot.current_pack(), _Held.kept
    if kept is None or kept.settings is not now or kept.pack is not pack:
        digests = {
            key: counting.digest(now.policy, queue, pack.hours) for key, queue in now.queues.items()
        }
        kept = _Kept(now, pack, of(now.policy, now.queues), digests)
        _Held.kept = kept
    return kept


def of(policy: Policy, queues: Mapping[str, QueueFacts]) -> dict[str, OpenTime]:
    """By queue, as a policy and queues would have it."""
    agency = bot.current_pack().hours
    return {
        "": OpenTime(agency),
        **{key: counting.open_time(policy, queue, agency) for key, queue in queues.items()},
    }


# Whoever is woken looks which promises run now, and when to look again. Workers know the new
# settings a second later.
_LOOK_AGAIN = """
    INSERT INTO conversations_timer (conversation_id, kind, due_at)
    SELECT id, 'sla', now() + interval '3 s' FROM conversations_conversation
    WHERE queue = ANY(%s) AND status IN ('waiting', 'offered', 'assigned') ORDER BY id
    ON CONFLICT (conversation_id, kind) DO UPDATE SET due_at = excluded.due_at
"""
_NEW = """
    UPDATE routing_queue q SET counts_by = n.digest
    FROM unnest(%s::text[], %s::text[]) AS n (key, digest)
    WHERE q.key = n.key AND q.counts_by <> n.digest RETURNING q.key
"""


def look_again(queues: Iterable[str]) -> None:
    """Lets everybody in these queues look soon which promises run; in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_AGAIN, [list(queues)])


def follow() -> list[str]:
    """Has those look again in whose queue time counts otherwise than before; their queues.

    However it came: hours, holidays, a region, a closing, another pack. Workers ask every second;
    it costs a statement only when what this process knows changed, and one of them acts.
    """
    digests = _kept().digests
    if digests == _Held.followed:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        if not settings.try_turn():
            return []  # asked again in a second
        cursor.execute(_NEW, [list(digests), list(digests.values())])
        changed = sorted(key for (key,) in cursor.fetchall())
        if changed:
            look_again(changed)
    _Held.followed = digests
    if changed:
        log.info("promises_recounted", action="promises_recounted", queues=changed)
    return changed


def tell_turning(now: datetime) -> bool:
    """Has screens drawn anew when a queue opened or closed since this process last asked."""
    found = frozenset(key for key, time in times().items() if time.is_open(now))
    turned = _Held.open is not None and _Held.open != found
    if turned:
        with transaction.atomic():
            live.announce("queues")
    _Held.open = found
    return turned
