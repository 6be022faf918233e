from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resmi.agency.hours import Interval, OpeningHours
from resmi.agency.open_time import OpenTime
from resmi.conversations import levels
from resmi.conversations.levels import HandOver

NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)


def came(
    minutes_ago: float,
    *,
    answered: float | None = None,
    closed: float | None = None,
    apart: float | None = None,
    queue: str = "q",
) -> HandOver:
    at = NOW - timedelta(minutes=minutes_ago)
    later = [None if m is None else at + timedelta(minutes=m) for m in (answered, closed, apart)]
    return HandOver(
        conversation=1,
        queue=queue,
        at=at,
        answered_at=later[0],
        closed_at=later[1],
        apart_at=later[2],
    )


def test_an_answer_after_the_promise_is_late_and_none_at_all_is_abandoned() -> None:
    assert levels.fate(came(20, answered=1), 60, NOW) == "in_target"
    assert levels.fate(came(20, answered=1.1), 60, NOW) == "late"
    assert levels.fate(came(20, closed=0.5), 60, NOW) == "abandoned"
    assert levels.fate(came(20, answered=0.5, closed=3), 60, NOW) == "in_target"


def test_who_waits_is_open_within_the_promise_and_late_beyond_it() -> None:
    assert levels.fate(came(0.5), 60, NOW) == "open"
    assert levels.fate(came(1.5), 60, NOW) == "late"
    assert levels.fate(came(500), 0, NOW) == "open"


def test_who_asked_to_be_called_back_or_left_for_the_bot_is_neither_late_nor_abandoned() -> None:
    assert levels.fate(came(500, apart=0.5), 60, NOW) == "apart"
    assert levels.fate(came(500, apart=0.5, answered=400), 60, NOW) == "apart"
    assert levels.fate(came(500, apart=0.5, closed=1), 60, NOW) == "apart"
    assert levels.fate(came(500, answered=0.5, apart=2), 60, NOW) == "in_target"


def test_the_shares_are_of_those_whose_fate_is_known() -> None:
    some = [came(20, answered=0.5), came(20, answered=5), came(20, closed=5), came(20)]
    waiting_in_time = [came(0.5), came(0.2), came(20, apart=0.1)]
    found = levels.count(some + waiting_in_time, {"q": 60}, NOW)
    assert (found.arrived, found.percent, found.abandoned_percent) == (7, 25, 25)


def test_a_percentage_without_anybody_is_none() -> None:
    assert levels.count([], {}, NOW).percent is None
    assert levels.count([came(0.5)], {"q": 60}, NOW).percent is None


SOME = st.builds(
    came,
    st.integers(0, 600),
    answered=st.none() | st.integers(0, 60),
    closed=st.none() | st.integers(0, 60),
    apart=st.none() | st.integers(0, 60),
    queue=st.sampled_from("qrs"),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SOME, max_size=20), st.integers(0, 3600))
def test_everybody_has_one_fate(some: list[HandOver], target_s: int) -> None:
    found = levels.count(some, dict.fromkeys("qrs", target_s), NOW)
    still = sum(levels.fate(one, target_s, NOW) in ("open", "apart") for one in some)
    assert found.arrived == found.in_target + found.late + found.abandoned + still
    assert found.percent is None or 0 <= found.percent <= 100


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SOME, max_size=20))
def test_the_queues_together_are_the_whole(some: list[HandOver]) -> None:
    targets = {"q": 60, "r": 0, "s": 600, "t": 60}
    parts = levels.by_queue(some, targets, NOW)
    whole = levels.count(some, targets, NOW)
    assert set(parts) == set(targets)
    for fate in ("arrived", "in_target", "late", "abandoned"):
        assert sum(getattr(part, fate) for part in parts.values()) == getattr(whole, fate)


def test_an_answer_in_the_morning_to_who_wrote_at_night_is_in_time() -> None:
    day = (Interval(8 * 60, 17 * 60),)
    time = OpenTime(OpeningHours(zone="UTC", weekly=(day,) * 7))
    night = HandOver(conversation=1, queue="q", at=NOW.replace(hour=1))
    answered = msgspec.structs.replace(night, answered_at=NOW.replace(hour=8, minute=1))
    assert levels.fate(answered, 120, NOW, time) == "in_target"
    assert levels.fate(answered, 120, NOW) == "late"
    assert levels.fate(night, 120, NOW.replace(hour=7), time) == "open"
    assert levels.fate(night, 120, NOW, time) == "late"
    assert levels.count([answered, night], {"q": 120}, NOW, {"q": time}).percent == 50
