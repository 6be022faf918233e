"""Time counted by opening hours, over nights, holidays, clock changes and closings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resmi.agency.hours import Interval, OpeningHours
from resmi.agency.open_time import ALWAYS, OpenTime

HOUR = 3600
WHOLE = (Interval(0, 1440),)
OFFICE = (Interval.parse("08:00-16:30"),)
ZONES = ("Asia/Jakarta", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tehran")


def office(zone: str = "Asia/Jakarta", **changes: Any) -> OpeningHours:
    fields: dict[str, Any] = {"zone": zone, "weekly": (OFFICE,) * 5 + ((), ())}
    return OpeningHours(**{**fields, **changes})


def at(text: str, zone: str = "Asia/Jakarta") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def local(found: datetime | None, zone: str = "Asia/Jakarta") -> str:
    return f"{found.astimezone(ZoneInfo(zone)):%a %H:%M:%S}" if found else "never"


def test_who_writes_after_closing_is_due_after_the_opening() -> None:
    time = OpenTime(office())
    assert local(time.due(at("2026-03-02T17:05"), 120)) == "Tue 08:02:00"
    assert local(time.due(at("2026-03-06T16:29"), 120)) == "Mon 08:01:00"
    assert time.elapsed_s(at("2026-03-06T16:29"), at("2026-03-09T08:00:30")) == 90


def test_a_budget_used_up_at_closing_is_due_at_closing() -> None:
    assert local(OpenTime(office()).due(at("2026-03-02T08:00"), 8.5 * HOUR)) == "Mon 16:30:00"


def test_holidays_do_not_count_but_their_few_hours_do() -> None:
    eve = (Interval.parse("08:00-12:00"),)
    hours = office(special={date(2026, 3, 3): ()}, yearly={(3, 4): eve})
    time = OpenTime(hours)
    assert local(time.due(at("2026-03-02T16:00"), HOUR)) == "Wed 08:30:00"
    assert time.elapsed_s(at("2026-03-02T16:30"), at("2026-03-05T08:00")) == 4 * HOUR


def test_open_over_midnight_goes_on_without_a_gap() -> None:
    night = (Interval.parse("00:00-06:00"), Interval.parse("22:00-24:00"))
    time = OpenTime(office(weekly=(night,) * 7))
    assert local(time.due(at("2026-03-02T23:00"), 2 * HOUR)) == "Tue 01:00:00"
    assert local(time.due(at("2026-03-02T05:00"), 2 * HOUR)) == "Mon 23:00:00"
    assert time.elapsed_s(at("2026-03-02T12:00"), at("2026-03-03T12:00")) == 8 * HOUR


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_a_day_has_as_many_hours_as_the_clock_gives_it(day: str, hours: int) -> None:
    time = OpenTime(office("Europe/Berlin", weekly=(WHOLE,) * 7))
    begin = at(f"{day}T00:00", "Europe/Berlin")
    end = begin + timedelta(days=1)  # by the wall clock
    assert time.elapsed_s(begin, end) == hours * HOUR


def test_an_hour_that_comes_twice_counts_twice_and_a_skipped_one_not() -> None:
    time = OpenTime(office("Europe/Berlin", weekly=((Interval.parse("01:30-03:30"),),) * 7))
    for day, hours in (("2026-03-29", 1), ("2026-10-25", 3), ("2026-06-01", 2)):
        begin = at(f"{day}T00:00", "Europe/Berlin")
        assert time.elapsed_s(begin, begin + timedelta(hours=6)) == hours * HOUR


def test_what_never_opens_is_never_due() -> None:
    shut = OpenTime(office(weekly=((),) * 7))
    now = at("2026-03-02T10:00")
    assert shut.due(now, 1) is None
    assert shut.since(now, 1) is None
    assert shut.opens_at(now) is None
    assert shut.elapsed_s(now, now + timedelta(days=900)) == 0
    gone = OpenTime(office(weekly=((),) * 7, special={date(2026, 3, 1): OFFICE}))
    assert gone.due(now, 1) is None


def test_a_closing_by_hand_stands_still_until_it_opens_again() -> None:
    shut, back = at("2026-03-02T10:00"), at("2026-03-02T13:00")
    still = OpenTime(office(), closed_from=shut)
    asked = at("2026-03-02T09:58")
    assert still.due(asked, 300) is None
    assert local(still.due(asked, 60)) == "Mon 09:59:00"
    assert still.elapsed_s(asked, at("2026-03-09T10:00")) == 120
    assert still.opens_at(at("2026-03-02T11:00")) is None
    again = OpenTime(office(), closings=[(shut, back)])
    assert local(again.due(asked, 300)) == "Mon 13:03:00"
    assert not again.is_open(shut)
    assert again.is_open(back)


def test_overlapping_hours_count_once() -> None:
    twice = (Interval.parse("08:00-12:00"), Interval.parse("10:00-14:00"))
    time = OpenTime(office(weekly=(twice,) * 7))
    assert time.elapsed_s(at("2026-03-02T00:00"), at("2026-03-03T00:00")) == 6 * HOUR


def test_any_budget_that_settings_allow_is_used_up_even_in_an_hour_a_week() -> None:
    hour = (Interval.parse("08:00-09:00"),)
    time = OpenTime(office(weekly=(hour, (), (), (), (), (), ())))
    assert time.due(at("2026-03-02T00:00"), 30 * 86_400) is not None


# Instants around the clock changes of these zones, and anywhere in some years.
INSTANTS = st.integers(0, 4 * 366 * 24 * 60).map(
    lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
) | st.integers(-3 * 24 * 60, 3 * 24 * 60).flatmap(
    lambda minute: st.sampled_from(
        [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
    ).map(lambda change: change + timedelta(minutes=minute))
)
BUDGETS = st.integers(1, 90 * HOUR)
SPANS = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 1440))
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: Interval(*pair)),
    max_size=3,
).map(tuple)


@st.composite
def times(draw: st.DrawFn, *, opens: bool = True) -> OpenTime:
    """Some hours, with holidays and perhaps closings; open at least once a week."""
    weekly = draw(st.tuples(*[SPANS] * 7))
    if opens and not any(weekly):
        weekly = (OFFICE, *weekly[1:])
    day = st.dates(date(2024, 1, 1), date(2027, 12, 31))
    hours = OpeningHours(
        zone=draw(st.sampled_from(ZONES)),
        weekly=weekly,
        special=draw(st.dictionaries(day, SPANS, max_size=3)),
        yearly=draw(st.dictionaries(day.map(lambda d: (d.month, d.day)), SPANS, max_size=3)),
    )
    closings = [
        (begin, begin + timedelta(seconds=draw(BUDGETS)))
        for begin in draw(st.lists(INSTANTS, max_size=2))
    ]
    return OpenTime(hours, closings)


@settings(max_examples=30)
@given(times(), INSTANTS)
def test_what_counts_is_what_the_hours_call_open(time: OpenTime, now: datetime) -> None:
    assert time._hours is not None
    is_shut = any(begin <= now < end for begin, end in time._closings)
    assert time.is_open(now) == (time._hours.is_open(now) and not is_shut)


@settings(max_examples=30)
@given(times(), INSTANTS, BUDGETS)
def test_until_it_is_due_exactly_the_budget_has_passed(
    time: OpenTime, since: datetime, budget: int
) -> None:
    due = time.due(since, budget)
    assert due is not None
    assert time.elapsed_s(since, due) == budget


@settings(max_examples=30)
@given(times(), INSTANTS, BUDGETS)
def test_nothing_is_due_while_it_is_closed(time: OpenTime, since: datetime, budget: int) -> None:
    due = time.due(since, budget)
    assert due is not None
    assert time.is_open(due - timedelta(microseconds=1))


@settings(max_examples=30)
@given(times(), INSTANTS, INSTANTS, BUDGETS, BUDGETS)
def test_who_came_later_or_was_promised_less_is_not_due_the_other_way_round(
    time: OpenTime, one: datetime, two: datetime, less: int, more: int
) -> None:
    first, second = sorted([one, two])
    small, large = sorted([less, more])
    dues = [time.due(first, small), time.due(second, small), time.due(first, large)]
    assert dues[0] is not None
    assert dues[1] is not None
    assert dues[2] is not None
    assert dues[0] <= dues[1]
    assert dues[0] <= dues[2]


@settings(max_examples=30)
@given(times(), INSTANTS, BUDGETS, BUDGETS)
def test_two_budgets_one_after_the_other_are_their_sum(
    time: OpenTime, since: datetime, one: int, two: int
) -> None:
    between = time.due(since, one)
    assert between is not None
    assert time.due(between, two) == time.due(since, one + two)


@settings(max_examples=30)
@given(times(opens=False), st.tuples(INSTANTS, INSTANTS, INSTANTS).map(sorted))
def test_the_parts_of_a_time_are_the_whole(time: OpenTime, instants: list[datetime]) -> None:
    one, two, three = instants
    whole = time.elapsed_s(one, three)
    assert time.elapsed_s(one, two) + time.elapsed_s(two, three) == pytest.approx(whole, abs=1e-3)
    assert 0 <= whole <= (three - one).total_seconds()
    assert time.elapsed_s(three, one) == 0


@settings(max_examples=30)
@given(times(), INSTANTS, INSTANTS, BUDGETS)
def test_who_came_before_the_cut_is_over_the_budget_and_who_came_after_is_not(
    time: OpenTime, came: datetime, now: datetime, budget: int
) -> None:
    cut = time.since(now, budget)
    due = time.due(came, budget)
    assert cut is not None
    assert due is not None
    assert time.elapsed_s(cut, now) == budget
    if came < cut:
        assert due <= now
    if came > cut:
        assert due >= now


@settings(max_examples=30)
@given(st.sampled_from(ZONES), INSTANTS, BUDGETS)
def test_always_open_is_the_clock_on_the_wall(zone: str, since: datetime, budget: int) -> None:
    then = since + timedelta(seconds=budget)
    for time in (ALWAYS, OpenTime(office(zone, weekly=(WHOLE,) * 7))):
        assert time.due(since, budget) == then
        assert time.elapsed_s(since, then) == budget
        assert time.since(then, budget) == since
        assert time.is_open(since)


@settings(max_examples=30)
@given(times(), INSTANTS)
def test_it_opens_at_the_first_open_instant(time: OpenTime, now: datetime) -> None:
    opens = time.opens_at(now)
    assert opens is not None
    assert time.is_open(opens)
    assert time.elapsed_s(now, opens) == 0
