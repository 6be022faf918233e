"""Search in messages and notes: in one conversation, or in all, the newest conversations first.

Who may see what is the caller's to say, in `Filter.seen`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Q

from resmi.conversations import blocks, wording
from resmi.conversations.models import Conversation
from resmi.engine import events

_NEAR = """
    WITH near AS MATERIALIZED (
        SELECT conversation_id, seq, words FROM conversations_searchline
        WHERE conversation_id >= %s AND conversation_id < %s AND (conversation_id, seq) < (%s, %s)
        ORDER BY conversation_id DESC, seq DESC LIMIT %s)
    SELECT conversation_id, seq, words @@ %s::tsquery FROM near
    ORDER BY conversation_id DESC, seq DESC
"""
_FOUND = """
    WITH found AS MATERIALIZED (
        SELECT conversation_id, seq FROM conversations_searchline
        WHERE words @@ %s::tsquery AND conversation_id >= %s AND conversation_id < %s)
    SELECT conversation_id, seq FROM found WHERE (conversation_id, seq) < (%s, %s)
    ORDER BY conversation_id DESC, seq DESC LIMIT %s
"""
_TEXTS = """
    SELECT e.conversation_id, e.seq, e.at, e.actor->>'kind', e.actor->>'name', e.type, e.data::text
    FROM conversations_event e
    JOIN unnest(%s::bigint[], %s::int[]) AS n (conversation, seq)
      ON e.conversation_id = n.conversation AND e.seq = n.seq
    WHERE e.conversation_id >= %s AND e.conversation_id <= %s
"""
_NEWEST = "SELECT coalesce(max(id), 0) FROM conversations_conversation"
BEYOND = 2**62
ROUND = 1 << wording.ROUND_BITS
NEAR_LINES = 2_000
"""How many of the newest lines are read one by one before an index is asked."""
CHUNK = 200
FETCHED = 1_000
MOST_WIDER = 16
MOST_CHUNKS = 15
"""How many hits a page looks through for those that pass the filter: these times a chunk."""


class Cursor(msgspec.Struct, frozen=True):
    """Where a page ended; the next one holds what lies before."""

    conversation: int
    seq: int


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What hits are narrowed to. `seen` says which conversations the reader may see.

    `agent` holds or held the conversation last; `since` and `until` (aware, `until` excluded) are
    about the message.
    """

    seen: Q = Q()
    queue: str = ""
    agent: int = 0
    channel: int = 0
    status: str = ""
    tag: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def of_conversation(self) -> Q:
        """The part that a conversation answers; an empty `Q` when there is none."""
        wanted = {
            "queue": self.queue,
            "agent_id": self.agent,
            "channel_id": self.channel,
            "status": self.status,
            "contact__tags__contains": [self.tag] if self.tag else None,
            "opened_at__lt": self.until,
        }
        found = self.seen & Q(**{name: value for name, value in wanted.items() if value})
        if self.since:
            found &= Q(closed_at__isnull=True) | Q(closed_at__gte=self.since)
        return found

    def holds(self, at: datetime) -> bool:
        """Whether a message of that moment is wanted."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One message or note that holds all words asked for. `speaker`: citizen, bot, agent …"""

    conversation: int
    seq: int
    at: datetime
    speaker: str
    author: str = ""
    is_note: bool = False
    snippet: wording.Snippet


class Page(msgspec.Struct, frozen=True):
    """Hits, newest conversation first; `more` is where to go on, None at the end.

    A page may hold fewer than asked for, even none, and yet have more behind it.
    """

    hits: tuple[Hit, ...] = ()
    more: Cursor | None = None


EVERYTHING = Filter()


def search(
    text: str,
    *,
    before: Cursor | None = None,
    limit: int = 20,
    only: Filter = EVERYTHING,
) -> Page:
    """Messages and notes in any conversation that hold every word of `text`."""
    words = wording.asked(text)
    if not words:
        return Page()
    return _page(_everywhere(wording.condition(words), before), words, limit, only)


def search_conversation(
    conversation_id: int, text: str, *, before: Cursor | None = None, limit: int = 50
) -> Page:
    """The same within one conversation, newest message first."""
    words = wording.asked(text)
    if not words:
        return Page()
    here = (conversation_id, conversation_id + 1)
    places = _stretch(wording.condition(words), *here, before or Cursor(BEYOND, 0))
    return _page(places, words, limit, EVERYTHING)


Place = tuple[int, int]


def _everywhere(asked: str, before: Cursor | None) -> Iterator[Place]:
    """Where the words are, newest conversation first; asks for more only while it is read on.

    A frequent word is found among the newest lines, which are read one by one; a rarer one in the
    newest two rounds; the rarest in the blocks, of which the more are asked at once the less they
    hold of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        (newest,) = cursor.fetchone()
    top = min(newest, before.conversation) if before else newest
    end = before or Cursor(BEYOND, 0)
    rounds = max(0, ((top >> wording.ROUND_BITS) - 1) << wording.ROUND_BITS)
    near, last = _near(asked, rounds, top + 1, end)
    yield from near
    if last is not None:
        keys = " | ".join(f"'{wording.round_of(one)}'" for one in (top, top - ROUND) if one >= 0)
        yield from _stretch(f"({keys}) & {asked}", rounds, last.conversation + 1, last)
    yield from _older(asked, list(_blocks_below(rounds)), end)


def _older(asked: str, stretches: list[tuple[int, int]], end: Cursor) -> Iterator[Place]:
    at, many = 0, 1
    while together := stretches[at : at + many]:
        hits = 0
        for place in _stretch(asked, together[-1][0], together[0][1], end):
            hits += 1
            yield place
        at, many = at + many, at_once(many, hits)


def at_once(many: int, hits: int) -> int:
    """How many blocks to ask together after so many of them together held so many hits. Pure.

    At most `MOST_WIDER` times as many, and no more than are likely to fill one fetch: what a
    statement finds it sorts whole.
    """
    return max(1, min(many * MOST_WIDER, many * FETCHED // max(1, hits)))


def _blocks_below(upper: int) -> Iterator[tuple[int, int]]:
    """The stretches of ids below `upper`, block by block, newest first."""
    borders = blocks.begins() if upper else []
    for lower in sorted({0, *(one for one in borders if one < upper)}, reverse=True):
        if lower < upper:
            yield lower, upper
        upper = lower


def _near(asked: str, lower: int, upper: int, end: Cursor) -> tuple[list[Place], Cursor | None]:
    """Hits among the newest lines, and the last line read; None when there were no more."""
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, [lower, upper, end.conversation, end.seq, NEAR_LINES, asked])
        rows = cursor.fetchall()
    last = Cursor(rows[-1][0], rows[-1][1]) if len(rows) == NEAR_LINES else None
    return [(conversation, seq) for conversation, seq, is_hit in rows if is_hit], last


def _stretch(asked: str, lower: int, upper: int, end: Cursor) -> Iterator[Place]:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_FOUND, [asked, lower, upper, end.conversation, end.seq, FETCHED])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < FETCHED:
            return
        end = Cursor(*rows[-1])


def _page(places: Iterator[Place], words: list[str], limit: int, only: Filter) -> Page:
    hits: list[Hit] = []
    for chunk in range(MOST_CHUNKS):
        taken = list(islice(places, limit + 1 if not chunk and only is EVERYTHING else CHUNK))
        if not taken:
            return Page(tuple(hits))
        wanted = _wanted(taken, only)
        texts = _texts(wanted)
        hits += [
            hit
            for place in wanted
            if place in texts
            and (hit := _hit(place, texts[place], words)) is not None
            and only.holds(hit.at)
        ]
        if len(hits) > limit:
            last = hits[limit - 1]
            return Page(tuple(hits[:limit]), Cursor(last.conversation, last.seq))
    return Page(tuple(hits), Cursor(*taken[-1]))


def _wanted(places: list[Place], only: Filter) -> list[Place]:
    """Those places whose conversations pass the filter; one query."""
    condition = only.of_conversation
    if not condition:
        return places
    ids = {conversation for conversation, _seq in places}
    kept = set(Conversation.objects.filter(condition, pk__in=ids).values_list("pk", flat=True))
    return [place for place in places if place[0] in kept]


def _texts(chosen: list[Place]) -> dict[Place, Any]:
    if not chosen:
        return {}
    ids, seqs = [c for c, _ in chosen], [s for _, s in chosen]
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [ids, seqs, min(ids), max(ids)])
        return {(row[0], row[1]): row[2:] for row in cursor.fetchall()}


def _hit(place: Place, row: Any, words: list[str]) -> Hit | None:
    at, speaker, author, kind, data = row
    shown = wording.snippet(wording.text_of(events.decode_payload(data)), words)
    if shown is None:
        return None
    return Hit(
        conversation=place[0],
        seq=place[1],
        at=at,
        speaker=speaker,
        author=author or "",
        is_note=kind == "note_added",
        snippet=shown,
    )
