from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency.hours import Interval, OpeningHours
from resmi.agency.open_time import OpenTime
from resmi.routing import policy, rules, whatif

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)


def on_duty(name: str, *skills: str, capacity: int = 25) -> whatif.OnDuty:
    agent = rules.Agent(id=name, skills=rules.needs_of(skills), capacity=capacity, since=T0)
    return whatif.OnDuty(agent=agent, spans=((T0, T0 + timedelta(hours=8)),))


def arrival(number: int, *, at_s: int = 0, queue: str = "a", said: str = "") -> whatif.Arrival:
    return whatif.Arrival(
        conversation=number,
        at=T0 + timedelta(seconds=at_s),
        queue=queue,
        evidence=policy.Evidence(texts=(said,)),
        handle_s=100,
    )


def settings(*rules_: policy.PriorityRule, **queue: object) -> whatif.Settings:
    facts = policy.QueueFacts(key="a", name="A", target_s=60, **queue)  # type: ignore[arg-type]
    behind = policy.QueueFacts(key="b", name="B", skills=("b",), target_s=60)
    return whatif.Settings(
        policy=policy.Policy(priorities=rules_), queues={"a": facts, "b": behind}
    )


def test_two_of_three_wait_behind_a_single_agent() -> None:
    (result,) = whatif.replay([arrival(n) for n in (1, 2, 3)], [on_duty("x")], settings())
    assert (result.arrived, result.served) == (3, 3)
    assert (result.median_wait_s, result.longest_wait_s) == (100, 200)
    assert result.in_target == 1 / 3


def test_a_wait_over_a_closing_is_in_target_where_promises_count_open_time() -> None:
    shut = ((T0 + timedelta(seconds=5), T0 + timedelta(seconds=95)),)
    hours = OpeningHours(zone="UTC", weekly=((Interval(0, 1440),),) * 7)
    counted = msgspec.structs.replace(settings(), times={"a": OpenTime(hours, shut)})
    day, staff = [arrival(1), arrival(2)], [on_duty("x")]
    assert whatif.replay(day, staff, settings())[0].in_target == 0.5
    assert whatif.replay(day, staff, counted)[0].in_target == 1.0


def test_a_rule_lets_the_urgent_pass() -> None:
    day = [arrival(1), arrival(2, at_s=1), arrival(3, at_s=2, said="tolong")]
    rule = policy.PriorityRule(key="u", name="u", points=50, words=("tolong",))
    fast = whatif.Settings(policy=policy.Policy(priorities=(rule,)), queues=settings().queues)
    before = whatif.waits(day, [on_duty("x")], settings())
    after = whatif.waits(day, [on_duty("x")], fast)
    assert (before[2], before[3]) == (99, 198)
    assert (after[2], after[3]) == (199, 98)


def test_overflow_uses_the_agents_behind_when_its_time_comes() -> None:
    day = [arrival(1)]
    staff = [on_duty("x", "b")]
    alone = settings(skills=("a",))
    (never,) = whatif.replay(day, staff, alone)
    assert never.served == 0
    (helped,) = whatif.replay(
        day, staff, settings(skills=("a",), overflow_to="b", overflow_after_s=90)
    )
    assert (helped.served, helped.longest_wait_s) == (1, 90)


def test_nobody_on_duty_serves_nobody() -> None:
    (result,) = whatif.replay([arrival(1)], [], settings())
    assert (result.served, result.median_wait_s, result.in_target) == (0, 0, 0.0)


@given(st.lists(st.integers(0, 3600), max_size=25), st.integers(1, 4))
def test_everybody_is_served_once_and_nobody_before_they_came(at: list[int], places: int) -> None:
    day = [arrival(number, at_s=second) for number, second in enumerate(at)]
    waits = whatif.waits(day, [on_duty("x", capacity=25 * places)], settings())
    assert set(waits) == set(range(len(at)))
    assert all(wait >= 0 for wait in waits.values())
