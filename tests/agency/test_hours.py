"""Opening hours by the wall clock, over holidays and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency.hours import Interval, OpeningHours

JAKARTA = ZoneInfo("Asia/Jakarta")
OFFICE = Interval.parse("08:00-16:30")
FRIDAY = (Interval.parse("08:00-11:30"), Interval.parse("13:00-16:30"))


def hours(**changes: Any) -> OpeningHours:
    fields: dict[str, Any] = {
        "zone": "Asia/Jakarta",
        "weekly": ((OFFICE,),) * 4 + (FRIDAY, (), ()),
    }
    return OpeningHours(**{**fields, **changes})


def at(text: str, zone: ZoneInfo = JAKARTA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_open_from_the_first_minute_and_closed_from_the_last() -> None:
    assert not hours().is_open(at("2026-03-02T07:59:59"))
    assert hours().is_open(at("2026-03-02T08:00:00"))
    assert hours().is_open(at("2026-03-02T16:29:59"))
    assert not hours().is_open(at("2026-03-02T16:30:00"))


def test_an_instant_given_in_another_zone_is_judged_by_the_agencys_clock() -> None:
    assert hours().is_open(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    assert not hours().is_open(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))


def test_next_opening_after_closing_time_is_the_next_morning() -> None:
    assert hours().next_opening(at("2026-03-02T18:00:00")) == at("2026-03-03T08:00:00")


def test_next_opening_in_the_friday_break_is_the_same_day() -> None:
    assert hours().next_opening(at("2026-03-06T12:00:00")) == at("2026-03-06T13:00:00")


def test_next_opening_skips_the_weekend_and_a_holiday() -> None:
    closed = hours(special={date(2026, 3, 9): ()})
    assert closed.next_opening(at("2026-03-06T17:00:00")) == at("2026-03-10T08:00:00")


def test_a_yearly_holiday_holds_every_year() -> None:
    closed = hours(yearly={(8, 17): ()})
    assert not closed.is_open(at("2026-08-17T10:00:00"))
    assert not closed.is_open(at("2027-08-17T10:00:00"))


def test_a_dates_own_hours_win_over_the_yearly_holiday() -> None:
    open_anyway = hours(yearly={(8, 17): ()}, special={date(2026, 8, 17): (OFFICE,)})
    assert open_anyway.is_open(at("2026-08-17T10:00:00"))


def test_next_opening_while_open_is_now() -> None:
    moment = at("2026-03-02T10:15:30")
    assert hours().next_opening(moment) == moment


def test_an_agency_that_never_opens_has_no_next_opening() -> None:
    assert hours(weekly=((),) * 7).next_opening(at("2026-03-02T10:00:00")) is None


def test_an_opening_inside_the_skipped_hour_opens_when_the_clock_has_jumped() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = hours(zone="Europe/Berlin", weekly=((Interval.parse("02:30-05:00"),),) * 7)
    opening = night.next_opening(at("2026-03-28T23:00:00", berlin) + timedelta(hours=1))
    assert opening == at("2026-03-29T03:00:00", berlin)


def test_a_repeated_hour_opens_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = hours(zone="Europe/Berlin", weekly=((Interval.parse("02:00-02:15"),),) * 7)
    first = night.next_opening(at("2026-10-25T01:00:00", berlin))
    assert first is not None
    second = night.next_opening(first.astimezone(UTC) + timedelta(minutes=20))
    assert second is not None
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)


@pytest.mark.parametrize("text", ["8-16", "16:30-08:00", "08:00-25:00", "0800-1630", "08:00", ""])
def test_hours_written_wrongly_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|must begin|not a time"):
        Interval.parse(text)


def test_a_week_without_seven_days_is_refused() -> None:
    with pytest.raises(ValueError, match="seven"):
        hours(weekly=((OFFICE,),) * 6)


intervals = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 240)).map(
        lambda pair: Interval(pair[0], min(pair[0] + pair[1], 1440))
    ),
    max_size=3,
).map(tuple)
weeks = st.lists(intervals, min_size=7, max_size=7).map(tuple)
zones = st.sampled_from(["Asia/Jakarta", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
moments = st.integers(0, 2 * 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(weeks, zones, moments, st.floats(0, 1))
def test_nothing_opens_before_the_next_opening(
    week: tuple[tuple[Interval, ...], ...], zone: str, moment: datetime, between: float
) -> None:
    shop = OpeningHours(zone=zone, weekly=week)
    opening = shop.next_opening(moment)
    if opening is None:
        assert not any(week)
        return
    assert opening >= moment
    assert shop.is_open(opening)
    if opening > moment:
        assert not shop.is_open(moment + (opening - moment) * between * 0.999999)


@given(weeks, moments)
def test_the_next_opening_is_a_fixed_point(
    week: tuple[tuple[Interval, ...], ...], moment: datetime
) -> None:
    shop = OpeningHours(zone="Asia/Jakarta", weekly=week)
    if (opening := shop.next_opening(moment)) is not None:
        assert shop.next_opening(opening) == opening


def test_a_holiday_has_a_name_and_a_date_of_its_own_goes_before_one_of_every_year() -> None:
    open_ = hours(
        special={date(2026, 8, 17): (), date(2026, 3, 19): ()},
        yearly={(8, 17): (OFFICE,), (1, 1): ()},
        names={date(2026, 8, 17): "Closed for once", (8, 17): "Independence", (1, 1): "New Year"},
    )
    assert open_.holiday(date(2026, 8, 17)) == "Closed for once"
    assert open_.holiday(date(2027, 8, 17)) == "Independence"
    assert open_.holiday(date(2026, 3, 19)) == ""
    assert open_.holiday(date(2026, 3, 20)) is None


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001
    st.integers(1, 300),
)
def test_open_within_a_span_is_open_in_one_of_its_minutes(naive: datetime, minutes: int) -> None:
    begin = naive.replace(second=0, microsecond=0, tzinfo=UTC)
    open_ = hours(special={begin.date(): FRIDAY})
    each = (begin + timedelta(minutes=n) for n in range(minutes))
    end = begin + timedelta(minutes=minutes)
    assert open_.opens_within(begin, end) == any(open_.is_open(at) for at in each)
