from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels import rules
from resmi.channels.models import DeliveryStatus
from resmi.channels.rules import SECOND, Bucket

reports = st.lists(st.sampled_from(["sent", "delivered", "read", "failed", "played"]), min_size=1)
buckets = st.builds(
    Bucket,
    interval=st.integers(min_value=1, max_value=10 * SECOND),
    burst=st.integers(min_value=1, max_value=60),
)
waits = st.lists(st.integers(min_value=0, max_value=20 * SECOND), max_size=80)


def all_of(statuses: list[str], status: str = "accepted") -> str:
    for reported in statuses:
        status = rules.advance(status, reported)
    return status


def test_every_status_has_a_rank_of_its_own() -> None:
    assert set(rules.RANK) == set(DeliveryStatus.values)
    assert len(set(rules.RANK.values())) == len(rules.RANK)


@given(reports, st.randoms(use_true_random=False))
def test_any_order_of_reports_ends_the_same(statuses: list[str], chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = statuses[:]
    chance.shuffle(shuffled)
    assert all_of(shuffled) == all_of(statuses)


@given(st.sampled_from(sorted(rules.RANK)), st.sampled_from(sorted(rules.RANK)) | st.text())
def test_a_status_never_goes_back(current: str, reported: str) -> None:
    assert rules.RANK[rules.advance(current, reported)] >= rules.RANK[current]


def test_a_failure_counts_only_while_the_message_did_not_reach_the_phone() -> None:
    assert all_of(["sent", "failed"]) == "failed"
    assert all_of(["delivered", "failed"]) == "delivered"


def test_a_voice_message_that_was_played_was_read() -> None:
    assert rules.advance("delivered", "played") == "read"


def taken(bucket: Bucket, gaps: list[int]) -> list[int]:
    """The moments at which one was taken, when asked after each gap."""
    now, full_at, moments = 0, 0, []
    for gap in gaps:
        now += gap
        if bucket.room(full_at, now):
            full_at = bucket.take(full_at, now)
            moments.append(now)
    return moments


@given(buckets, waits, st.integers(min_value=1, max_value=60 * SECOND))
def test_no_span_of_time_holds_more_than_the_limit(
    bucket: Bucket, gaps: list[int], span: int
) -> None:
    moments = taken(bucket, gaps)
    most = bucket.burst + span // bucket.interval
    for start in moments:
        assert sum(start <= moment <= start + span for moment in moments) <= most


@given(buckets, waits)
def test_who_waits_until_it_opens_is_let_through(bucket: Bucket, gaps: list[int]) -> None:
    now, full_at = 0, 0
    for gap in gaps:
        now = bucket.opens_at(full_at, now + gap)
        assert bucket.room(full_at, now) >= 1
        full_at = bucket.take(full_at, now)


@given(buckets, st.integers(min_value=0, max_value=100 * SECOND), st.integers(0, 100 * SECOND))
def test_room_is_what_can_be_taken_one_by_one(bucket: Bucket, full_at: int, now: int) -> None:
    room = bucket.room(full_at, now)
    for _ in range(room):
        assert bucket.room(full_at, now) > 0
        full_at = bucket.take(full_at, now)
    assert bucket.room(full_at, now) == 0


@given(buckets, st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_shut_bucket_opens_for_one_at_its_moment(bucket: Bucket, now: int, wait: int) -> None:
    full_at = bucket.shut_until(now + wait)
    assert bucket.room(full_at, now + wait - 1) == 0
    assert bucket.room(full_at, now + wait) == 1


@given(st.integers(min_value=2, max_value=1000))
def test_a_number_never_exceeds_its_throughput_in_any_second(per_second: int) -> None:
    bucket = rules.number_bucket(per_second)
    assert bucket.burst + SECOND // bucket.interval <= per_second


def test_a_number_of_80_sustains_64() -> None:
    assert rules.number_bucket(80) == Bucket(interval=15_625, burst=16)


@pytest.mark.parametrize("useless", [-1, 0, 1])
def test_a_number_must_be_able_to_send(useless: int) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        rules.number_bucket(useless)


def test_one_citizen_gets_45_at_once_and_then_one_each_six_seconds() -> None:
    full_at = rules.PAIR.take(0, 0, 45)
    assert rules.PAIR.room(full_at, 5 * SECOND) == 0
    assert rules.PAIR.room(full_at, 6 * SECOND) == 1
    assert rules.PAIR.room(full_at, 12 * SECOND) == 2


@given(st.integers(min_value=1, max_value=1000), st.floats(min_value=0, max_value=0.999))
def test_short_waits_grow_but_stay_short(tries: int, jitter: float) -> None:
    wait = rules.retry_after("retry_short", tries, jitter)
    assert wait is not None
    assert min(2.0 ** (tries - 1), 60) / 2 <= wait <= 60


@given(st.integers(min_value=1, max_value=20))
def test_a_pair_waits_four_to_the_power_of_its_tries(tries: int) -> None:
    assert rules.retry_after("retry_pair", tries, 0.5) == 4 ** min(tries, 6)


def test_a_long_wait_is_at_least_what_was_asked_for() -> None:
    wait = rules.retry_after("retry_long", 1, 0.0, least_s=3600)
    assert wait == 3600


def test_the_channels_own_wait_is_kept() -> None:
    assert rules.retry_after("retry_short", 1, 0.0, least_s=30) == 30


def test_tries_end_where_a_limit_is_set() -> None:
    assert rules.retry_after("retry_short", 2, 0.0, most_tries=3) is not None
    assert rules.retry_after("retry_short", 3, 0.0, most_tries=3) is None


def test_what_is_not_worth_a_retry_gets_none() -> None:
    for kind in ("change", "user", "template", "account", "inbound"):
        assert rules.retry_after(kind, 1, 0.0) is None  # type: ignore[arg-type]
