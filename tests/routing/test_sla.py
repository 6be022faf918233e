from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from resmi.agency.hours import Interval, OpeningHours
from resmi.agency.open_time import OpenTime
from resmi.routing import sla
from resmi.routing.places import should_tell

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
TARGETS = sla.Targets(first_response_s=100, next_response_s=50, resolution_s=1000)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def kinds(course: sla.Course) -> list[str]:
    return [clock.kind for clock in sla.clocks(course, TARGETS)]


def test_nothing_runs_while_the_bot_talks() -> None:
    assert kinds(sla.Course()) == []


def test_the_first_response_runs_from_the_hand_over_until_an_agent_writes() -> None:
    assert kinds(sla.Course(asked_at=T0)) == ["first_response", "resolution"]
    assert kinds(sla.Course(asked_at=T0, answered_at=at(5))) == ["resolution"]


def test_the_next_response_runs_from_the_first_unanswered_message() -> None:
    course = sla.Course(asked_at=T0, answered_at=at(5), unanswered_since=at(20))
    clock = sla.clocks(course, TARGETS)[0]
    assert (clock.kind, clock.warn_at, clock.due_at) == ("next_response", at(60), at(70))


def test_nothing_runs_after_the_end_or_while_laid_aside() -> None:
    assert kinds(sla.Course(asked_at=T0, closed_at=at(9))) == []
    assert kinds(sla.Course(asked_at=T0, paused=True)) == []


def test_a_promise_is_warned_of_before_it_breaks() -> None:
    (clock, _) = sla.clocks(sla.Course(asked_at=T0), TARGETS)
    assert [sla.standing(clock, at(s)) for s in (0, 79, 80, 99, 100)] == [
        "running",
        "running",
        "warned",
        "warned",
        "breached",
    ]


@given(st.integers(0, 2000), st.sets(st.sampled_from(["warned", "breached"])))
def test_it_is_looked_at_again_for_whatever_was_not_said(now_s: int, said: set[str]) -> None:
    running = sla.clocks(sla.Course(asked_at=T0), sla.Targets(first_response_s=100))
    told = frozenset(f"first_response:{word}" for word in said)
    wake = sla.next_wake(running, at(now_s), told)
    is_over = "breached" in said
    assert (wake is None) == is_over
    assert wake is None or wake >= at(now_s)
    if now_s >= 100 and wake is not None:
        assert wake == at(now_s)


def test_nobody_is_warned_of_what_broke_already() -> None:
    running = sla.clocks(sla.Course(asked_at=T0), sla.Targets(first_response_s=100))
    assert sla.next_wake(running, at(150), frozenset({"first_response:breached"})) is None


def office(*days: tuple[Interval, ...]) -> OpenTime:
    """Open from eight to five of UTC, or as the days say."""
    return OpenTime(OpeningHours(zone="UTC", weekly=days or ((Interval(480, 1020),),) * 7))


def test_a_promise_stands_still_over_night() -> None:
    course = sla.Course(asked_at=T0.replace(hour=16, minute=59))
    clock = sla.clocks(course, TARGETS, office())[0]
    tomorrow = T0.replace(hour=8) + timedelta(days=1)
    assert clock.warn_at == tomorrow + timedelta(seconds=20)
    assert clock.due_at == tomorrow + timedelta(seconds=40)
    assert sla.standing(clock, T0.replace(hour=23)) == "running"


def test_a_promise_of_a_queue_that_never_opens_runs_but_is_never_due() -> None:
    running = sla.clocks(sla.Course(asked_at=T0), TARGETS, office(*[()] * 7))
    assert [clock.due_at for clock in running] == [None, None]
    assert {sla.standing(clock, at(10**9)) for clock in running} == {"running"}
    assert sla.next_wake(running, T0) is None


def test_of_a_pause_only_the_time_outside_it_counts_even_over_a_night() -> None:
    asked, aside = T0.replace(hour=16, minute=50), T0.replace(hour=16, minute=55)
    woken = T0.replace(hour=8, minute=30) + timedelta(days=1)
    targets = sla.Targets(first_response_s=600)
    course = sla.Course(asked_at=asked, pauses=((aside, woken),))
    (clock,) = sla.clocks(course, targets, office())
    assert clock.due_at == woken + timedelta(minutes=5)
    (always,) = sla.clocks(course, targets)
    assert always.due_at == woken + timedelta(minutes=5)
    long_over = sla.Course(asked_at=woken, pauses=((aside, woken),))
    assert sla.clocks(long_over, targets)[0].due_at == woken + timedelta(minutes=10)


def test_a_place_is_told_once_and_then_only_when_much_better() -> None:
    def tell(*, told: int, place: int, after_s: int) -> bool:
        return should_tell(told=told, told_at=T0, place=place, now=at(after_s), retell_s=180)

    assert should_tell(told=0, told_at=None, place=7, now=T0, retell_s=180)
    assert not tell(told=9, place=3, after_s=60)
    assert tell(told=9, place=6, after_s=180)
    assert not tell(told=9, place=7, after_s=180)
    assert not tell(told=9, place=12, after_s=900)
