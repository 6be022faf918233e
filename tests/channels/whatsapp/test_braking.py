"""How refusals are slowed down."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resmi.channels.whatsapp import braking


def test_a_few_refusals_are_answered_at_once() -> None:
    brake = braking.Brake()
    assert [brake.hold_s(100.0 + n) for n in range(200)] == [0.0] * 200


def test_a_flood_waits_and_of_too_many_at_once_the_lines_are_closed() -> None:
    brake = braking.Brake()
    holds = [brake.hold_s(100.0) for _ in range(500)]
    assert holds.count(0.0) == braking.FREE_PER_S
    assert holds.count(braking.HOLD_S) == braking.MOST_HELD
    assert set(holds[-10:]) == {None}


def test_after_a_flood_refusals_are_prompt_again() -> None:
    brake = braking.Brake()
    for _ in range(100_000):
        if brake.hold_s(100.0):
            brake.let_go()
    assert brake.hold_s(102.0) == 0.0


@given(st.lists(st.floats(0, 0.1), max_size=300))
def test_never_more_wait_than_allowed_nor_longer(gaps: list[float]) -> None:
    brake = braking.Brake()
    now, held = 50.0, 0
    for gap in gaps:
        now += gap
        hold = brake.hold_s(now)
        assert hold in (0.0, braking.HOLD_S, None)
        held += hold == braking.HOLD_S
        assert held <= braking.MOST_HELD
