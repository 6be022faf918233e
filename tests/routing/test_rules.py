from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from resmi.routing import rules

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)


def waiting(conversation: int = 1, *, after_s: int = 0, **fields: object) -> rules.Waiting:
    return rules.Waiting(
        conversation=conversation,
        since=T0 + timedelta(seconds=after_s),
        **fields,  # type: ignore[arg-type]
    )


def agent(name: str, *skills: str, load: int = 0, idle_s: int = 0) -> rules.Agent:
    return rules.Agent(
        id=name, skills=frozenset(skills), load=load, since=T0 - timedelta(seconds=idle_s)
    )


def test_the_oldest_is_served_first() -> None:
    pairs = rules.choose([waiting(1, after_s=5), waiting(2)], [agent("a", load=75)])
    assert pairs == (rules.Pairing(2, "a"),)


def test_a_higher_priority_goes_before_a_longer_wait() -> None:
    pairs = rules.choose([waiting(1), waiting(2, after_s=5, priority=1)], [agent("a", load=75)])
    assert pairs == (rules.Pairing(2, "a"),)


def test_an_agent_without_the_skill_gets_nothing() -> None:
    item = waiting(skills=frozenset({"reports"}))
    assert rules.choose([item], [agent("a", "consumer")]) == ()


def test_a_language_nobody_available_speaks_does_not_bind() -> None:
    item = waiting(skills=frozenset({"reports", "lang:ko"}))
    pairs = rules.choose([item], [agent("a", "reports", "lang:id")])
    assert pairs == (rules.Pairing(1, "a"),)


def test_a_language_somebody_speaks_waits_for_them() -> None:
    item = waiting(skills=frozenset({"lang:ko"}))
    agents = [agent("busy", "lang:ko", load=100), agent("free", "lang:id")]
    assert rules.choose([item], agents) == ()


def test_the_agent_the_citizen_knows_comes_first() -> None:
    pairs = rules.choose([waiting(last_agent="b")], [agent("a"), agent("b", load=50)])
    assert pairs == (rules.Pairing(1, "b"),)


def test_the_least_loaded_comes_before_the_longest_idle() -> None:
    agents = [agent("a", load=25, idle_s=900), agent("b")]
    assert rules.choose([waiting()], agents) == (rules.Pairing(1, "b"),)


def test_who_declined_is_asked_again_only_when_nobody_else_fits() -> None:
    item = waiting(declined=("a",))
    assert rules.choose([item], [agent("a"), agent("b")]) == (rules.Pairing(1, "b"),)
    assert rules.choose([item], [agent("a")]) == (rules.Pairing(1, "a"),)


def test_no_agents_means_an_unknown_wait() -> None:
    assert rules.estimate_wait_s(3, 0, 300) == -1


def test_the_wait_grows_with_the_position() -> None:
    assert rules.estimate_wait_s(1, 4, 300) == 75
    assert rules.estimate_wait_s(8, 4, 300) == 600


skills = st.frozensets(st.sampled_from(["a", "b", "lang:id", "lang:ko"]), max_size=3)
agents_given = st.lists(
    st.builds(
        rules.Agent,
        id=st.uuids().map(str),
        skills=skills,
        load=st.integers(0, 4).map(lambda n: n * 25),
        since=st.datetimes().map(lambda d: d.replace(tzinfo=UTC)),
    ),
    max_size=6,
)
waiting_given = st.lists(
    st.builds(
        rules.Waiting,
        conversation=st.integers(1, 10_000),
        since=st.datetimes().map(lambda d: d.replace(tzinfo=UTC)),
        skills=skills,
        priority=st.integers(0, 3),
        cost=st.sampled_from([20, 25, 100]),
    ),
    max_size=30,
    unique_by=lambda w: w.conversation,
)


@given(waiting_given, agents_given)
def test_nobody_is_ever_loaded_over_capacity(
    items: list[rules.Waiting], agents: list[rules.Agent]
) -> None:
    cost = {item.conversation: item.cost for item in items}
    load = {a.id: a.load for a in agents}
    for pair in rules.choose(items, agents):
        load[pair.agent] += cost[pair.conversation]
    assert all(load[a.id] <= a.capacity for a in agents)


@given(waiting_given, agents_given)
def test_nobody_is_paired_twice(items: list[rules.Waiting], agents: list[rules.Agent]) -> None:
    pairs = rules.choose(items, agents)
    assert len({pair.conversation for pair in pairs}) == len(pairs)


@given(waiting_given, agents_given)
def test_nobody_fitting_is_passed_over_for_someone_later(
    items: list[rules.Waiting], agents: list[rules.Agent]
) -> None:
    """Whoever is left out could not have had any place that a later one of equal cost took."""
    pairs = {pair.conversation: pair.agent for pair in rules.choose(items, agents)}
    ordered = sorted(items, key=lambda w: (-w.priority, w.since, w.conversation))
    for place, item in enumerate(ordered):
        if item.conversation in pairs:
            continue
        fitting = {a.id for a in rules.fit(item, agents)}
        for later in ordered[place + 1 :]:
            if later.cost >= item.cost and later.conversation in pairs:
                assert pairs[later.conversation] not in fitting
