"""Who may come in the next hour, and what that rests on. Pure.

On an ordinary day: the same hour of ordinary days of this weekday; holidays among them are passed
over, for they would make a quiet week of a normal one. On a holiday: the same hour of earlier
holidays that were open, or closed, like it. Without any, the hours of the day decide: while closed
nobody is expected, in open hours as many as on an ordinary day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from resmi.agency.hours import OpeningHours

HOUR = timedelta(hours=1)
WEEKS = 6
LEAST_WEEKS = 2
FURTHEST_WEEKS = 12
"""How far back an ordinary day is looked for in place of a holiday."""
HOLIDAYS = 6
FURTHEST_DAYS = 2 * 366
"""How far back holidays are looked for: those of two years."""

Source = Literal["weeks", "holidays", "closed", "open", "none"]


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What an hour can be learned from: when hours like it began, in UTC, the last one first.

    `holiday` is what the day is called, "" without a name, None on an ordinary day.
    """

    holiday: str | None = None
    is_open: bool = True
    ordinary: tuple[datetime, ...] = ()
    holidays: tuple[datetime, ...] = ()

    @property
    def begins(self) -> tuple[datetime, ...]:
        """All of them."""
        return (*self.ordinary, *self.holidays)


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """How many may come, None when nothing says so; the mean of `days` hours of the past.

    `source`: learned from ordinary `weeks` or from `holidays`; assumed, for want of an earlier
    holiday, because the day is `closed` or `open` in that hour; or `none`.
    """

    number: float | None = None
    days: int = 0
    source: Source = "none"
    holiday: str | None = None
    is_open: bool = True


def basis(now: datetime, hours: OpeningHours) -> Basis:
    """What the hour after `now` (aware) can be learned from; the day it begins on counts."""
    local = now.astimezone(ZoneInfo(hours.zone))
    holiday = hours.holiday(local.date())
    weeks = _back(local, hours, FURTHEST_WEEKS, timedelta(weeks=1))
    ordinary = [begin for begin, name in weeks if name is None][:WEEKS]
    is_open = hours.opens_within(local, local + HOUR)
    if holiday is None:
        return Basis(is_open=is_open, ordinary=tuple(ordinary))
    alike = [
        begin
        for begin, name in _back(local, hours, FURTHEST_DAYS, timedelta(days=1))
        if name is not None and hours.opens_within(begin, begin + HOUR) == is_open
    ]
    return Basis(
        holiday=holiday,
        is_open=is_open,
        ordinary=tuple(ordinary),
        holidays=tuple(alike[:HOLIDAYS]),
    )


def _back(
    local: datetime, hours: OpeningHours, most: int, step: timedelta
) -> Iterator[tuple[datetime, str | None]]:
    """The same hour by the wall clock in earlier days, and what their day is called."""
    for back in range(1, most + 1):
        then = local - back * step
        yield then.astimezone(UTC), hours.holiday(then.date())


def expected(basis: Basis, came: Mapping[datetime, int]) -> Expected:
    """The forecast; `came` says how many came in those hours that are known, by their begin."""
    like = [came[begin] for begin in basis.holidays if begin in came]
    weeks = [came[begin] for begin in basis.ordinary if begin in came]
    ordinary = _mean(weeks) if len(weeks) >= LEAST_WEEKS else None
    if basis.holiday is None:
        return _found(basis, ordinary, len(weeks), "weeks")
    if like:
        return _found(basis, _mean(like), len(like), "holidays")
    if not basis.is_open:
        return _found(basis, 0.0, 0, "closed")
    return _found(basis, ordinary, len(weeks), "open")


def _found(basis: Basis, number: float | None, days: int, source: Source) -> Expected:
    return Expected(
        number=number,
        days=0 if number is None else days,
        source="none" if number is None else source,
        holiday=basis.holiday,
        is_open=basis.is_open,
    )


def _mean(counts: list[int]) -> float:
    return sum(counts) / len(counts)
