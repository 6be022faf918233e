"""Search in messages and notes: in one conversation, or in all, the newest conversations first.

Nothing here asks who may see what: that is for the screens.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from resmi.conversations import blocks, wording
from resmi.engine import events

_FOUND = """
    WITH found AS MATERIALIZED (
        SELECT conversation_id, seq FROM conversations_searchline
        WHERE words @@ %s::tsquery AND conversation_id >= %s AND conversation_id < %s)
    SELECT conversation_id, seq FROM found WHERE (conversation_id, seq) < (%s, %s)
    ORDER BY conversation_id DESC, seq DESC LIMIT %s
"""
_TEXTS = """
    SELECT e.conversation_id, e.seq, e.at, e.actor->>'kind', e.data::text
    FROM conversations_event e
    JOIN unnest(%s::bigint[], %s::int[]) AS n (conversation, seq)
      ON e.conversation_id = n.conversation AND e.seq = n.seq
    WHERE e.conversation_id >= %s AND e.conversation_id <= %s
"""
_NEWEST = "SELECT coalesce(max(id), 0) FROM conversations_conversation"
BEYOND = 2**62
ROUND = 1 << wording.ROUND_BITS


class Cursor(msgspec.Struct, frozen=True):
    """Where a page ended; the next one holds what lies before."""

    conversation: int
    seq: int


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One message or note that holds all words asked for. `speaker`: citizen, bot, agent …"""

    conversation: int
    seq: int
    at: datetime
    speaker: str
    snippet: wording.Snippet


class Page(msgspec.Struct, frozen=True):
    """Hits, newest conversation first; `more` is where to go on, None at the end.

    A page may hold fewer than asked for, even none, and yet have more behind it.
    """

    hits: tuple[Hit, ...] = ()
    more: Cursor | None = None


def search(text: str, *, before: Cursor | None = None, limit: int = 20) -> Page:
    """Messages and notes in any conversation that hold every word of `text`."""
    words = wording.asked(text)
    if not words:
        return Page()
    found: list[tuple[int, int]] = []
    for extra, lower, upper in _stretches(before):
        asked = " & ".join([*extra, wording.condition(words)])
        found += _found(asked, lower, upper, before, limit + 1 - len(found))
        if len(found) > limit:
            break
    return _page(found, words, limit)


def search_conversation(
    conversation_id: int, text: str, *, before: Cursor | None = None, limit: int = 50
) -> Page:
    """The same within one conversation, newest message first."""
    words = wording.asked(text)
    if not words:
        return Page()
    here = (conversation_id, conversation_id + 1)
    return _page(_found(wording.condition(words), *here, before, limit + 1), words, limit)


def _stretches(before: Cursor | None) -> Iterator[tuple[list[str], int, int]]:
    """Where to look one after the other: extra keys, and the conversations from, to below.

    A frequent word fills the page from the newest two rounds, without a look at the other millions;
    a rare one costs one look into the index of each block.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        (newest,) = cursor.fetchone()
    top = min(newest, before.conversation) if before else newest
    rounds = max(0, ((top >> wording.ROUND_BITS) - 1) << wording.ROUND_BITS)
    near = " | ".join(f"'{wording.round_of(one)}'" for one in (top, top - ROUND) if one >= 0)
    yield [f"({near})"], rounds, top + 1
    border = max(
        (b.lower for b in blocks.of_table(blocks.TABLES[0]) if b.lower <= rounds), default=0
    )
    if border < rounds:
        yield [], border, rounds
    if border:
        yield [], 0, border


def _found(
    asked: str, lower: int, upper: int, before: Cursor | None, limit: int
) -> list[tuple[int, int]]:
    end = (before.conversation, before.seq) if before else (BEYOND, 0)
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, [asked, lower, upper, *end, limit])
        return list(cursor.fetchall())


def _page(found: list[tuple[int, int]], words: list[str], limit: int) -> Page:
    chosen = found[:limit]
    more = Cursor(*chosen[-1]) if len(found) > limit else None
    texts = _texts(chosen)
    hits = (_hit(place, texts[place], words) for place in chosen if place in texts)
    return Page(tuple(hit for hit in hits if hit is not None), more)


def _texts(chosen: list[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    if not chosen:
        return {}
    ids, seqs = [c for c, _ in chosen], [s for _, s in chosen]
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [ids, seqs, min(ids), max(ids)])
        return {(row[0], row[1]): row[2:] for row in cursor.fetchall()}


def _hit(place: tuple[int, int], row: Any, words: list[str]) -> Hit | None:
    at, speaker, data = row
    shown = wording.snippet(wording.text_of(events.decode_payload(data)), words)
    if shown is None:
        return None
    return Hit(conversation=place[0], seq=place[1], at=at, speaker=speaker, snippet=shown)
