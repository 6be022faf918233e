"""The whole floor at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Count, Min, QuerySet

from resmi.conversations import opening, promises
from resmi.conversations.models import Conversation, Event
from resmi.conversations.queries.rows import ConversationRow, row_of
from resmi.engine import events
from resmi.routing import queries as routing
from resmi.routing import rules
from resmi.routing.policy import QueueFacts


class FloorQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as the floor shows it; times in seconds.

    `late` wait live longer than `target_s` of the time in which promises count; the longest wait is
    beyond it after `limit_s` (0: never). For `overflowing` the agents of `overflow_to` may serve
    too; `callbacks` do not wait live. A `closed` queue takes nobody new. `is_open`: that time runs
    now, else again at `opens_at` (None: not known).
    """

    key: str
    name: str
    waiting: int
    oldest_waiting_since: datetime | None
    offered: int
    assigned: int
    agents_available: int
    target_s: int
    late: int
    overflowing: int
    overflow_to: str
    snoozed: int
    callbacks: int
    closed: bool
    limit_s: int
    is_open: bool
    opens_at: datetime | None


class RaisedHand(msgspec.Struct, frozen=True, kw_only=True):
    """An agent who asks for help with a conversation; `note` says what for, if they said."""

    row: ConversationRow
    since: datetime
    note: str


class FloorAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the floor shows them.

    `reason` is the key of their break; `overlong` is whether it lasts longer than the policy says.
    """

    user_id: int
    name: str
    status: str
    reason: str
    overlong: bool
    on_shift: bool
    since: datetime
    load: int
    capacity: int
    conversations: tuple[ConversationRow, ...]


class FloorSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The whole floor at one moment."""

    queues: tuple[FloorQueue, ...]
    agents: tuple[FloorAgent, ...]
    bot_talking: int
    hands: tuple[RaisedHand, ...]
    late: frozenset[int]
    """Conversations with an agent, of which a promise broke."""


class _Marks(msgspec.Struct, frozen=True):
    help_asked_at: datetime | None = None
    levels_told: tuple[str, ...] = ()


_marks = msgspec.json.Decoder(_Marks)

# The state is JSON without blanks, in which a citizen's quotes are escaped: this finds fields only.
_STANDING = """
    SELECT c.queue,
        count(*) FILTER (WHERE c.status = 'waiting'
            AND position('"callback":""'::bytea IN c.state) > 0 AND c.waiting_since < l.since),
        count(*) FILTER (WHERE c.status = 'waiting' AND q.overflow_to <> ''
            AND q.overflow_after_s > 0
            AND c.waiting_since < now() - make_interval(secs => q.overflow_after_s)),
        count(*) FILTER (WHERE position('"callback":"message"'::bytea IN c.state) > 0
            OR position('"callback":"call"'::bytea IN c.state) > 0)
    FROM conversations_conversation c JOIN routing_queue q ON q.key = c.queue
    LEFT JOIN unnest(%s::text[], %s::timestamptz[]) AS l (queue, since) ON l.queue = c.queue
    WHERE c.status IN ('waiting', 'snoozed') GROUP BY c.queue
"""


def floor() -> FloorSnapshot:
    """Queues, agents and what each agent holds, in seven queries at most."""
    facts = routing.queues()
    now = datetime.now(UTC)
    agents = routing.agents()
    available = routing.available(agents)
    counts = {
        (row["queue"], row["status"]): row
        for row in Conversation.objects.exclude(status="closed")
        .values("queue", "status")
        .annotate(count=Count("id"), oldest=Min("waiting_since"))
    }
    held: dict[int, list[ConversationRow]] = {}
    raised: list[tuple[ConversationRow, datetime]] = []
    late: set[int] = set()
    for conversation in _held():
        row, marks = row_of(conversation), _marks.decode(bytes(conversation.state))
        held.setdefault(row.agent_id or 0, []).append(row)
        if marks.help_asked_at is not None:
            raised.append((row, marks.help_asked_at))
        queue = facts.get(row.queue) or QueueFacts(key="", name="")
        time = opening.time_of(row.queue)
        if promises.is_broken(row.course, marks.levels_told, queue, time, now):
            late.add(row.id)
    standing = _standing(facts.values(), now)
    return FloorSnapshot(
        queues=tuple(
            _floor_queue(queue, counts, standing, available, now) for queue in facts.values()
        ),
        agents=tuple(_floor_agent(agent, held, now) for agent in agents),
        bot_talking=sum(row["count"] for key, row in counts.items() if key[1] == "bot"),
        hands=_hands(raised),
        late=frozenset(late),
    )


def _held() -> QuerySet[Conversation]:
    held = Conversation.objects.filter(status__in=["assigned", "offered"], agent__isnull=False)
    return held.select_related("contact", "channel", "agent").order_by("id")


def _standing(queues: Iterable[QueueFacts], now: datetime) -> dict[str, tuple[int, int, int]]:
    """Late, overflowing and to be called back, by queue."""
    promised = [queue for queue in queues if queue.target_s]
    since = [opening.time_of(queue.key).since(now, queue.target_s) for queue in promised]
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [[queue.key for queue in promised], since])
        return {queue: (late, over, back) for queue, late, over, back in cursor.fetchall()}


def _hands(raised: list[tuple[ConversationRow, datetime]]) -> tuple[RaisedHand, ...]:
    """Who asks for help, the longest first, with what they last said it is about."""
    if not raised:
        return ()
    asked = Event.objects.filter(
        type=events.type_name(events.HelpAsked), conversation_id__in=[row.id for row, _ in raised]
    ).order_by("seq")
    notes = {event.conversation_id: str(event.data.get("note", "")) for event in asked}
    hands = [RaisedHand(row=row, since=at, note=notes.get(row.id, "")) for row, at in raised]
    return tuple(sorted(hands, key=lambda hand: (hand.since, hand.row.id)))


def _floor_agent(
    agent: routing.AgentRow, held: Mapping[int, list[ConversationRow]], now: datetime
) -> FloorAgent:
    most_s = {one.key: one.most_s for one in routing.in_force().policy.breaks}
    most = most_s.get(agent.reason, 0) if agent.status == "away" else 0
    return FloorAgent(
        user_id=agent.user_id,
        name=agent.name,
        status=agent.status,
        reason=agent.reason,
        overlong=0 < most < (now - agent.since).total_seconds(),
        on_shift=agent.on_shift,
        since=agent.since,
        load=agent.load,
        capacity=agent.capacity,
        conversations=tuple(held.get(agent.user_id, ())),
    )


def _floor_queue(
    queue: QueueFacts,
    counts: Mapping[tuple[str, str], Mapping[str, Any]],
    standing: Mapping[str, tuple[int, int, int]],
    available: list[rules.Agent],
    now: datetime,
) -> FloorQueue:
    late, overflowing, callbacks = standing.get(queue.key, (0, 0, 0))
    time = opening.time_of(queue.key)
    oldest = counts.get((queue.key, "waiting"), {}).get("oldest")
    wanted = rules.Waiting(
        conversation=0,
        since=now,
        ways=(rules.Way(queue=queue.key, needs=rules.needs_of(queue.skills)),),
    )

    def count(status: str) -> int:
        return int(counts.get((queue.key, status), {}).get("count", 0))

    return FloorQueue(
        key=queue.key,
        name=queue.name,
        waiting=count("waiting"),
        oldest_waiting_since=oldest,
        offered=count("offered"),
        assigned=count("assigned"),
        agents_available=sum(bool(rules.fit(wanted, [agent])) for agent in available),
        target_s=queue.target_s,
        late=late,
        overflowing=overflowing,
        overflow_to=queue.overflow_to,
        snoozed=count("snoozed"),
        callbacks=callbacks,
        closed=queue.closed,
        limit_s=promises.limit_s(oldest, queue, time),
        is_open=time.is_open(now),
        opens_at=time.opens_at(now),
    )
