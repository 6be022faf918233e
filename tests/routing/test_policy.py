from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.routing import policy, rules

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
MONEY = policy.PriorityRule(
    key="money", name="Money sent", points=20, words=("sudah transfer", "transferred", "송금")
)


def queue(key: str, **fields: object) -> policy.QueueFacts:
    return policy.QueueFacts(key=key, name=key, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Saya SUDAH TRANSFER 2 juta", True),
        ("이미 송금했어요", True),
        ("I was untransferred", False),
        ("transferredness", False),
        ("", False),
    ],
)
def test_words_count_whole_in_any_case_and_with_korean_endings(text: str, counts: bool) -> None:
    found = policy.matching(policy.Policy(priorities=(MONEY,)), policy.Evidence(texts=(text,)))
    assert bool(found) is counts


def test_a_rule_needs_all_its_evidence() -> None:
    rule = policy.PriorityRule(key="k", name="k", points=5, words=("help",), flags=("vulnerable",))
    whole = policy.Policy(priorities=(rule,))
    assert not policy.matching(whole, policy.Evidence(texts=("help",)))
    seen = policy.Evidence(texts=("help",), flags=frozenset({"vulnerable"}))
    assert policy.matching(whole, seen) == (rule,)


def test_a_rule_without_evidence_never_counts_and_is_a_mistake() -> None:
    whole = policy.Policy(priorities=(policy.PriorityRule(key="k", name="k", points=5),))
    assert not policy.matching(whole, policy.Evidence(texts=("k",), value=10))
    assert policy.problems(whole) == [policy.Problem("no_evidence", "k")]


@given(st.lists(st.integers(-100, 100)))
def test_points_stay_within_bounds(points: list[int]) -> None:
    given_rules = [policy.PriorityRule(key="k", name="k", points=one) for one in points]
    assert -rules.MAX_PRIORITY <= policy.points(given_rules) <= rules.MAX_PRIORITY


def test_every_mistake_of_a_policy_is_named() -> None:
    bad = policy.Policy(
        costs={"chat": 0},
        priorities=(MONEY, MONEY, policy.PriorityRule(key="x", name="x", points=500, words=("a",))),
        regions=(
            policy.Region(key="papua", name="Papua", time_zone="Mars/Base", weekly=((),) * 7),
            policy.Region(key="java", name="Java", time_zone="Asia/Jakarta", weekly=((),) * 6),
        ),
    )
    found = {(one.code, one.where) for one in policy.problems(bad)}
    assert found == {
        ("cost", "chat"),
        ("points", "x"),
        ("twice", "money"),
        ("region", "papua"),
        ("region", "java"),
    }


def test_a_region_has_its_own_clock_and_holidays() -> None:
    region = policy.Region(
        key="papua",
        name="Papua",
        time_zone="Asia/Jayapura",
        weekly=(("08:00-16:00",),) * 5 + ((), ()),
        holidays=(policy.Holiday(date="2026-01-06", name="Hari daerah"),),
    )
    hours = policy.Policy(regions=(region,)).region("papua")
    assert hours is not None
    assert hours.is_open(datetime(2026, 1, 5, 0, tzinfo=UTC))
    assert not hours.is_open(datetime(2026, 1, 6, 0, tzinfo=UTC))


def test_a_wait_overflows_after_its_time_and_further_after_the_next() -> None:
    queues = {
        "a": queue("a", skills=("loans:2",), overflow_to="b", overflow_after_s=60),
        "b": queue("b", overflow_to="c", overflow_after_s=60),
        "c": queue("c", overflow_to="a", overflow_after_s=60),
    }

    def reached(after_s: int) -> list[str]:
        now = T0 + timedelta(seconds=after_s)
        return [way.queue for way in policy.ways(queues, queues["a"], (), "id", T0, now)]

    assert reached(59) == ["a"]
    assert reached(60) == ["a", "b"]
    assert reached(10_000) == ["a", "b", "c"]


def test_what_a_conversation_needs_binds_in_its_own_queue_only() -> None:
    queues = {"a": queue("a", overflow_to="b", overflow_after_s=1), "b": queue("b")}
    now = T0 + timedelta(seconds=5)
    own, behind = policy.ways(queues, queues["a"], ("reports",), "ko", T0, now)
    assert own.needs == {"reports": 1, "lang:ko": 1}
    assert behind.needs == {"lang:ko": 1}


def test_a_closed_queue_passes_on_to_the_first_open_one() -> None:
    queues = {
        "a": queue("a", closed=True, overflow_to="b"),
        "b": queue("b", closed=True, overflow_to="c"),
        "c": queue("c"),
        "d": queue("d", closed=True, overflow_to="d"),
    }
    assert policy.receiving(queues, "a") == "c"
    assert policy.receiving(queues, "c") == "c"
    assert policy.receiving(queues, "d") == "d"
    assert policy.receiving(queues, "unheard of") == "unheard of"
