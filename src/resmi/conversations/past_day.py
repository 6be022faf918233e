"""A day that was, as routing can play it again: who came, what they said, and who was there."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from resmi.routing import queries, rules
from resmi.routing.policy import Evidence
from resmi.routing.whatif import Arrival, OnDuty

MOST = 2_000


class PastDay(msgspec.Struct, frozen=True, kw_only=True):
    """The hand-overs agents finished on a local day; `cut` when only the first `MOST` are here."""

    day: date
    arrivals: tuple[Arrival, ...]
    staff: tuple[OnDuty, ...]
    cut: bool


_LAST = "SELECT max(at) FROM routing_handled WHERE at < %s"
_CAME = """
    SELECT h.conversation, h.at, h.wait_s, h.handle_s, h.queue, h.kind, c.language, c.state,
           k.tags, k.value, (
        SELECT o.agent_id FROM routing_handled o
        WHERE o.contact = h.contact AND o.id < h.id AND o.at > h.at - make_interval(secs => %s)
        ORDER BY o.id DESC LIMIT 1), ARRAY(
        SELECT e.data->'content'->>'body' FROM conversations_event e
        WHERE e.conversation_id = h.conversation AND e.seq <= 60 AND e.type = 'message_received'
          AND e.data->'content'->>'body' IS NOT NULL)
    FROM routing_handled h
    JOIN conversations_conversation c ON c.id = h.conversation
    JOIN contacts_contact k ON k.id = h.contact
    WHERE h.at >= %s AND h.at < %s ORDER BY h.at, h.id LIMIT %s
"""
_THERE = """
    SELECT agent_id, greatest(since, %s), least(coalesce(until, %s), %s)
    FROM routing_presencespan
    WHERE status = 'available' AND since < %s AND coalesce(until, %s) > %s
    ORDER BY agent_id, since
"""


class _State(msgspec.Struct, frozen=True):
    skills: tuple[str, ...] = ()
    priority: int = 0
    raised: int = 0
    collected: dict[str, str] = {}


_state = msgspec.json.Decoder(_State)


def load(zone: ZoneInfo, now: datetime) -> PastDay | None:
    """Yesterday, or the last day before today that has any; today if there is none; else None."""
    today = datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)
    with connection.cursor() as cursor:
        last = _last(cursor, today) or _last(cursor, now)
        if last is None:
            return None
        day = last.astimezone(zone).date()
        begin = datetime.combine(day, time(), tzinfo=zone)
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
        known_s = queries.in_force().policy.continuity_s
        cursor.execute(_CAME, [known_s, begin, end, MOST + 1])
        rows = cursor.fetchall()
        cursor.execute(_THERE, [begin, end, end, end, end, begin])
        spans = cursor.fetchall()
    came = tuple(_arrival(row) for row in rows[:MOST])
    return PastDay(day=day, arrivals=came, staff=_staff(spans, begin), cut=len(rows) > MOST)


def _last(cursor: Any, before: datetime) -> datetime | None:
    cursor.execute(_LAST, [before])
    found: datetime | None = cursor.fetchone()[0]
    return found


def _arrival(row: tuple[Any, ...]) -> Arrival:
    number, at, wait_s, handle_s, queue, kind, language, raw, tags, value, known, texts = row
    state = _state.decode(bytes(raw))
    return Arrival(
        conversation=number,
        at=at - timedelta(seconds=wait_s + handle_s),
        queue=queue,
        kind=kind,
        skills=state.skills,
        language=language,
        evidence=Evidence(
            texts=tuple(texts),
            flags=frozenset(tags),
            collected=state.collected,
            value=value,
        ),
        priority=state.priority - state.raised,
        last_agent=str(known) if known else "",
        handle_s=handle_s,
    )


def _staff(spans: list[tuple[int, datetime, datetime]], begin: datetime) -> tuple[OnDuty, ...]:
    there: dict[int, list[tuple[datetime, datetime]]] = {}
    for agent_id, since, until in spans:
        there.setdefault(agent_id, []).append((since, until))
    settings = queries.settings_of(there)
    return tuple(
        OnDuty(
            agent=rules.Agent(
                id=str(agent_id),
                skills=settings[agent_id].skills,
                queues=frozenset(settings[agent_id].queues),
                capacity=settings[agent_id].capacity,
                since=begin,
            ),
            spans=tuple(found),
        )
        for agent_id, found in there.items()
    )
