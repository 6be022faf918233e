"""Pairs waiting conversations with agents and tells the others their place.

Any number of processes may run a pass; only one at a time does, and even if two did, the row lock
and the conditional claim of capacity keep every outcome right.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection

from resmi.agency.models import User
from resmi.conversations import departing, services
from resmi.engine.lifecycle import Refused
from resmi.routing import policy, queries, rules
from resmi.routing import services as routing
from resmi.routing.places import should_tell

LOCK = 0x7265736D_00000001  # "resm", router
# The first of each queue: a line that nobody serves just now must not hide the others.
LOOK_AHEAD = 500
# Who does not wait live yields to those who do, but only for so long (30 points: an hour).
CALLBACK_POINTS = -30

_WAITING = """
    SELECT c.id, c.queue, c.priority, c.waiting_since, c.state, ch.kind, k.tags, k.value, (
        SELECT h.agent_id FROM routing_handled h
        WHERE h.contact = c.contact_id AND h.at > now() - make_interval(secs => %s)
        ORDER BY h.id DESC LIMIT 1)
    FROM (
        SELECT *, row_number() OVER (PARTITION BY queue ORDER BY rank, id) AS place FROM (
            SELECT *, waiting_since - make_interval(secs => priority * %s) AS rank
            FROM conversations_conversation WHERE status = 'waiting') AS line) AS c
    JOIN channels_channel ch ON ch.id = c.channel_id
    JOIN contacts_contact k ON k.id = c.contact_id
    WHERE c.place <= %s ORDER BY c.rank, c.id
"""
_ABANDONED = """
    SELECT c.id, c.agent_id FROM conversations_conversation c
    LEFT JOIN routing_presence p ON p.agent_id = c.agent_id
    WHERE c.status = 'offered' AND coalesce(p.status, 'offline') <> 'available'
"""


class _Waits(msgspec.Struct, frozen=True, kw_only=True):
    item: rules.Waiting
    queue: str
    position: int
    told_at: datetime | None
    live: bool


class _State(msgspec.Struct, frozen=True):
    skills: tuple[str, ...] = ()
    last_agent: str = ""
    declined: tuple[str, ...] = ()
    raised_by: tuple[str, ...] = ()
    position: int = 0
    position_told_at: datetime | None = None
    language: str = ""
    callback: str = ""


_state = msgspec.json.Decoder(_State)


def run_pass() -> int:
    """One pass: withdraw stale offers, offer, tell positions; how many offers were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        try:
            return _pass()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _pass() -> int:
    routing.retire_unseen()
    routing.end_wrap_ups()
    departing.return_held()
    _withdraw_abandoned()
    settings, now = queries.in_force(), datetime.now(UTC)
    waiting = _waiting(settings, now)
    if not waiting:
        return 0
    agents = queries.available(queries.agents())
    offered = _offer(waiting, agents, settings.queues, now)
    still = [w for w in waiting if w.live and w.item.conversation not in offered]
    _tell_positions(still, agents, settings, now)
    return len(offered)


def _withdraw_abandoned() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ABANDONED)
        abandoned = cursor.fetchall()
    for conversation_id, agent_id in abandoned:
        services.withdraw_offer(conversation_id=conversation_id, agent_id=agent_id)


def _waiting(settings: queries.InForce, now: datetime) -> list[_Waits]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [settings.policy.continuity_s, rules.POINT_S, LOOK_AHEAD])
        rows = cursor.fetchall()
    return [_waits(row, settings, now) for row in rows]


def _waits(row: tuple[Any, ...], settings: queries.InForce, now: datetime) -> _Waits:
    conversation_id, queue, priority, since, raw, kind, tags, value, known = row
    state = _state.decode(bytes(raw))
    fact = settings.queues.get(queue) or policy.QueueFacts(key=queue, name=queue)
    evidence = policy.Evidence(flags=frozenset(tags), value=value)
    personal = policy.personal(settings.policy, evidence, state.raised_by)
    last_agent = state.last_agent or (str(known) if known else "")
    item = rules.Waiting(
        conversation=conversation_id,
        since=since,
        ways=policy.ways(settings.queues, fact, state.skills, state.language, since, now),
        priority=priority
        + fact.priority
        + policy.points(personal)
        + (CALLBACK_POINTS if state.callback else 0),
        cost=settings.policy.cost_of(kind),
        last_agent=last_agent,
        hold_until=since + timedelta(seconds=fact.hold_s),
        declined=state.declined,
    )
    return _Waits(
        item=item,
        queue=queue,
        position=state.position,
        told_at=state.position_told_at,
        live=not state.callback,
    )


def _offer(
    waiting: list[_Waits],
    agents: list[rules.Agent],
    facts: dict[str, policy.QueueFacts],
    now: datetime,
) -> set[int]:
    queue_of = {w.item.conversation: w.queue for w in waiting}
    pairings = rules.choose([w.item for w in waiting], agents, now)
    users = User.objects.in_bulk([int(pairing.agent) for pairing in pairings])
    offered: set[int] = set()
    for pairing in pairings:
        fact = facts.get(queue_of[pairing.conversation])
        until = datetime.now(UTC) + timedelta(seconds=fact.offer_s if fact else 30)
        try:
            services.offer(
                conversation_id=pairing.conversation, agent=users[int(pairing.agent)], until=until
            )
        except Refused:
            continue
        offered.add(pairing.conversation)
    return offered


def _tell_positions(
    waiting: list[_Waits], agents: list[rules.Agent], settings: queries.InForce, now: datetime
) -> None:
    """Tells each citizen where they stand in their queue, and again when it is much better."""
    places: dict[str, int] = {}
    handled: dict[str, int] = {}
    for wait in sorted(waiting, key=lambda w: rules.rank(w.item)):
        places[wait.queue] = place = places.get(wait.queue, 0) + 1
        if not should_tell(
            told=wait.position,
            told_at=wait.told_at,
            place=place,
            now=now,
            retell_s=settings.policy.retell_s,
        ):
            continue
        fact = settings.queues.get(wait.queue) or policy.QueueFacts(key=wait.queue, name="")
        if wait.queue not in handled:
            handled[wait.queue] = queries.handle_s(fact)
        slots = sum(a.capacity // wait.item.cost for _, a in rules.fit(wait.item, agents))
        wait_s = rules.estimate_wait_s(place, slots, handled[wait.queue])
        services.tell_position(
            conversation_id=wait.item.conversation, position=place, wait_s=wait_s
        )
