"""What came to the queues in a span of time, read from the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection

from resmi.conversations.levels import HandOver

_HAND_OVERS = """
    SELECT h.conversation_id, h.data->>'queue', h.at, after.answered, after.closed, after.apart
    FROM conversations_event h
    LEFT JOIN LATERAL (
        SELECT min(e.at) FILTER (WHERE e.type = 'message_created' AND e.actor->>'kind' = 'agent'
                AND e.data->'content'->>'type' <> 'reaction' AND NOT EXISTS (
                    SELECT FROM conversations_event w
                    WHERE w.conversation_id = e.conversation_id AND w.seq > e.seq
                      AND w.type = 'message_withdrawn' AND w.data->>'ref' = e.data->>'ref')
                ) AS answered,
            min(e.at) FILTER (WHERE e.type = 'conversation_closed') AS closed,
            min(e.at) FILTER (WHERE e.type = 'callback_asked'
                OR e.type = 'conversation_transferred' AND e.data->>'queue' = '') AS apart
        FROM conversations_event e
        WHERE e.conversation_id = h.conversation_id AND e.seq > h.seq AND e.type IN
            ('message_created', 'conversation_closed', 'callback_asked', 'conversation_transferred')
        ) AS after ON true
    WHERE h.type = 'handed_over' AND h.at >= %s AND h.at < %s
    ORDER BY h.at, h.conversation_id
"""
_HOURS_OF_QUEUES = """
    WITH span AS (SELECT begins FROM unnest(%s::timestamptz[]) AS s (begins)),
    came AS (
        SELECT s.begins, e.data->>'queue' AS queue, count(*) AS number
        FROM span s JOIN conversations_event e
          ON e.type = 'handed_over' AND e.at >= s.begins AND e.at < s.begins + interval '1 hour'
        GROUP BY s.begins, e.data->>'queue')
    SELECT q.key, s.begins, coalesce(c.number, 0)
    FROM routing_queue q CROSS JOIN span s
    LEFT JOIN came c ON c.queue = q.key AND c.begins = s.begins
    WHERE s.begins > (
        SELECT h.at FROM routing_handled h WHERE h.queue = q.key ORDER BY h.id LIMIT 1)
      AND EXISTS (
        SELECT FROM conversations_event e WHERE e.type = 'handed_over' AND e.at < s.begins)
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
            HandOver(
                conversation=number,
                queue=queue,
                at=at,
                answered_at=answered,
                closed_at=closed,
                apart_at=apart,
            )
            for number, queue, at, answered, closed, apart in cursor.fetchall()
        ]


def hours_of_queues(begins: Collection[datetime]) -> dict[str, dict[datetime, int]]:
    """How many came to each queue in the hours that began so, by their begin.

    Only hours after an agent first brought a conversation of the queue to an end, and that the log
    goes back to: what was before the queue began, or is kept no more, is no quiet hour.
    """
    found: dict[str, dict[datetime, int]] = defaultdict(dict)
    if not begins:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_HOURS_OF_QUEUES, [sorted(set(begins))])
        for queue, begin, number in cursor.fetchall():
            found[queue][begin] = number
    return found


def available(begin: datetime, last: datetime) -> list[int]:
    """How many agents were available at some time in each quarter hour, `begin` to `last`."""
    if last < begin:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AVAILABLE, [begin, last + timedelta(seconds=1)])
        return [count for _, count in cursor.fetchall()]
