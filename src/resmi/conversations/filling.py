"""Puts new messages into search, in the background: the way of a message does not wait for it.

Follows `Event.at`. A transaction may show its events after later ones were seen, so what lies less
than `OVERLAP` back is looked at again, and once a day the last day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from resmi.agency import bulk
from resmi.conversations import wording
from resmi.conversations.models import Event, SearchMark
from resmi.engine import events

OVERLAP = timedelta(minutes=2)
DAY = timedelta(hours=26)
STEP = timedelta(minutes=1)
LONGEST_STEP = timedelta(days=1)
FEW = 2_000
PORTION = 1_000
LOCK = 0x7265736D_00000004  # "resm", search

_NEW = """
    SELECT e.conversation_id, e.seq, e.data::text FROM conversations_event e
    WHERE e.type IN ('message_received', 'message_created', 'note_added')
      AND e.at >= %s AND e.at < %s
      AND NOT EXISTS (
        SELECT 1 FROM conversations_searchline s
        WHERE s.conversation_id = e.conversation_id AND s.seq = e.seq)
"""
_WITHDRAWN = """
    UPDATE conversations_searchline s SET words = ''
    FROM conversations_event e
    WHERE e.type = 'message_withdrawn' AND e.at >= %s AND e.at < %s
      AND s.conversation_id = e.conversation_id AND s.seq = split_part(e.data->>'ref', '.', 2)::int
      AND s.words <> ''
"""
_FORGET = """
    UPDATE conversations_searchline SET words = '' WHERE conversation_id = %s AND seq = %s
"""
_SEAL = """
    INSERT INTO conversations_searchline (conversation_id, seq, words)
    SELECT conversation_id, seq, '' FROM conversations_event
    WHERE conversation_id = ANY(%s)
      AND type IN ('message_received', 'message_created', 'note_added')
    ON CONFLICT (conversation_id, seq) DO UPDATE SET words = ''
"""
_PUT = """
    INSERT INTO conversations_searchline (conversation_id, seq, words)
    SELECT conversation, seq, array_to_tsvector(string_to_array(keys, ' '))
    FROM unnest(%b::bigint[], %b::int[], %b::text[]) AS n (conversation, seq, keys)
    ON CONFLICT (conversation_id, seq) DO NOTHING
"""


def fill(*, now: datetime, most: int = 50_000) -> int:
    """Puts in what is new, oldest first, until about `most` messages are in; how many were."""
    count, step = 0, STEP
    while count < most:
        portion, is_up_to_date = _advance(now, step)
        count += portion
        if is_up_to_date:
            break
        step = min(step * 2, LONGEST_STEP) if portion < FEW else max(step / 2, STEP)
    return count


def look_again(*, now: datetime) -> int:
    """Puts in what the last day holds and was missed; how many."""
    return _put(now - DAY, now)


@transaction.atomic
def _advance(now: datetime, step: timedelta) -> tuple[int, bool]:
    """One step on; how many messages, and whether that was the last step."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0, True
    mark = SearchMark.objects.first() or SearchMark(upto=_beginning(now))
    end = min(mark.upto + step, now)
    count = _put(mark.upto - OVERLAP, end)
    mark.upto = end
    mark.save()
    return count, end >= now


def _beginning(now: datetime) -> datetime:
    first = Event.objects.order_by("conversation_id", "seq").values_list("at", flat=True).first()
    return min(first, now) if first else now


def _put(begin: datetime, end: datetime) -> int:
    rows = bulk.execute(_NEW, [begin.astimezone(UTC), end.astimezone(UTC)])
    for portion in _portions(rows):
        bulk.execute(_PUT, [list(column) for column in zip(*portion, strict=True)])
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAWN, [begin, end])
    return len(rows)


def forget(conversation_id: int, seq: int) -> None:
    """Lets a message that was taken back be found no more, in the caller's transaction.

    If it is not in search yet, `fill` will see that it was taken back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [conversation_id, seq])


def seal(conversations: list[int]) -> None:
    """Lets nothing of these conversations be found, now or later, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_SEAL, [conversations])


def _portions(rows: Sequence[tuple[Any, ...]]) -> Iterator[list[tuple[int, int, str]]]:
    """Rows of (conversation, seq, payload) become (conversation, seq, keys), in portions."""
    for begin in range(0, len(rows), PORTION):
        yield [
            (conversation, seq, " ".join(wording.keys(_text(data), conversation)))
            for conversation, seq, data in rows[begin : begin + PORTION]
        ]


def _text(data: str) -> str:
    return wording.text_of(events.decode_payload(data))
