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


def needing(*skills: str, queue: str = "") -> tuple[rules.Way, ...]:
    return (rules.Way(queue=queue, needs=rules.needs_of(skills)),)


def agent(
    name: str, *skills: str, load: int = 0, idle_s: int = 0, queues: tuple[str, ...] = ()
) -> rules.Agent:
    return rules.Agent(
        id=name,
        skills=rules.needs_of(skills),
        queues=frozenset(queues),
        load=load,
        since=T0 - timedelta(seconds=idle_s),
    )


def test_the_oldest_is_served_first() -> None:
    pairs = rules.choose([waiting(1, after_s=5), waiting(2)], [agent("a", load=75)])
    assert pairs == (rules.Pairing(2, "a"),)


def test_a_higher_priority_goes_before_a_longer_wait() -> None:
    pairs = rules.choose([waiting(1), waiting(2, after_s=5, priority=1)], [agent("a", load=75)])
    assert pairs == (rules.Pairing(2, "a"),)


def test_an_agent_without_the_skill_gets_nothing() -> None:
    item = waiting(ways=needing("reports"))
    assert rules.choose([item], [agent("a", "consumer")]) == ()


def test_a_language_nobody_available_speaks_does_not_bind() -> None:
    item = waiting(ways=needing("reports", "lang:ko"))
    pairs = rules.choose([item], [agent("a", "reports", "lang:id")])
    assert pairs == (rules.Pairing(1, "a"),)


def test_a_language_somebody_speaks_waits_for_them() -> None:
    item = waiting(ways=needing("lang:ko"))
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


skills = st.dictionaries(
    st.sampled_from(["a", "b", "lang:id", "lang:ko"]), st.integers(1, 3), max_size=3
)
ways_given = st.lists(
    st.builds(rules.Way, queue=st.sampled_from(["", "q", "r"]), needs=skills),
    min_size=1,
    max_size=2,
).map(tuple)
agents_given = st.lists(
    st.builds(
        rules.Agent,
        id=st.uuids().map(str),
        skills=skills,
        queues=st.frozensets(st.sampled_from(["q", "r"]), max_size=1),
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
        ways=ways_given,
        priority=st.integers(-3, 3),
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
def test_nobody_goes_before_somebody_who_ranks_ahead_and_fits_too(
    items: list[rules.Waiting], agents: list[rules.Agent]
) -> None:
    pairs = {pair.conversation: pair.agent for pair in rules.choose(items, agents)}
    for taken in (item for item in items if item.conversation in pairs):
        passed = [
            item
            for item in items
            if item.conversation not in pairs
            and rules.rank(item) < rules.rank(taken)
            and item.cost <= taken.cost
        ]
        for item in passed:
            assert all(a.id != pairs[taken.conversation] for _, a in rules.fit(item, agents))


@given(st.integers(-200, 200), st.integers(-200, 200))
def test_priority_never_outweighs_a_wait_long_enough(mine: int, theirs: int) -> None:
    """Nobody starves: who waits longer than the whole range of priority goes first."""
    longest = timedelta(seconds=2 * rules.MAX_PRIORITY * rules.POINT_S + 1)
    patient = rules.Waiting(conversation=1, since=T0 - longest, priority=mine)
    newcomer = rules.Waiting(conversation=2, since=T0, priority=theirs)
    assert rules.rank(patient) < rules.rank(newcomer)


def test_a_point_of_priority_counts_as_two_minutes_of_waiting() -> None:
    urgent = waiting(1, after_s=119, priority=1)
    assert rules.choose([waiting(2), urgent], [agent("a", load=75)])[0].conversation == 1
    late = waiting(1, after_s=121, priority=1)
    assert rules.choose([waiting(2), late], [agent("a", load=75)])[0].conversation == 2


def test_a_level_too_low_does_not_serve() -> None:
    item = waiting(ways=needing("loans:3"))
    assert rules.choose([item], [agent("a", "loans:2")]) == ()
    assert rules.choose([item], [agent("a", "loans:3")]) == (rules.Pairing(1, "a"),)


def test_of_two_equally_loaded_the_more_skilled_is_asked() -> None:
    agents = [agent("a", "loans:1", idle_s=60), agent("b", "loans:3")]
    assert rules.choose([waiting(ways=needing("loans"))], agents) == (rules.Pairing(1, "b"),)


def test_an_agent_of_whom_no_language_is_known_speaks_them_all() -> None:
    item = waiting(ways=needing("lang:ko"))
    agents = [agent("busy", "lang:ko", load=100), agent("b")]
    assert rules.choose([item], agents) == (rules.Pairing(1, "b"),)


def test_an_agent_serves_only_their_queues() -> None:
    item = waiting(ways=needing(queue="loans"))
    assert rules.choose([item], [agent("a", queues=("cards",))]) == ()
    assert rules.choose([item], [agent("a", queues=("loans",))]) == (rules.Pairing(1, "a"),)


def test_an_overflowing_wait_reaches_the_agents_behind_after_its_own() -> None:
    ways = needing("loans", queue="loans") + needing(queue="general")
    both = [agent("b", queues=("general",)), agent("a", "loans", load=75, queues=("loans",))]
    assert rules.choose([waiting(ways=ways)], both) == (rules.Pairing(1, "a"),)
    assert rules.choose([waiting(ways=ways)], both[:1]) == (rules.Pairing(1, "b"),)


def test_a_citizen_is_kept_for_the_agent_they_know_only_so_long() -> None:
    item = waiting(last_agent="a", hold_until=T0 + timedelta(seconds=60))
    agents = [agent("a", load=100), agent("b")]
    assert rules.choose([item], agents, T0) == ()
    later = T0 + timedelta(seconds=60)
    assert rules.choose([item], agents, later) == (rules.Pairing(1, "b"),)


def test_nobody_is_kept_for_an_agent_who_is_not_there() -> None:
    item = waiting(last_agent="gone", hold_until=T0 + timedelta(seconds=60))
    assert rules.choose([item], [agent("b")], T0) == (rules.Pairing(1, "b"),)
