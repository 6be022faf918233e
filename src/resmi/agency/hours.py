"""When the agency is open: weekly intervals by the local wall clock, with holidays. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

DAY_MINUTES = 24 * 60
HORIZON_DAYS = 400  # longer than a year, so that a weekday closed by every holiday is still found


class Interval(msgspec.Struct, frozen=True, order=True):
    """Open from `start` until just before `end`, in minutes after local midnight (end <= 1440)."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= DAY_MINUTES:
            raise ValueError("an interval must begin before it ends, within one day")

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Reads `08:00-16:30`. Raises `ValueError` that says what is wrong."""
        start, dash, end = text.partition("-")
        if not dash:
            raise ValueError(f"write hours as 08:00-16:30, not {text!r}")
        return cls(_minutes(start), _minutes(end))


class OpeningHours(msgspec.Struct, frozen=True, kw_only=True):
    """Weekly opening hours. `weekly[0]` is Monday.

    `special` replaces a date's weekly intervals, empty meaning closed; `yearly` does the same for a
    (month, day) of every year and yields to `special`. `names` says what such a day is called, by
    the same key. Daylight saving follows the zone: an interval holds by the wall clock, so a
    repeated hour is open twice and a skipped one never.
    """

    zone: str
    weekly: tuple[tuple[Interval, ...], ...]
    special: dict[date, tuple[Interval, ...]] = {}
    yearly: dict[tuple[int, int], tuple[Interval, ...]] = {}
    names: dict[date | tuple[int, int], str] = {}

    def __post_init__(self) -> None:
        if len(self.weekly) != 7:
            raise ValueError("weekly needs seven days, Monday first")

    def on(self, day: date) -> tuple[Interval, ...]:
        """The intervals of a local date."""
        if day in self.special:
            return self.special[day]
        return self.yearly.get((day.month, day.day), self.weekly[day.weekday()])

    def holiday(self, day: date) -> str | None:
        """What a local date with hours of its own is called ("" without a name), else None."""
        if day in self.special:
            return self.names.get(day, "")
        every = (day.month, day.day)
        return self.names.get(every, "") if every in self.yearly else None

    def is_open(self, at: datetime) -> bool:
        """Whether the agency is open at `at` (aware)."""
        local = at.astimezone(_zone(self.zone))
        minute = local.hour * 60 + local.minute
        return any(span.start <= minute < span.end for span in self.on(local.date()))

    def next_opening(self, after: datetime) -> datetime | None:
        """The first open instant not before `after` (aware), in the agency's zone.

        `after` itself when open then; None when nothing opens within `HORIZON_DAYS`.
        """
        zone = _zone(self.zone)
        if self.is_open(after):
            return after.astimezone(zone)
        today = after.astimezone(zone).date()
        for offset in range(HORIZON_DAYS):
            day = today + timedelta(days=offset)
            found = [at for at in self._candidates(day) if at > after and self.is_open(at)]
            if found:
                return min(found).astimezone(zone)
        return None

    def opens_within(self, begin: datetime, end: datetime) -> bool:
        """Whether the agency is open at some instant from `begin` until before `end` (aware)."""
        if self.is_open(begin):
            return True
        zone = _zone(self.zone)
        days = {at.astimezone(zone).date() for at in (begin, end)}
        found = (at for day in days for at in self._candidates(day))
        return any(begin <= at < end and self.is_open(at) for at in found)

    def _candidates(self, day: date) -> Iterator[datetime]:
        """Instants (UTC) at which the agency may turn open on a local date."""
        spans = self.on(day)
        for span in spans:
            start = datetime.combine(day, time(span.start // 60, span.start % 60))
            for fold in (0, 1):
                yield start.replace(tzinfo=_zone(self.zone), fold=fold).astimezone(UTC)
        if spans and (change := _clock_change(self.zone, day)):
            yield change


def _minutes(clock: str) -> int:
    hour, colon, minute = clock.strip().partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        raise ValueError(f"write a time as 08:00, not {clock.strip()!r}")
    if int(minute) > 59:
        raise ValueError(f"{clock.strip()!r} is not a time of day")
    return int(hour) * 60 + int(minute)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=512)
def _clock_change(zone: str, day: date) -> datetime | None:
    """The second (UTC) at which the zone's clock jumps on a local date; None on ordinary days."""
    place = _zone(zone)
    low, high = (
        int(datetime.combine(day + timedelta(days=n), time(), place).timestamp()) for n in (0, 1)
    )
    before = datetime.fromtimestamp(low, place).utcoffset()
    if datetime.fromtimestamp(high, place).utcoffset() == before:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, place).utcoffset() == before:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)
