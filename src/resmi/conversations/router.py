"""Pairs waiting conversations with agents and tells the others their place.

Any number of processes may run a pass; only one at a time does, and even if two did, the row lock
and the conditional claim of capacity keep every outcome right.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from django.db import connection, transaction

from resmi.agency.models import User
from resmi.conversations import services, storing
from resmi.engine.lifecycle import Refused
from resmi.routing import queries, rules
from resmi.routing import services as routing

LOCK = 0x7265736D_00000001  # "resm", router
LOOK_AHEAD = 500

_WAITING = """
    SELECT c.id, c.queue, c.priority, c.waiting_since, c.state, ch.kind
    FROM conversations_conversation c JOIN channels_channel ch ON ch.id = c.channel_id
    WHERE c.status = 'waiting' ORDER BY c.priority DESC, c.waiting_since, c.id LIMIT %s
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


class _State(msgspec.Struct, frozen=True):
    skills: tuple[str, ...] = ()
    last_agent: str = ""
    declined: tuple[str, ...] = ()
    position: int = 0


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
    _withdraw_abandoned()
    facts = queries.queues()
    waiting = _waiting(facts)
    if not waiting:
        return 0
    rows = queries.agents()
    agents = queries.available(rows)
    offered = _offer(waiting, agents, facts)
    _tell_positions([w for w in waiting if w.item.conversation not in offered], rows, facts)
    return len(offered)


def _withdraw_abandoned() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ABANDONED)
        abandoned = cursor.fetchall()
    for conversation_id, agent_id in abandoned:
        services.withdraw_offer(conversation_id=conversation_id, agent_id=agent_id)


def _waiting(facts: dict[str, queries.QueueFacts]) -> list[_Waits]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [LOOK_AHEAD])
        rows = cursor.fetchall()
    found: list[_Waits] = []
    for conversation_id, queue, priority, since, raw, kind in rows:
        state = _state.decode(bytes(raw))
        fact = facts.get(queue)
        item = rules.Waiting(
            conversation=conversation_id,
            since=since,
            skills=frozenset(state.skills) | (fact.skills if fact else frozenset()),
            priority=priority + (fact.priority if fact else 0),
            cost=storing.cost_of(kind),
            last_agent=state.last_agent,
            declined=state.declined,
        )
        found.append(_Waits(item=item, queue=queue, position=state.position))
    return found


def _offer(
    waiting: list[_Waits], agents: list[rules.Agent], facts: dict[str, queries.QueueFacts]
) -> set[int]:
    queue_of = {w.item.conversation: w.queue for w in waiting}
    pairings = rules.choose([w.item for w in waiting], agents)
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
    waiting: list[_Waits], rows: list[queries.AgentRow], facts: dict[str, queries.QueueFacts]
) -> None:
    """Tells each citizen once where they stand, counted within their queue."""
    ordered = sorted(waiting, key=lambda w: (-w.item.priority, w.item.since, w.item.conversation))
    places: dict[str, int] = {}
    available = queries.available(rows)
    for wait in ordered:
        places[wait.queue] = position = places.get(wait.queue, 0) + 1
        if wait.position:
            continue
        slots = sum(agent.capacity // wait.item.cost for agent in rules.fit(wait.item, available))
        fact = facts.get(wait.queue)
        wait_s = rules.estimate_wait_s(position, slots, fact.handle_s if fact else 300)
        with transaction.atomic():
            services.tell_position(
                conversation_id=wait.item.conversation, position=position, wait_s=wait_s
            )
