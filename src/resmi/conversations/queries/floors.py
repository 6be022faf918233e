"""The whole floor at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db.models import Count, Min

from resmi.conversations.models import Conversation
from resmi.conversations.queries.rows import ConversationRow, rows_of
from resmi.routing import queries as routing
from resmi.routing import rules
from resmi.routing.policy import QueueFacts


class FloorQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as the floor shows it; times in seconds."""

    key: str
    name: str
    waiting: int
    oldest_waiting_since: datetime | None
    offered: int
    assigned: int
    agents_available: int
    target_s: int


class FloorAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the floor shows them."""

    user_id: int
    name: str
    status: str
    since: datetime
    load: int
    capacity: int
    conversations: tuple[ConversationRow, ...]


class FloorSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The whole floor at one moment."""

    queues: tuple[FloorQueue, ...]
    agents: tuple[FloorAgent, ...]
    bot_talking: int


def floor() -> FloorSnapshot:
    """Queues, agents and what each agent holds, in four queries."""
    facts = routing.queues()
    agents = routing.agents()
    available = routing.available(agents)
    counts = {
        (row["queue"], row["status"]): row
        for row in Conversation.objects.exclude(status="closed")
        .values("queue", "status")
        .annotate(count=Count("id"), oldest=Min("waiting_since"))
    }
    held: dict[int, list[ConversationRow]] = {}
    for row in rows_of(Conversation.objects.filter(status__in=["assigned", "offered"])):
        if row.agent_id is not None:
            held.setdefault(row.agent_id, []).append(row)
    return FloorSnapshot(
        queues=tuple(_floor_queue(queue, counts, available) for queue in facts.values()),
        agents=tuple(
            FloorAgent(
                user_id=agent.user_id,
                name=agent.name,
                status=agent.status,
                since=agent.since,
                load=agent.load,
                capacity=agent.capacity,
                conversations=tuple(held.get(agent.user_id, ())),
            )
            for agent in agents
        ),
        bot_talking=sum(row["count"] for key, row in counts.items() if key[1] == "bot"),
    )


def _floor_queue(
    queue: QueueFacts,
    counts: Mapping[tuple[str, str], Mapping[str, Any]],
    available: list[rules.Agent],
) -> FloorQueue:
    wanted = rules.Waiting(
        conversation=0,
        since=datetime.now(UTC),
        ways=(rules.Way(queue=queue.key, needs=rules.needs_of(queue.skills)),),
    )

    def count(status: str) -> int:
        return int(counts.get((queue.key, status), {}).get("count", 0))

    return FloorQueue(
        key=queue.key,
        name=queue.name,
        waiting=count("waiting"),
        oldest_waiting_since=counts.get((queue.key, "waiting"), {}).get("oldest"),
        offered=count("offered"),
        assigned=count("assigned"),
        agents_available=sum(bool(rules.fit(wanted, [agent])) for agent in available),
        target_s=queue.target_s,
    )
