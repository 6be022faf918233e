"""Reads of queues, agents and their load."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from resmi.agency import rules as roles
from resmi.routing import rules
from resmi.routing.agents import AgentSettings, Span
from resmi.routing.models import RoutingPolicy
from resmi.routing.policy import Policy, QueueFacts

_CHECK_EVERY_S = 1.0
_HANDLED_COUNTED = 50


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """The routing policy and the queues by key, in the order they are shown."""

    policy: Policy = Policy()
    queues: dict[str, QueueFacts] = {}


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An agent on the floor, whatever their status.

    `skills` maps to levels; `queues` are the keys they serve, empty: all. `on_shift` is whether
    they may work now.
    """

    user_id: int
    name: str
    status: str
    reason: str
    since: datetime
    load: int
    capacity: int
    skills: dict[str, int]
    queues: tuple[str, ...]
    on_shift: bool


class _Cache:
    lock = threading.Lock()
    held = InForce()
    read: str | None = None
    checked_at = 0.0


_IN_FORCE = """
    SELECT jsonb_build_object(
        'policy', (SELECT data FROM routing_routingpolicy ORDER BY id DESC LIMIT 1),
        'queues', (SELECT jsonb_agg(to_jsonb(q) ORDER BY q.priority DESC, q.id)
                   FROM routing_queue q))::text
"""


class _Read(msgspec.Struct, frozen=True):
    policy: Policy | None = None
    queues: tuple[dict[str, Any], ...] | None = None


def in_force() -> InForce:
    """Policy and queues, read at most once a second by a process, in one statement."""
    now = time.monotonic()
    if _Cache.read is not None and now - _Cache.checked_at < _CHECK_EVERY_S:
        return _Cache.held
    with _Cache.lock, connection.cursor() as cursor:
        cursor.execute(_IN_FORCE)
        (read,) = cursor.fetchone()
        if read != _Cache.read:
            _Cache.held = _decoded(read)
            _Cache.read = read
        _Cache.checked_at = now
        return _Cache.held


def _decoded(read: str) -> InForce:
    found = msgspec.json.decode(read, type=_Read)
    rows = [{**row, "closed": row["closed_at"] is not None} for row in found.queues or ()]
    queues = {row["key"]: msgspec.convert(row, QueueFacts) for row in rows}
    return InForce(policy=found.policy or Policy(), queues=queues)


def forget() -> None:
    """Makes the next `in_force` ask the database."""
    _Cache.checked_at = 0.0


def policy() -> Policy:
    """The routing policy in force; the default one until somebody writes one."""
    newest = RoutingPolicy.objects.order_by("-id").first()
    return msgspec.convert(newest.data, Policy) if newest else Policy()


def queues() -> dict[str, QueueFacts]:
    """All queues by key, in the order they are shown."""
    forget()
    return in_force().queues


_AGENTS = """
    SELECT u.id, u.name, u.display_name, p.status, p.reason, p.since, p.load, p.capacity,
           (SELECT jsonb_object_agg(s.skill, s.level) FROM routing_agentskill s
            WHERE s.agent_id = u.id)::text,
           ARRAY(SELECT q.key FROM routing_agentqueue a JOIN routing_queue q ON q.id = a.queue_id
                 WHERE a.agent_id = u.id ORDER BY q.key),
           u.time_zone,
           (SELECT jsonb_agg(jsonb_build_array(h.weekday, h.starts, h.ends))
            FROM routing_shift h WHERE h.agent_id = u.id)::text
    FROM routing_presence p
    JOIN agency_user u ON u.id = p.agent_id AND u.is_active AND u.role = ANY(%s)
    ORDER BY u.name, u.id
"""
_SERVING = sorted(role for role in roles.ROLES if roles.can(role, "serve_citizens"))


def agents() -> list[AgentRow]:
    """Everybody who ever reported for work and may serve citizens still, by name."""
    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute(_AGENTS, [_SERVING])
        return [
            AgentRow(
                user_id=row[0],
                name=row[1] or row[2],
                status=row[3],
                reason=row[4],
                since=row[5],
                load=row[6],
                capacity=row[7],
                skills=msgspec.json.decode(row[8] or "{}"),
                queues=tuple(row[9]),
                on_shift=on_shift(now, row[10], msgspec.json.decode(row[11] or "[]")),
            )
            for row in cursor.fetchall()
        ]


def on_shift(now: datetime, time_zone: str, shifts: list[tuple[int, int, int]]) -> bool:
    """Whether one of the (weekday, starts, ends) holds at `now`; true without any."""
    if not shifts:
        return True
    local = now.astimezone(ZoneInfo(time_zone))
    minute = local.hour * 60 + local.minute
    return any(day == local.weekday() and starts <= minute < ends for day, starts, ends in shifts)


def available(rows: list[AgentRow]) -> list[rules.Agent]:
    """The agents who take work now, as the rules want them."""
    return [
        rules.Agent(
            id=str(row.user_id),
            name=row.name,
            skills=row.skills,
            queues=frozenset(row.queues),
            load=row.load,
            capacity=row.capacity,
            since=row.since,
        )
        for row in rows
        if row.status == "available" and row.on_shift
    ]


_SETTINGS = """
    SELECT u.id,
           coalesce((SELECT jsonb_object_agg(s.skill, s.level) FROM routing_agentskill s
                     WHERE s.agent_id = u.id), '{}')::text,
           ARRAY(SELECT q.key FROM routing_agentqueue a JOIN routing_queue q ON q.id = a.queue_id
                 WHERE a.agent_id = u.id ORDER BY q.key),
           coalesce((SELECT p.capacity FROM routing_presence p WHERE p.agent_id = u.id), %s),
           coalesce((SELECT jsonb_agg(jsonb_build_array(h.weekday, h.starts, h.ends)
                                      ORDER BY h.weekday, h.starts)
                     FROM routing_shift h WHERE h.agent_id = u.id), '[]')::text
    FROM agency_user u WHERE u.id = ANY(%s)
"""


def settings_of(agents: Iterable[int]) -> dict[int, AgentSettings]:
    """What is set for each of these accounts, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS, [rules.CAPACITY, list(agents)])
        return {
            row[0]: AgentSettings(
                skills=msgspec.json.decode(row[1]),
                queues=tuple(row[2]),
                capacity=row[3],
                shifts=msgspec.json.decode(row[4], type=tuple[Span, ...]),
            )
            for row in cursor.fetchall()
        }


def agent_settings(agent_id: int) -> AgentSettings:
    """What is set for one account."""
    return settings_of([agent_id]).get(agent_id, AgentSettings())


_SERVING_ONLY = """
    SELECT a.agent_id FROM routing_agentqueue a JOIN routing_queue q ON q.id = a.queue_id
    GROUP BY a.agent_id HAVING array_agg(q.key::text) = ARRAY[%s] ORDER BY a.agent_id
"""


def serving_only(queue: str) -> list[int]:
    """The accounts for whom this is the only queue."""
    with connection.cursor() as cursor:
        cursor.execute(_SERVING_ONLY, [queue])
        return [agent for (agent,) in cursor.fetchall()]


_HANDLED = """
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY handle_s), count(*) FROM (
        SELECT handle_s FROM routing_handled WHERE queue = %s ORDER BY id DESC LIMIT %s) AS recent
"""


def handle_s(queue: QueueFacts) -> int:
    """Seconds an agent needs for one conversation of a queue: the median of the last 50.

    Until ten are known, what the queue's settings say.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HANDLED, [queue.key, _HANDLED_COUNTED])
        median, count = cursor.fetchone()
    return int(median) if count >= 10 else queue.handle_s
