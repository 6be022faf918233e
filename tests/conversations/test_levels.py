from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resmi.conversations import levels
from resmi.conversations.levels import HandOver

NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)


def came(
    minutes_ago: float, *, answered: float | None = None, closed: float | None = None
) -> HandOver:
    at = NOW - timedelta(minutes=minutes_ago)
    later = [None if m is None else at + timedelta(minutes=m) for m in (answered, closed)]
    return HandOver(conversation=1, queue="q", at=at, answered_at=later[0], closed_at=later[1])


def test_an_answer_after_the_promise_is_late_and_none_at_all_is_abandoned() -> None:
    assert levels.fate(came(20, answered=1), 60, NOW) == "in_target"
    assert levels.fate(came(20, answered=1.1), 60, NOW) == "late"
    assert levels.fate(came(20, closed=0.5), 60, NOW) == "abandoned"
    assert levels.fate(came(20, answered=0.5, closed=3), 60, NOW) == "in_target"


def test_who_waits_is_open_within_the_promise_and_late_beyond_it() -> None:
    assert levels.fate(came(0.5), 60, NOW) == "open"
    assert levels.fate(came(1.5), 60, NOW) == "late"
    assert levels.fate(came(500), 0, NOW) == "open"


def test_a_percentage_without_anybody_is_none() -> None:
    assert levels.count([], {}, NOW).percent is None
    assert levels.count([came(0.5)], {"q": 60}, NOW).percent is None


SOME = st.builds(
    came,
    st.integers(0, 600),
    answered=st.none() | st.integers(0, 60),
    closed=st.none() | st.integers(0, 60),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SOME, max_size=20), st.integers(0, 3600))
def test_everybody_has_one_fate(some: list[HandOver], target_s: int) -> None:
    found = levels.count(some, {"q": target_s}, NOW)
    still = sum(levels.fate(one, target_s, NOW) == "open" for one in some)
    assert found.arrived == found.in_target + found.late + found.abandoned + still
    assert found.percent is None or 0 <= found.percent <= 100


def test_a_forecast_takes_two_weeks() -> None:
    assert levels.forecast([4]) is None
    assert levels.forecast([4, 8]) == 6
