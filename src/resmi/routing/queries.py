"""Reads of queues, agents and their load."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db import connection

from resmi.routing import rules
from resmi.routing.models import Queue


class QueueFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A queue's settings; times in seconds."""

    key: str
    name: str
    skills: frozenset[str]
    priority: int
    offer_s: int
    target_s: int
    handle_s: int


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An agent on the floor, whatever their status."""

    user_id: int
    name: str
    status: str
    since: datetime
    load: int
    capacity: int
    skills: tuple[str, ...]


def queues() -> dict[str, QueueFacts]:
    """All queues by key, in the order they are shown."""
    return {
        queue.key: QueueFacts(
            key=queue.key,
            name=queue.name,
            skills=frozenset(queue.skills),
            priority=queue.priority,
            offer_s=queue.offer_s,
            target_s=queue.target_s,
            handle_s=queue.handle_s,
        )
        for queue in Queue.objects.order_by("-priority", "id")
    }


_AGENTS = """
    SELECT u.id, u.name, u.display_name, p.status, p.since, p.load, p.capacity,
           coalesce(array_agg(s.skill ORDER BY s.skill) FILTER (WHERE s.skill IS NOT NULL), '{}')
    FROM routing_presence p
    JOIN agency_user u ON u.id = p.agent_id AND u.is_active
    LEFT JOIN routing_agentskill s ON s.agent_id = u.id
    GROUP BY u.id, p.id
    ORDER BY u.name, u.id
"""


def agents() -> list[AgentRow]:
    """Every agent who ever reported for work, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_AGENTS)
        return [
            AgentRow(
                user_id=row[0],
                name=row[1] or row[2],
                status=row[3],
                since=row[4],
                load=row[5],
                capacity=row[6],
                skills=tuple(row[7]),
            )
            for row in cursor.fetchall()
        ]


def available(rows: list[AgentRow]) -> list[rules.Agent]:
    """The agents who take work now, as the rules want them."""
    return [
        rules.Agent(
            id=str(row.user_id),
            name=row.name,
            skills=frozenset(row.skills),
            load=row.load,
            capacity=row.capacity,
            since=row.since,
        )
        for row in rows
        if row.status == "available"
    ]
