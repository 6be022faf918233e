"""Counts what citizens ask about, day by day, out of the answers given.

Counting a day again gives the same numbers, so it may run as often as it likes and be interrupted.
The key of a name needs the folding of `resmi.language`, so names are folded here; PostgreSQL groups
the answers first and hands over each name as typed once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from resmi.agency import live
from resmi.language import normalising
from resmi.registry import lookups

_LENGTH = 200
# Answers given in conversations, found by (type, at); and on the public check page, by their time.
_ASKED = """
    SELECT (at AT TIME ZONE %(zone)s)::date AS day, data->'verdict'->>'status' AS status,
           data->'verdict'->>'query' AS name, count(*) AS asked,
           count(DISTINCT conversation_id) AS people
    FROM conversations_event
    WHERE type = 'verdict_given' AND at >= %(begin)s AND at < %(end)s
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT (answered_at AT TIME ZONE %(zone)s)::date, status, query, count(*), count(*)
    FROM registry_receipt
    WHERE conversation IS NULL AND answered_at >= %(begin)s AND answered_at < %(end)s
    GROUP BY 1, 2, 3
"""


class _Tally(msgspec.Struct):
    asked: int = 0
    people: int = 0
    most: int = 0
    name: str = ""
    status: str = ""


def count(*, since: date | None = None) -> None:
    """Counts every day from `since` (yesterday, when not given) to today anew.

    Tells open screens when other names rise than before.
    """
    today = timezone.localdate()
    first = since or today - timedelta(days=1)
    before = lookups.rising_keys(today)
    with transaction.atomic():
        lookups.replace(first, _tallied(_asked(first, today)))
        if lookups.rising_keys(today) != before:
            live.announce("alarms", lookups=True)


def _asked(first: date, last: date) -> list[tuple[date, str, str, int, int]]:
    zone = timezone.get_default_timezone()
    values: dict[str, Any] = {
        "zone": settings.TIME_ZONE,
        "begin": datetime.combine(first, time.min, zone),
        "end": datetime.combine(last + timedelta(days=1), time.min, zone),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, values)
        return list(cursor.fetchall())


def _tallied(asked: Iterable[tuple[date, str, str, int, int]]) -> list[lookups.Day]:
    tallies: dict[tuple[date, str], _Tally] = defaultdict(_Tally)
    for day, status, name, times, people in asked:
        key = normalising.squash(name or "")[:_LENGTH]
        if not key:
            continue
        tally = tallies[day, key]
        tally.asked += times
        tally.people += people
        if times > tally.most:
            tally.most, tally.name, tally.status = times, name[:_LENGTH], status
    return [
        lookups.Day(day, key, one.name, one.status, one.asked, one.people)
        for (day, key), one in tallies.items()
    ]
