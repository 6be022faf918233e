from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resmi.agency.hours import Interval, OpeningHours
from resmi.conversations import expecting

ZONES = st.sampled_from(
    ["Asia/Jakarta", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
)
OFFICE, ALL_DAY = (Interval(480, 960),), (Interval(0, 1440),)
NOW = datetime(2026, 8, 17, 10, tzinfo=ZoneInfo("Asia/Jakarta"))  # a Monday
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001


def hours(zone: str = "Asia/Jakarta", **days: tuple[Interval, ...]) -> OpeningHours:
    """Office hours every day; `special` days written d20260817, `yearly` ones d0817."""
    special = {date.fromisoformat(f"{k[1:5]}-{k[5:7]}-{k[7:]}"): v for k, v in days.items()}
    names: dict[date | tuple[int, int], str] = dict.fromkeys(special, "Nyepi")
    return OpeningHours(zone=zone, weekly=(OFFICE,) * 7, special=special, names=names)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[datetime, OpeningHours]:
    """A moment, and opening hours with holidays round it."""
    zone = draw(ZONES)
    now = draw(MOMENTS).replace(tzinfo=UTC)
    offsets = draw(st.lists(st.integers(0, 90), max_size=12) | st.just([7, 14, 21, 0]))
    spans = st.sampled_from([(), OFFICE, ALL_DAY])
    today = now.astimezone(ZoneInfo(zone)).date()
    special = {today - timedelta(days=days): draw(spans) for days in offsets}
    yearly = {(8, 17): draw(spans)} if draw(st.booleans()) else {}
    return now, OpeningHours(
        zone=zone, weekly=(OFFICE,) * 5 + ((), ()), special=special, yearly=yearly
    )


@given(calendars())
def test_an_hour_is_learned_from_the_same_hour_of_days_like_it(
    given_: tuple[datetime, OpeningHours],
) -> None:
    now, open_ = given_
    zone, found = ZoneInfo(open_.zone), expecting.basis(now, open_)
    local = now.astimezone(zone)
    assert (found.holiday is None) == (open_.holiday(local.date()) is None)
    assert len(found.ordinary) <= expecting.WEEKS
    for begin in found.ordinary:
        then = begin.astimezone(zone)
        assert open_.holiday(then.date()) is None
        assert then.weekday() == local.weekday()
    for begin in found.holidays:
        then = begin.astimezone(zone)
        assert open_.holiday(then.date()) is not None
        assert open_.opens_within(begin, begin + expecting.HOUR) == found.is_open
    for begins in (found.ordinary, found.holidays):
        assert list(begins) == sorted(set(begins), reverse=True)
        assert all(begin < now for begin in begins)
    assert not found.holidays or found.holiday is not None


@given(calendars(), st.lists(st.integers(0, 500), min_size=12, max_size=12), st.data())
def test_a_forecast_lies_between_the_quietest_and_the_busiest_it_was_learned_from(
    given_: tuple[datetime, OpeningHours], counts: list[int], data: st.DataObject
) -> None:
    basis = expecting.basis(*given_)
    known = [begin for begin in basis.begins if data.draw(st.booleans())]
    came = dict(zip(known, counts, strict=False))
    found = expecting.expected(basis, came)
    assert found.holiday == basis.holiday
    assert (found.number is None) == (found.source == "none")
    if found.source in ("weeks", "open", "holidays"):
        of = basis.holidays if found.source == "holidays" else basis.ordinary
        learned = [came[begin] for begin in of if begin in came]
        assert found.number is not None
        assert min(learned) <= found.number <= max(learned)
        assert found.days == len(learned) >= (1 if found.source == "holidays" else 2)
    if basis.holiday is None:
        assert found.source in ("weeks", "none")
    elif not basis.is_open:
        assert found.source in ("holidays", "closed")
    if found.source == "closed":
        assert (found.number, found.is_open) == (0, False)
    assert found.source != "weeks" or basis.holiday is None


@given(calendars(), st.integers(0, 500), st.integers(0, 500))
def test_what_happened_on_holidays_never_moves_an_ordinary_day(
    given_: tuple[datetime, OpeningHours], on_holidays: int, otherwise: int
) -> None:
    now, open_ = given_
    basis = expecting.basis(now, open_)
    if basis.holiday is not None:
        return
    every = [now - timedelta(weeks=back) for back in range(1, expecting.FURTHEST_WEEKS + 1)]
    zone = ZoneInfo(open_.zone)
    came = {
        at: otherwise if open_.holiday(at.astimezone(zone).date()) is None else on_holidays
        for at in {*every, *basis.begins}
    }
    found = expecting.expected(basis, came)
    assert found.number in (None, otherwise)


@example(datetime(2024, 11, 3, 1), "Europe/Berlin")  # noqa: DTZ001 (naive, as MOMENTS are)
@given(MOMENTS, ZONES)
def test_the_same_hour_of_earlier_weeks_is_by_the_wall_clock(naive: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    now = naive.replace(tzinfo=UTC).astimezone(zone)
    found = expecting.basis(now, hours(name))
    for back, begin in enumerate(found.ordinary, start=1):
        local = begin.astimezone(zone)
        wall = now.replace(tzinfo=None) - timedelta(weeks=back)
        is_skipped = local.replace(tzinfo=None) != wall  # the clocks jumped over that hour
        there = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
        assert is_skipped == (there.replace(tzinfo=None) != wall)
        assert begin == there.astimezone(UTC)  # no other zone equals an hour there is twice
        assert local.date() == wall.date()


@pytest.mark.parametrize(
    ("open_", "came", "number", "source"),
    [
        ((), {}, 0, "closed"),
        (OFFICE, {}, None, "none"),
        (OFFICE, {7: 4, 14: 2}, 3, "open"),
        ((), {7: 4, 14: 2}, 0, "closed"),
        ((), {7: 4, 14: 2, 3: 1}, 1, "holidays"),
        (OFFICE, {7: 4, 14: 2, 5: 8}, 8, "holidays"),
        (OFFICE, {7: 4, 14: 2, 3: 1}, 3, "open"),
    ],
)
def test_a_holiday_is_forecast_from_holidays_like_it_else_from_its_hours(
    open_: tuple[Interval, ...], came: dict[int, int], number: float | None, source: str
) -> None:
    """Three days ago was a holiday and closed, five days ago one with office hours."""
    basis = expecting.basis(NOW, hours(d20260817=open_, d20260814=(), d20260812=OFFICE))
    counts = {(NOW - timedelta(days=ago)).astimezone(UTC): n for ago, n in came.items()}
    found = expecting.expected(basis, counts)
    assert (found.number, found.source, found.holiday) == (number, source, "Nyepi")


def test_a_holiday_among_the_weeks_is_replaced_by_one_further_back() -> None:
    found = expecting.basis(NOW, hours(d20260810=()))
    assert [(NOW - begin).days // 7 for begin in found.ordinary] == [2, 3, 4, 5, 6, 7]
