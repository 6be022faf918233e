from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency import rules
from resmi.agency.live import rules as live_rules
from resmi.agency.live.rules import Mark
from resmi.agency.models import Role


def test_each_role_may_do_all_that_the_role_below_may() -> None:
    assert rules.ROLES["agent"] < rules.ROLES["supervisor"] < rules.ROLES["admin"]


def test_every_role_of_an_account_is_made_of_permissions() -> None:
    assert set(rules.ROLES) == set(Role.values)
    assert all(held <= rules.PERMISSIONS and "use_account" in held for held in rules.ROLES.values())


def test_who_only_looks_changes_nothing() -> None:
    assert rules.ROLES["auditor"] <= rules.OWN_ACCOUNT_ONLY


def test_a_manager_looks_and_sets_how_routing_decides() -> None:
    assert rules.ROLES["manager"] - rules.OWN_ACCOUNT_ONLY == {"manage_routing"}


def test_editors_do_not_read_what_citizens_write() -> None:
    assert not rules.can("editor", "read_conversations")


@pytest.mark.parametrize(
    ("role", "has_queues", "narrowed"),
    [
        ("agent", False, False),
        ("agent", True, True),
        ("supervisor", True, False),
        ("auditor", False, False),
        ("responder", False, True),
        ("responder", True, True),
    ],
)
def test_queues_narrow_what_is_seen(role: str, has_queues: bool, narrowed: bool) -> None:
    assert rules.is_narrowed(role, has_queues=has_queues) is narrowed


def test_an_administrator_holds_every_permission() -> None:
    assert rules.ROLES["admin"] == rules.PERMISSIONS


def test_an_unknown_role_may_do_nothing() -> None:
    assert not any(rules.can("director", permission) for permission in rules.PERMISSIONS)


def test_a_permission_that_does_not_exist_is_an_error_not_a_no() -> None:
    with pytest.raises(ValueError, match="no permission"):
        rules.can("admin", "manage_stuff")


def test_what_a_role_may_not_do_is_refused_by_name() -> None:
    with pytest.raises(rules.Forbidden) as refused:
        rules.check_may("agent", "manage_staff")
    assert refused.value.permission == "manage_staff"


@pytest.mark.parametrize(("role", "active"), [("agent", True), ("admin", False)])
def test_nobody_locks_themselves_out(role: str, active: bool) -> None:
    assert rules.check_staff_change(actor_id=1, target_id=1, role=role, active=active)


def test_others_can_be_deactivated() -> None:
    assert not rules.check_staff_change(actor_id=1, target_id=2, role="agent", active=False)


@pytest.mark.parametrize(
    ("role", "topic", "allowed"),
    [
        ("agent", "agent:5", True),
        ("agent", "agent:6", False),
        ("agent", "conversation:12", True),
        ("agent", "conversation:x", False),
        ("agent", "queues", True),
        ("agent", "secrets", False),
        ("nobody", "queues", False),
        ("nobody", "agent:5", False),
    ],
)
def test_an_account_hears_its_own_list_and_what_its_role_sees(
    role: str, topic: str, allowed: bool
) -> None:
    assert live_rules.may_hear(role, 5, topic) is allowed


def test_a_mark_survives_its_way_through_the_browser() -> None:
    assert live_rules.read_mark(str(Mark(815, 1_790_000_000))) == Mark(815, 1_790_000_000)


@pytest.mark.parametrize("text", ["", "815", "x-1", "1-x", "-1-1", "9" * 50 + "-1"])
def test_what_is_no_mark_reads_as_none(text: str) -> None:
    assert live_rules.read_mark(text) is None


@pytest.mark.parametrize(
    ("mark", "can"),
    [
        (Mark(100, 1_000), True),
        (Mark(100, 1_000 - live_rules.KEEP_S - 100), False),
        (Mark(501, 1_000), False),
        (None, False),
    ],
)
def test_a_stream_resumes_while_its_events_are_kept(mark: Mark | None, can: bool) -> None:
    assert live_rules.can_resume(mark, now=1_000, newest=500) is can


def test_a_line_carries_its_event_its_mark_and_its_data() -> None:
    line = live_rules.line("change", {"topic": "queues"}, Mark(7, 8))
    assert line == b'event: change\nid: 7-8\ndata: {"topic":"queues"}\n\n'


events = st.lists(
    st.tuples(
        st.sampled_from(["queues", "alarms", *(f"conversation:{n}" for n in range(9)), "agent:1"]),
        st.fixed_dictionaries({"seq": st.integers(0, 10**9)}),
    ),
    max_size=60,
)


@given(events)
def test_bundles_say_what_was_announced_each_key_in_its_order(
    said: list[tuple[str, dict[str, int]]],
) -> None:
    told = [
        one
        for topic, data in live_rules.bundled(said, few=3, longest=100)
        for one in live_rules.unbundled(topic, data)
    ]
    for topic in {topic for topic, _ in said}:
        assert [one for one in told if one[0] == topic] == [one for one in said if one[0] == topic]
    assert len(told) == len(said)


@given(events)
def test_bundles_are_no_longer_than_asked(said: list[tuple[str, dict[str, int]]]) -> None:
    for _, data in live_rules.bundled(said, few=3, longest=100):
        assert len(msgspec.json.encode(data)) <= 100


def test_a_listener_looks_for_bundles_of_the_kinds_it_hears() -> None:
    topics = frozenset({"conversation:7", "queues"})
    assert set(live_rules.with_bundles(topics)) == {"conversation:7", "queues", "conversation:*"}
