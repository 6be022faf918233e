from hypothesis import given
from hypothesis import strategies as st

from resmi.channels import rhythm

COUNTS = st.integers(0, 10_000)
SECONDS = st.floats(0.0001, 1)


@given(COUNTS, COUNTS, SECONDS, SECONDS)
def test_who_carried_more_waits_no_less_and_nobody_too_long(
    one: int, other: int, each_s: float, most_s: float
) -> None:
    fewer, more = sorted((one, other))
    short = rhythm.pause_s(fewer, each_s=each_s, most_s=most_s)
    long = rhythm.pause_s(more, each_s=each_s, most_s=most_s)
    assert 0 < short <= long <= most_s


def test_a_loop_that_carried_nothing_begins_again_almost_at_once() -> None:
    assert rhythm.pause_s(0, each_s=0.001, most_s=0.02) == 0.001
