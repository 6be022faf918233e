from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from resmi.routing import rules

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)

waiting = st.builds(
    rules.Waiting,
    conversation=st.integers(1, 10_000),
    since=st.integers(0, 7200).map(lambda s: T0 - timedelta(seconds=s)),
    ways=st.sampled_from(["", "a", "b"]).map(
        lambda skill: (rules.Way(needs={skill: 1} if skill else {}),)
    ),
    priority=st.integers(-100, 100),
    cost=st.sampled_from([10, 25, 100]),
)
agents = st.builds(
    rules.Agent,
    id=st.integers(1, 50).map(str),
    skills=st.dictionaries(st.sampled_from("ab"), st.integers(1, 3), max_size=2),
    load=st.integers(0, 100),
    capacity=st.just(100),
    since=st.just(T0),
)


def unique(items: list[rules.Waiting]) -> list[rules.Waiting]:
    return list({item.conversation: item for item in items}.values())


@given(st.lists(waiting, max_size=30), st.lists(agents, max_size=8, unique_by=lambda a: a.id))
def test_nobody_is_over_capacity_and_the_first_who_fit_go_first(
    items: list[rules.Waiting], staff: list[rules.Agent]
) -> None:
    items = unique(items)
    chosen = {pair.conversation: pair.agent for pair in rules.choose(items, staff, T0)}
    load = {agent.id: agent.load for agent in staff}
    by_id = {agent.id: agent for agent in staff}
    for item in sorted(items, key=rules.rank):
        fitting = [agent for _, agent in rules.fit(item, staff)]
        free = [agent for agent in fitting if load[agent.id] + item.cost <= agent.capacity]
        if item.conversation not in chosen:
            assert free == []  # nobody behind them took a place they fitted
            continue
        agent = by_id[chosen[item.conversation]]
        assert agent in free
        load[agent.id] += item.cost
        assert load[agent.id] <= agent.capacity


@settings(max_examples=50)
@given(st.integers(-100, 100), st.lists(st.integers(-100, 100), min_size=1, max_size=5))
def test_no_one_starves_however_urgent_those_are_who_keep_coming(
    priority: int, others: list[int]
) -> None:
    """One place a minute, and each minute somebody more urgent comes: the first still gets it."""
    patient = rules.Waiting(conversation=1, since=T0, priority=priority)
    line, now = [patient], T0
    longest = 2 * rules.MAX_PRIORITY * rules.POINT_S // 60 + 2
    for minute in range(longest + 1):
        now = T0 + timedelta(minutes=minute)
        newcomer = others[minute % len(others)]
        line.append(rules.Waiting(conversation=minute + 2, since=now, priority=newcomer))
        agent = rules.Agent(id="x", load=75, since=T0)
        (pair,) = rules.choose(line, [agent], now)
        line = [item for item in line if item.conversation != pair.conversation]
        if pair.conversation == 1:
            return
    raise AssertionError(f"still waiting after {longest} minutes")
