"""Segments of the inbound items: one for each week (UTC) of the time their senders gave them.

What has no time of its own lies in `channels_inbound_undated`; what has one far from now, and what
came when its week had no segment, in `channels_inbound_other`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from resmi.agency import segments

TABLE = "channels_inbound"
WEEK = timedelta(days=7)
AHEAD = 4
# Whoever dates an item further from now than this has a wrong clock.
LIKELY = timedelta(days=400)
LOCK = 0x7265736D_00000002  # "resm", weeks

_STRAYS = "SELECT DISTINCT date_trunc('week', stamp, 'UTC') FROM channels_inbound_other"


def begin_of(moment: datetime) -> datetime:
    """Monday 0:00 UTC of a moment's week."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def name_of(begin: datetime) -> str:
    """The segment of the week that begins then."""
    return f"{TABLE}_w{begin:%Y%m%d}"


def begin_named(name: str) -> datetime | None:
    """The reverse of `name_of`; None for a segment that is no week."""
    try:
        return datetime.strptime(name, f"{TABLE}_w%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def missing(present: set[str], strays: list[datetime], now: datetime) -> list[datetime]:
    """The weeks to add: this and `AHEAD` more, and those of strays that are dated likely. Pure."""
    wanted = {begin_of(now) + ahead * WEEK for ahead in range(AHEAD + 1)}
    wanted |= {begin_of(stray) for stray in strays if abs(stray - now) < LIKELY}
    return sorted(week for week in wanted if name_of(week) not in present)


@transaction.atomic
def tend(now: datetime) -> list[str]:
    """Adds the segments that are missing; their names. One process at a time does it."""
    segments.be_patient()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(_STRAYS)
        strays = [begin for (begin,) in cursor.fetchall()]
    present = {segment.name for segment in segments.of_table(TABLE)}
    added = missing(present, strays, now)
    for week in added:
        bounds = week.isoformat(), (week + WEEK).isoformat()
        segments.add_with_strays(TABLE, name_of(week), "stamp", *bounds)
    return [name_of(week) for week in added]
