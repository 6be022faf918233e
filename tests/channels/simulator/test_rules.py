from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resmi.channels.simulator import citizens, rules, state
from resmi.channels.simulator.citizens import Said
from resmi.channels.simulator.state import Citizen, Number, World

GAPS = st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=300)


def a_world() -> tuple[World, Number, Citizen]:
    world = World(portfolio="p")
    number = Number(id="n", waba="w", display="6221", name="N", country="62")
    world.numbers["n"] = number
    citizen = Citizen(key="c", name="C", phone="628123")
    state.index_citizen(world, citizen)
    return world, number, citizen


@given(gaps=GAPS)
def test_a_pair_never_gets_more_than_its_burst_and_rate_allow(gaps: list[float]) -> None:
    pairs: dict[str, float] = {}
    now, taken = 0.0, []
    for gap in gaps:
        now += gap
        if rules.admit_pair(pairs, "k", now) == 0:
            taken.append(now)
    for position, start in enumerate(taken):
        for count, end in enumerate(taken[position:], start=1):
            assert count <= rules.PAIR_BURST + (end - start) / rules.PAIR_SECONDS + 1e-6


@given(gaps=GAPS)
def test_waiting_as_long_as_told_is_always_enough(gaps: list[float]) -> None:
    pairs: dict[str, float] = {}
    now = 0.0
    for gap in gaps:
        now += gap
        wait = rules.admit_pair(pairs, "k", now)
        if wait:
            assert rules.admit_pair(pairs, "k", now + wait) == 0
            now += wait


@given(
    times=st.lists(st.floats(0, 5, allow_nan=False), max_size=200).map(sorted),
    limit=st.integers(1, 20),
)
def test_no_second_ever_holds_more_than_the_throughput(times: list[float], limit: int) -> None:
    speed = rules.Throughput()
    taken = [at for at in times if speed.admit("n", at, limit)]
    for start in taken:
        assert sum(start <= at < start + 1.0 - 1e-9 for at in taken) <= limit


@given(said_at=st.floats(1, 1e9), later=st.floats(0, 3 * 86400))
def test_the_window_is_open_exactly_24_hours_after_a_message(said_at: float, later: float) -> None:
    world, number, citizen = a_world()
    citizens.speak(world, number, citizen, Said(type="text", text="x"), said_at, "")
    expected = said_at + later < said_at + state.WINDOW
    assert rules.window_open(world, "n", "c", said_at + later) is expected


def test_a_reaction_opens_no_window() -> None:
    world, number, citizen = a_world()
    first = citizens.speak(world, number, citizen, Said(type="text", text="x"), 1.0, "")
    later = 5 * 86400.0
    said = Said(type="reaction", message=first.id, emoji="👍")
    citizens.speak(world, number, citizen, said, later, "")
    assert not rules.window_open(world, "n", "c", later)


@given(people=st.lists(st.text("abcdef", min_size=1, max_size=2), max_size=60))
def test_a_tier_never_lets_more_citizens_through_in_a_day(people: list[str]) -> None:
    world, _, _ = a_world()
    world.tier = 5
    reached = {key for at, key in enumerate(people) if rules.admit_outside(world, key, float(at))}
    assert len(reached) <= 5


def test_a_scoped_id_differs_between_portfolios_and_after_a_new_number() -> None:
    world, _, citizen = a_world()
    other = World(portfolio="q")
    before = state.user_id(world, citizen)
    assert before != state.user_id(other, citizen)
    citizens.change_number(world, citizen, "628999", 1.0)
    assert state.user_id(world, citizen) != before
    assert state.by_user_id(world, before) is None
    assert state.by_phone(world, "628123") is None
