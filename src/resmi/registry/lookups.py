"""Which names people ask about: this week against last. A rising name is an early sign of fraud."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from resmi.registry.models import Lookup

WEEK = timedelta(days=7)
NOTABLE = 5  # people a week before a name can be an alarm
RISE = 3.0
NOT_LICENSED = ("unknown", "similar", "illegal", "revoked")
UNKNOWN = ("unknown", "similar")

_REPLACE = """
    INSERT INTO registry_lookup (day, key, name, status, asked, people)
    SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::text[], %s::int[], %s::int[])
"""
# Smoothed by one person a week, so that a name asked about once does not seem to explode.
_RANKED = """
    SELECT key, (array_agg(name ORDER BY day DESC, asked DESC))[1],
           (array_agg(status ORDER BY day DESC))[1],
           coalesce(sum(people) FILTER (WHERE day > %(border)s), 0)::int AS now,
           coalesce(sum(people) FILTER (WHERE day <= %(border)s), 0)::int AS then,
           (coalesce(sum(people) FILTER (WHERE day > %(border)s), 0) + 1.0)
             / (coalesce(sum(people) FILTER (WHERE day <= %(border)s), 0) + 1.0) AS rise
    FROM registry_lookup
    WHERE day > %(first)s AND day <= %(today)s
    GROUP BY key
    HAVING (array_agg(status ORDER BY day DESC))[1] = ANY(%(statuses)s)
       AND sum(people) FILTER (WHERE day > %(border)s) >= %(least)s
"""
_ORDER = " ORDER BY rise DESC, now DESC, key LIMIT %(limit)s OFFSET %(offset)s"


class Day(NamedTuple):
    """How often a name was asked about on one day."""

    day: date
    key: str
    name: str
    status: str
    asked: int
    people: int


class Ranked(NamedTuple):
    """A name and how many asked about it in the last seven days and the seven before."""

    key: str
    name: str
    status: str
    now: int
    then: int
    rise: float

    @property
    def is_rising(self) -> bool:
        """Whether supervisors should look at it."""
        return self.now >= NOTABLE and self.rise >= RISE


def replace(since: date, days: Iterable[Day]) -> None:
    """Puts these counts in the place of all from `since` on. In the caller's transaction."""
    columns = [list(column) for column in zip(*days, strict=True)] or [[], [], [], [], [], []]
    Lookup.objects.filter(day__gte=since).delete()
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE, columns)


def ranked(
    today: date,
    *,
    statuses: tuple[str, ...] = NOT_LICENSED,
    least: int = 1,
    limit: int = 50,
    offset: int = 0,
) -> list[Ranked]:
    """Names asked about this week, the most risen first."""
    values = _values(today, statuses, least)
    return [
        Ranked(*row) for row in _run(_RANKED + _ORDER, values | {"limit": limit, "offset": offset})
    ]


def count(today: date, *, statuses: tuple[str, ...] = NOT_LICENSED) -> int:
    """How many names `ranked` has in all."""
    rows = _run(f"SELECT count(*) FROM ({_RANKED}) AS ranked", _values(today, statuses, 1))  # noqa: S608
    return int(rows[0][0])


def rising(today: date) -> list[Ranked]:
    """Names of which supervisors are told."""
    found = ranked(today, least=NOTABLE, limit=20)
    return [one for one in found if one.is_rising]


def rising_keys(today: date) -> frozenset[str]:
    """The keys of `rising`."""
    return frozenset(one.key for one in rising(today))


def _values(today: date, statuses: tuple[str, ...], least: int) -> dict[str, Any]:
    return {
        "today": today,
        "border": today - WEEK,
        "first": today - 2 * WEEK,
        "statuses": list(statuses),
        "least": least,
    }


def _run(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
