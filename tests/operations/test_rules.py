from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.operations import facts, rules, wording
from resmi.operations.facts import Facts

GIGABYTE = 1_000_000_000
LIVELY = (5, 5, 5, 5, 5, 0, 0)


def kinds(**found: Any) -> list[str]:
    return [condition.kind for condition in rules.conditions(Facts(**found))]


def inbound(age: float | None, **more: Any) -> facts.Inbound:
    return facts.Inbound(oldest_s=age, backlog={} if age is None else {"0-7": 3}, **more)


def workers(heard: float | None = 0.2) -> facts.Workers:
    return facts.Workers(present=0 if heard is None else 1, heard_s=heard)


def test_nothing_is_alarming_where_nothing_waits() -> None:
    assert kinds() == []


@pytest.mark.parametrize(
    ("age", "heard", "kind"),
    [
        (9, None, None),
        (11, None, "worker_gone"),
        (31, 31, "worker_idle"),
        (31, 1, None),
        (29, 500, None),
        (61, 1, "inbound_backlog"),
        (None, None, None),
    ],
)
def test_new_items_that_lie_there_are_told_apart_by_what_the_workers_do(
    age: float | None, heard: float | None, kind: str | None
) -> None:
    found = kinds(inbound=inbound(age), workers=workers(heard))
    assert found == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("due", "heard", "kind"),
    [
        (11, None, "sender_gone"),
        (9, None, None),
        (31, 31, "sender_idle"),
        (100, 0.5, None),
        (121, 0.5, "outbound_backlog"),
        (None, None, None),
    ],
)
def test_messages_that_do_not_leave_are_told_apart_by_what_the_sender_does(
    due: float | None, heard: float | None, kind: str | None
) -> None:
    found = kinds(outbound=facts.Outbound(due_s=due, sender_heard_s=heard))
    assert found == ([kind] if kind else [])


def test_parked_and_unparsed_items_are_one_alarm() -> None:
    (found,) = rules.conditions(Facts(inbound=inbound(None, parked=2, unparsed=1)))
    assert (found.kind, found.values) == ("inbound_parked", {"count": 3})


def test_a_paused_channel_gives_its_reason() -> None:
    channel = facts.Channel(id=4, name="Main", paused="The token has expired.")
    (found,) = rules.conditions(Facts(channels=(channel,)))
    assert found.key == "channel_paused:4"
    assert wording.advice(found.kind, found.values) == "The token has expired."


@pytest.mark.parametrize(
    ("hours", "silent"),
    [
        ((), False),
        ((0, *LIVELY), True),
        ((1, *LIVELY), False),
        ((0, 5, 5, 5, 5, 4, 4, 4), False),
        ((0, 0, 0, 0, 0, 0, 0, 0), False),
    ],
)
def test_a_channel_is_silent_only_in_an_hour_that_is_usually_lively(
    hours: tuple[int, ...], silent: bool
) -> None:
    found = kinds(channels=(facts.Channel(id=1, name="Main", hours=hours),))
    assert found == (["channel_silent"] if silent else [])


def test_a_channel_is_not_called_silent_while_nobody_reads_what_comes_in() -> None:
    channel = facts.Channel(id=1, name="Main", hours=(0, *LIVELY))
    assert kinds(channels=(channel,), inbound=inbound(300), workers=workers(None)) == [
        "worker_gone"
    ]


@pytest.mark.parametrize(("age", "level"), [(59, None), (61, "notice"), (181, "urgent")])
def test_citizens_beyond_the_target_show_and_far_beyond_it_somebody_is_called(
    age: float, level: str | None
) -> None:
    queue = facts.Queue(key="general", name="General", waiting=2, counted_s=age, target_s=60)
    found = rules.conditions(Facts(queues=(queue,)))
    assert [condition.level for condition in found] == ([level] if level else [])


def test_nobody_is_called_where_nobody_is_meant_to_be_and_a_night_does_not_count() -> None:
    late = facts.Queue(key="general", name="General", waiting=1, counted_s=90.0, oldest_s=50_000.0)
    assert kinds(queues=(msgspec.structs.replace(late, is_open=False),)) == []
    (found,) = rules.conditions(Facts(queues=(late,)))
    assert (found.level, found.values["seconds"]) == ("notice", 50_000)


def test_an_old_list_and_one_that_cannot_be_fetched_are_two_alarms() -> None:
    register = facts.Register(source="List", age_days=36, stale=True, trouble="No answer.")
    assert kinds(registers=(register,)) == ["register_stale", "list_unfetched"]
    assert kinds(registers=(facts.Register(source="List", age_days=35),)) == []


def test_jobs_that_nobody_does_and_jobs_that_fail_are_two_alarms() -> None:
    jobs = facts.Jobs(due_s=61, heard_s=None, failed={"channels.fetch_media": 2})
    assert kinds(jobs=jobs) == ["jobs_gone", "jobs_failing"]
    assert kinds(jobs=facts.Jobs(due_s=61, heard_s=5)) == []


@pytest.mark.parametrize(
    ("free", "total", "level"),
    [
        (3 * GIGABYTE, 100 * GIGABYTE, None),
        (1 * GIGABYTE, 100 * GIGABYTE, "notice"),
        (1 * GIGABYTE, 10 * GIGABYTE, None),
        (GIGABYTE // 4, 10 * GIGABYTE, "urgent"),
    ],
)
def test_a_disk_is_low_below_two_gigabytes_or_a_twentieth_and_urgent_below_half_a_gigabyte(
    free: int, total: int, level: str | None
) -> None:
    disk = facts.Disk(host="one", folder="/data", free=free, total=total)
    found = rules.disk_conditions([disk])
    assert [condition.level for condition in found] == ([level] if level else [])


AGE = st.none() | st.floats(0, 1e6)
COUNT = st.integers(0, 1000)
ANY = st.builds(
    Facts,
    inbound=st.builds(facts.Inbound, oldest_s=AGE, parked=COUNT, unparsed=COUNT),
    workers=st.builds(facts.Workers, present=COUNT, heard_s=AGE),
    outbound=st.builds(facts.Outbound, due_s=AGE, sender_heard_s=AGE),
    channels=st.tuples(
        st.builds(facts.Channel, id=st.just(1), name=st.text(), paused=st.text()),
        st.builds(facts.Channel, id=st.just(2), name=st.text(), hours=st.just((0, *LIVELY))),
    ),
    queues=st.tuples(st.builds(facts.Queue, key=st.just("a"), name=st.text(), oldest_s=AGE)),
    jobs=st.builds(
        facts.Jobs, due_s=AGE, heard_s=AGE, failed=st.dictionaries(st.text(), COUNT, max_size=2)
    ),
)


@given(ANY)
def test_whatever_is_measured_every_condition_has_its_own_key_and_words(found: Facts) -> None:
    conditions = rules.conditions(found)
    assert len({condition.key for condition in conditions}) == len(conditions)
    for condition in conditions:
        assert condition.kind in wording.WORDS
        assert wording.title(condition.kind, condition.values)
        wording.advice(condition.kind, condition.values)
        msgspec.json.encode(condition)


def test_tables_without_room_ahead_are_told_of() -> None:
    (found,) = rules.conditions(Facts(lacking=("channels_inbound", "conversations_event")))
    assert (found.kind, found.level) == ("segments_behind", "notice")
    assert "channels_inbound, conversations_event" in wording.advice(found.kind, found.values)


def test_a_queue_that_promises_nothing_alarms_nobody() -> None:
    queue = facts.Queue(key="general", name="General", waiting=2, counted_s=5000.0, target_s=0)
    assert kinds(queues=(queue,)) == []
