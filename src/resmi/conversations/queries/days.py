"""What came to the queues in a span of time, read from the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from resmi.conversations.levels import HandOver

_HAND_OVERS = """
    SELECT h.conversation_id, h.data->>'queue', h.at, after.answered, after.closed, after.apart
    FROM conversations_event h
    LEFT JOIN LATERAL (
        SELECT min(e.at) FILTER (WHERE e.type = 'message_created' AND e.actor->>'kind' = 'agent'
                AND e.data->'content'->>'type' <> 'reaction') AS answered,
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
_WEEKS = """
    SELECT (
        SELECT count(*) FROM conversations_event e
        WHERE e.type = 'handed_over' AND e.at >= s.begins AND e.at < s.ends)
    FROM unnest(%s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY AS s(begins, ends, back)
    WHERE EXISTS (
        SELECT FROM conversations_event e WHERE e.type = 'handed_over' AND e.at < s.begins)
    ORDER BY s.back
"""
_WEEKS_OF_QUEUES = """
    WITH span AS (
        SELECT * FROM unnest(%s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY
            AS s(begins, ends, back)),
    came AS (
        SELECT s.back, e.data->>'queue' AS queue, count(*) AS number
        FROM span s JOIN conversations_event e
          ON e.type = 'handed_over' AND e.at >= s.begins AND e.at < s.ends
        GROUP BY s.back, e.data->>'queue')
    SELECT q.key, coalesce(c.number, 0)
    FROM routing_queue q CROSS JOIN span s
    LEFT JOIN came c ON c.queue = q.key AND c.back = s.back
    WHERE s.begins > (
        SELECT h.at FROM routing_handled h WHERE h.queue = q.key ORDER BY h.id LIMIT 1)
    ORDER BY q.key, s.back
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


def weeks_before(spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """How many came in each of the same spans of earlier weeks, the last one first.

    Only weeks that the log goes back to: a week before the agency began is no quiet week.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS, _columns(spans))
        return [count for (count,) in cursor.fetchall()]


def weeks_of_queues(spans: Sequence[tuple[datetime, datetime]]) -> dict[str, list[int]]:
    """The same by queue: only weeks after an agent first brought a conversation of it to an end."""
    found: dict[str, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS_OF_QUEUES, _columns(spans))
        for queue, number in cursor.fetchall():
            found[queue].append(number)
    return found


def _columns(spans: Sequence[tuple[datetime, datetime]]) -> list[list[datetime]]:
    return [[begin for begin, _ in spans], [end for _, end in spans]]


def available(begin: datetime, last: datetime) -> list[int]:
    """How many agents were available at some time in each quarter hour, `begin` to `last`."""
    if last < begin:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AVAILABLE, [begin, last + timedelta(seconds=1)])
        return [count for _, count in cursor.fetchall()]
