"""Time counted only while something is open: when a budget of it is used up, how much passed. Pure.

Hours hold by the wall clock of their zone, as `resmi.agency.hours` says: of an hour that comes
twice both count, one that is skipped does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from resmi.agency.hours import OpeningHours

Span = tuple[datetime, datetime]
"""From the first instant until before the second, both aware."""

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
FURTHEST = timedelta(days=20 * 366)  # 30 days, the most that is promised, in an hour a week


class OpenTime:
    """The time of `hours` without the spans in `closings`; of None, all time.

    `closed_from`: nothing is open from then on, until somebody opens it again. Remembers the days
    it was asked about, so that many can be counted against one.
    """

    def __init__(
        self,
        hours: OpeningHours | None = None,
        closings: Iterable[Span] = (),
        closed_from: datetime | None = None,
    ) -> None:
        self._hours = hours
        self._closings = tuple(closings)
        self._closed_from = closed_from
        self._last = _last(hours, closed_from)
        self._days: dict[date, tuple[Span, ...]] = {}

    def is_open(self, at: datetime) -> bool:
        """Whether time counts at `at` (aware)."""
        if self._hours is None:
            return True
        return any(begin <= at < end for begin, end in self._of(at.astimezone(UTC).date()))

    def due(self, since: datetime, budget_s: float) -> datetime | None:
        """When so much open time (more than 0 s) has passed since an instant (aware), in UTC.

        None: never, as nothing opens any more. Just before it, it is open.
        """
        left = timedelta(seconds=budget_s)
        if self._hours is None:
            return since.astimezone(UTC) + left
        for begin, end in self._from(since):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        return None

    def elapsed_s(self, begin: datetime, end: datetime) -> float:
        """Seconds of open time between two instants (aware); 0 when `end` is the earlier one."""
        if end <= begin:
            return 0.0
        if self._hours is None:
            return (end - begin).total_seconds()
        found = timedelta()
        for span_begin, span_end in self._from(begin, end):
            found += span_end - span_begin
        return found.total_seconds()

    def since(self, end: datetime, budget_s: float) -> datetime | None:
        """Where so much open time before `end` begins: who waits longer than from there is over it.

        None: so much was never open.
        """
        left = timedelta(seconds=budget_s)
        if self._hours is None:
            return end.astimezone(UTC) - left
        for begin, until in self._before(end):
            if left <= until - begin:
                return until - left
            left -= until - begin
        return None

    def opens_at(self, at: datetime) -> datetime | None:
        """The first open instant not before `at`, in UTC; None: it does not open any more."""
        if self._hours is None:
            return at.astimezone(UTC)
        return next((begin for begin, _end in self._from(at)), None)

    def _from(self, since: datetime, until: datetime | None = None) -> Iterator[Span]:
        """What is open from `since` on, in order, in UTC."""
        since = since.astimezone(UTC)
        until = until and until.astimezone(UTC)
        day = since.date()
        last = min(self._last, day + FURTHEST, until.date() if until else self._last)
        while day <= last:
            for begin, end in self._of(day):
                if begin < since:
                    begin = since
                if until is not None and end > until:
                    end = until
                if begin < end:
                    yield begin, end
            day += DAY

    def _before(self, end: datetime) -> Iterator[Span]:
        """What was open before `end`, the latest first."""
        if self._hours is None or not _opens(self._hours):
            return
        end = end.astimezone(UTC)
        last = end.date()
        for number in range(FURTHEST.days):
            for begin, until in reversed(self._of(last - number * DAY)):
                if begin < end:
                    yield begin, min(until, end)

    def _of(self, day: date) -> tuple[Span, ...]:
        """The open spans of a day of UTC, in order, none touching another."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = tuple(self._read(day))
        return found

    def _read(self, day: date) -> list[Span]:
        assert self._hours is not None
        last = datetime.max.replace(tzinfo=UTC)
        shut = [*self._closings, *([(self._closed_from, last)] if self._closed_from else [])]
        found = _joined(_of_hours(self._hours, day))
        for closing in shut:
            found = [part for span in found for part in _without(span, closing)]
        return found


def _opens(hours: OpeningHours) -> bool:
    return any(map(any, (hours.weekly, hours.yearly.values(), hours.special.values())))


def _last(hours: OpeningHours | None, closed_from: datetime | None) -> date:
    """The last day of UTC on which anything may be open; the last of all days where none is."""
    never = date.max - FURTHEST
    found = closed_from.astimezone(UTC).date() if closed_from else never
    if hours is None or any(hours.weekly) or any(hours.yearly.values()):
        return found
    special = max((day for day, spans in hours.special.items() if spans), default=date.min)
    return min(found, special + DAY)


def _of_hours(hours: OpeningHours, day: date) -> Iterator[Span]:
    """The spans of the hours that fall in a day of UTC, in no order."""
    local_days = (day - DAY, day, day + DAY)  # no zone is a whole day away from UTC
    spans = [(local, span) for local in local_days for span in hours.on(local)]
    for begin, end, offset in _pieces(hours.zone, day) if spans else ():
        for local, span in spans:
            midnight = datetime.combine(local, time(), UTC) - offset
            opens = max(begin, midnight + timedelta(minutes=span.start))
            closes = min(end, midnight + timedelta(minutes=span.end))
            if opens < closes:
                yield opens, closes


@lru_cache(maxsize=2048)
def _pieces(zone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """A day of UTC, cut where the zone's clock jumps, with its offset in each part."""
    place, begin = ZoneInfo(zone), datetime.combine(day, time(), UTC)
    end = begin + DAY
    before, after = _offset(place, begin), _offset(place, end)
    if before == after:
        return ((begin, end, before),)
    low, high = begin, end
    while high - low > SECOND:
        middle = low + ((high - low) / 2 // SECOND) * SECOND
        low, high = (middle, high) if _offset(place, middle) == before else (low, middle)
    return ((begin, high, before), (high, end, after))


def _offset(place: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(place).utcoffset() or timedelta()


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in order, in spans that do not touch."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _without(span: Span, closing: Span) -> list[Span]:
    """What is left of a span."""
    edges = [
        span[0],
        min(max(closing[0], span[0]), span[1]),
        max(min(closing[1], span[1]), span[0]),
    ]
    parts = [(edges[0], edges[1]), (max(edges[2], edges[1]), span[1])]
    return [(begin, end) for begin, end in parts if begin < end]


ALWAYS = OpenTime()
"""All time counts."""
