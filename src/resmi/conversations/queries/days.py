"""What came to the queues in a span of time, read from the log."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from resmi.conversations.levels import HandOver

_HAND_OVERS = """
    SELECT h.conversation_id, h.data->>'queue', h.at, answer.at, closing.at
    FROM conversations_event h
    LEFT JOIN LATERAL (
        SELECT e.at FROM conversations_event e
        WHERE e.conversation_id = h.conversation_id AND e.seq > h.seq
          AND e.type = 'message_created' AND e.actor->>'kind' = 'agent'
        ORDER BY e.seq LIMIT 1) AS answer ON true
    LEFT JOIN LATERAL (
        SELECT e.at FROM conversations_event e
        WHERE e.conversation_id = h.conversation_id AND e.seq > h.seq
          AND e.type = 'conversation_closed'
        ORDER BY e.seq LIMIT 1) AS closing ON true
    WHERE h.type = 'handed_over' AND h.at >= %s AND h.at < %s
    ORDER BY h.at, h.conversation_id
"""
_WEEKS = """
    SELECT w.back, (
        SELECT count(*) FROM conversations_event e WHERE e.type = 'handed_over'
          AND e.at >= %s - make_interval(days => 7 * w.back)
          AND e.at < %s - make_interval(days => 7 * w.back))
    FROM generate_series(1, %s) AS w(back)
    WHERE EXISTS (
        SELECT FROM conversations_event e WHERE e.type = 'handed_over'
          AND e.at < %s - make_interval(days => 7 * w.back))
    ORDER BY w.back
"""
_AVAILABLE = """
    SELECT q.at, count(DISTINCT s.agent_id)
    FROM generate_series(%s, %s, interval '15 minutes') q(at)
    LEFT JOIN routing_presencespan s ON s.status = 'available'
      AND s.since < q.at + interval '15 minutes' AND (s.until IS NULL OR s.until > q.at)
    GROUP BY q.at ORDER BY q.at
"""


def hand_overs(begin: datetime, end: datetime) -> list[HandOver]:
    """Everybody who was handed over to a queue from `begin` until before `end` (aware)."""
    with connection.cursor() as cursor:
        cursor.execute(_HAND_OVERS, [begin, end])
        return [
            HandOver(conversation=number, queue=queue, at=at, answered_at=answer, closed_at=closing)
            for number, queue, at, answer, closing in cursor.fetchall()
        ]


def weeks_before(begin: datetime, end: datetime, weeks: int = 6) -> list[int]:
    """How many came in the same span of earlier weeks, the last one first.

    Only weeks that the log goes back to: a week before the agency began is no quiet week.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS, [begin, end, weeks, begin])
        return [count for _, count in cursor.fetchall()]


def available(begin: datetime, last: datetime) -> list[int]:
    """How many agents were available at some time in each quarter hour, `begin` to `last`."""
    if last < begin:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AVAILABLE, [begin, last + timedelta(seconds=1)])
        return [count for _, count in cursor.fetchall()]
