"""Promises that count while their queue is open: wherever they are shown, told of or alarming."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

from resmi.agency.models import User
from resmi.agency.open_time import OpenTime
from resmi.conversations import levels, opening, queues, services, team, worker
from resmi.conversations.models import Conversation, Event, Timer
from resmi.conversations.queries import floors, rows
from resmi.desk import board, shown
from resmi.engine.conversation import Conversation as State
from resmi.operations import measuring, rules
from resmi.operations.facts import Facts
from resmi.routing import queries as routing
from resmi.routing import services as settings
from resmi.routing.models import Queue, RoutingPolicy
from tests.conversations import factories

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPENS = (NOW + 2 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
WHOLE, NEVER = [["00:00-24:00"]] * 7, [[]] * 7


@pytest.fixture(autouse=True)
def _staffed() -> Iterator[None]:
    factories.channel()
    factories.queues()
    opening._Held.followed, opening._Held.open = {}, None
    yield
    opening._Held.followed, opening._Held.open = {}, None


def region(key: str, zone: str = "UTC", **given: Any) -> dict[str, Any]:
    """One that opens the day after tomorrow, for that day, unless said otherwise."""
    day = {"date": f"{OPENS:%Y-%m-%d}", "name": "", "open": ["00:00-24:00"]}
    return {
        "key": key,
        "name": key,
        "time_zone": zone,
        "weekly": NEVER,
        "holidays": [day],
        **given,
    }


def put(*regions: dict[str, Any], **of_queues: dict[str, Any]) -> None:
    """These regions, and what is set for queues; workers have seen it."""
    RoutingPolicy.objects.create(data={"regions": regions})
    for key, given in of_queues.items():
        Queue.objects.filter(key=key).update(around_the_clock=False, **given)
    routing.forget()
    opening.follow()


def talk(number: int = 1) -> Conversation:
    person = factories.Address(kind="whatsapp", scope="p1", user_id=f"ID.open.{number}")
    return factories.citizen_says("agent", sender=person)


def wake() -> None:
    """Everybody looks which promises run, as if their timer had gone off."""
    Timer.objects.filter(kind="sla").update(due_at=datetime.now(UTC) - HOUR)
    worker.tick_timers()
    factories.work()


def breaches(conversation: Conversation) -> int:
    types = ["service_level_breached", "service_level_warned"]
    return Event.objects.filter(conversation=conversation, type__in=types).count()


def timer(conversation: Conversation) -> datetime:
    return Timer.objects.get(conversation=conversation, kind="sla").due_at


def asked_earlier(conversation: Conversation, ago: timedelta) -> None:
    """As if they had been handed over so long before."""
    conversation.refresh_from_db()
    kept = msgspec.json.decode(bytes(conversation.state), type=State)
    at = datetime.now(UTC) - ago
    moved = msgspec.structs.replace(kept, handed_over_at=at, waiting_since=at)
    Conversation.objects.filter(pk=conversation.pk).update(
        state=msgspec.json.encode(moved), waiting_since=at
    )


def floor_queue(key: str = "general") -> floors.FloorQueue:
    return next(queue for queue in floors.floor().queues if queue.key == key)


def test_who_writes_after_closing_is_due_after_the_opening_and_nothing_breaks_at_night() -> None:
    put(region("bali"), general={"region": "bali", "target_s": 100})
    conversation = talk()
    assert timer(conversation) == OPENS + timedelta(seconds=80)
    asked_earlier(conversation, HOUR)
    wake()
    assert breaches(conversation) == 0
    assert timer(conversation) == OPENS + timedelta(seconds=80)


def test_two_regions_open_by_their_own_clocks() -> None:
    put(
        region("utc"),
        region("wib", zone="Asia/Jakarta"),
        general={"region": "utc", "target_s": 100},
        reports={"region": "wib", "target_s": 100},
    )
    conversation = talk()
    assert timer(conversation) == OPENS + timedelta(seconds=80)
    sari = factories.agent("Sari")
    services.take_over(actor=sari, conversation_id=conversation.pk)
    services.transfer_to_queue(actor=sari, conversation_id=conversation.pk, queue="reports")
    assert timer(conversation) == OPENS - 7 * HOUR + timedelta(seconds=80)


def test_the_floor_and_the_alarms_count_open_time_and_keep_still_while_closed() -> None:
    put(region("bali"), general={"region": "bali", "target_s": 100})
    asked_earlier(talk(), HOUR)
    queue = floor_queue()
    assert (queue.late, queue.is_open, queue.opens_at) == (0, False, OPENS)
    assert queue.oldest_waiting_since is not None
    limit = OPENS + timedelta(seconds=100) - queue.oldest_waiting_since
    assert queue.limit_s == round(limit.total_seconds())
    (fact,) = [one for one in measuring.measure().queues if one.key == "general"]
    assert (fact.is_open, fact.counted_s) == (False, 0)
    assert fact.oldest_s == pytest.approx(3600, abs=60)
    put(region("bali", weekly=WHOLE, holidays=[]), general={"region": "bali"})
    assert floor_queue().late == 1
    (fact,) = [one for one in measuring.measure().queues if one.key == "general"]
    assert [one.key for one in rules.conditions(Facts(queues=(fact,)))] == ["waiting_long:general"]


def test_agents_see_the_same_due_time_as_the_timer_and_a_queue_that_never_opens_stands_still() -> (
    None
):
    put(region("bali"), general={"region": "bali", "target_s": 100})
    talk()
    seen = board.Board(factories.agent("Sari"))
    (row,) = seen.named(rows.waiting(limit=9))
    assert row.promise is not None
    assert (row.promise.due_at, row.promise.standing) == (OPENS + timedelta(seconds=100), "running")
    put(region("bali", holidays=[]), general={"region": "bali"})
    (row,) = board.Board(seen.user).named(rows.waiting(limit=9))
    assert row.promise is not None
    assert (row.promise.due_at, row.promise.standing, row.limit_s) == (None, "still", 0)
    assert shown.by_promise(row)[0].year == 9999
    assert board.Board(seen.user).bar.limit_s == 0


def test_hours_changed_while_people_wait_break_the_promise_once() -> None:
    put(region("bali"), general={"region": "bali", "target_s": 100})
    conversation = talk()
    asked_earlier(conversation, HOUR)
    put(region("bali", weekly=WHOLE, holidays=[]), general={"region": "bali"})
    assert timer(conversation) < datetime.now(UTC) + timedelta(minutes=1)
    for _ in range(2):
        wake()
    assert breaches(conversation) == 1
    put(region("bali"), general={"region": "bali"})
    for _ in range(2):
        wake()
    assert breaches(conversation) == 1


def test_a_told_breach_that_is_none_by_the_hours_as_they_are_now_is_not_marked() -> None:
    put(region("bali", weekly=WHOLE, holidays=[]), general={"region": "bali", "target_s": 100})
    conversation, sari = talk(), factories.agent("Sari")
    asked_earlier(conversation, HOUR)
    services.take_over(actor=sari, conversation_id=conversation.pk)
    wake()
    assert floors.floor().late == {conversation.pk}
    put(region("bali"), general={"region": "bali"})
    assert floors.floor().late == set()


def test_only_those_look_again_in_whose_queue_time_counts_otherwise(
    django_assert_num_queries: Any,
) -> None:
    put(region("bali"), general={"region": "bali"}, reports={"region": "bali"})
    routing.forget()
    routing.in_force()
    with django_assert_num_queries(0):
        assert opening.follow() == []
    Queue.objects.filter(key="reports").update(around_the_clock=True)
    routing.forget()
    assert opening.follow() == ["reports"]
    opening._Held.followed = {}  # another worker
    assert opening.follow() == []


def test_a_queue_closed_by_hand_stands_still_and_what_was_closed_does_not_count_later() -> None:
    boss: User = factories.agent("Rina")
    put(region("bali", weekly=WHOLE, holidays=[]), general={"region": "bali", "target_s": 4000})
    conversation = talk()
    asked_earlier(conversation, HOUR)
    before = timer(conversation)
    shut = datetime.now(UTC) - HOUR / 2
    queues.change(actor=boss, key="general", settings={"closed_at": shut})
    routing.forget()
    opening.follow()
    wake()
    assert not Timer.objects.filter(conversation=conversation, kind="sla").exists()
    assert not floor_queue().is_open
    queues.change(actor=boss, key="general", settings={"closed_at": None})
    routing.forget()
    assert "general" in opening.follow()
    wake()
    expected = before - HOUR + HOUR / 2
    assert abs(timer(conversation) - expected) < timedelta(seconds=10)
    assert breaches(conversation) == 0
    time = opening.times()["general"]
    assert time.elapsed_s(shut - HOUR, datetime.now(UTC)) == pytest.approx(3600, abs=10)


def test_a_queue_around_the_clock_counts_every_second() -> None:
    put(region("bali"), general={"region": "bali", "target_s": 100})
    Queue.objects.filter(key="general").update(around_the_clock=True)
    routing.forget()
    conversation = talk()
    assert timer(conversation) < datetime.now(UTC) + timedelta(seconds=81)
    asked_earlier(conversation, HOUR)
    assert floor_queue().late == 1


def test_a_queue_begins_with_its_hours_and_without_a_region_keeps_the_agencys() -> None:
    settings.put_queue(actor=None, key="new", settings={"name": "New"})
    routing.forget()
    assert not routing.queues()["new"].around_the_clock
    agency = OpenTime(factories.pack().hours)
    for hour in range(0, 24 * 7, 3):
        at = NOW + hour * HOUR
        assert opening.times()["new"].is_open(at) == agency.is_open(at)


def test_the_floor_asks_no_more_for_more_queues_or_people(
    django_assert_max_num_queries: Any,
) -> None:
    put(region("bali"), general={"region": "bali"}, reports={"region": "bali"})
    for number in range(4):
        talk(number)
    with django_assert_max_num_queries(7):
        floors.floor()


def test_laid_aside_over_a_night_what_was_waited_before_still_counts() -> None:
    put(region("bali", weekly=WHOLE, holidays=[]), general={"region": "bali", "target_s": 4000})
    conversation, sari = talk(), factories.agent("Sari")
    asked_earlier(conversation, HOUR)
    services.take_over(actor=sari, conversation_id=conversation.pk)
    team.snooze(actor=sari, conversation_id=conversation.pk, until=None)
    team.wake(actor=sari, conversation_id=conversation.pk)
    conversation.refresh_from_db()
    kept = msgspec.json.decode(bytes(conversation.state), type=State)
    assert len(kept.pauses) == 1
    (row,) = rows.conversations([conversation.pk])
    promise = shown.promise(row, routing.queues(), opening.times())
    assert promise is not None
    assert promise.due_at is not None
    left = promise.due_at - datetime.now(UTC)
    assert left == pytest.approx(timedelta(seconds=400), abs=timedelta(seconds=10))


def test_times_of_queues_are_the_same_for_fates() -> None:
    put(region("bali"), general={"region": "bali", "target_s": 100})
    came = levels.HandOver(conversation=1, queue="general", at=NOW - HOUR)
    found = levels.by_queue([came], {"general": 100}, NOW, opening.times())
    assert (found["general"].late, found["general"].percent) == (0, None)


def test_queues_from_before_there_was_a_choice_go_on_around_the_clock() -> None:
    Queue.objects.update(around_the_clock=False)
    migration = MigrationLoader(connection).disk_migrations["routing", "0005_open_time"]
    (statement,) = [one for one in migration.operations if isinstance(one, RunSQL)]
    with connection.cursor() as cursor:
        cursor.execute(statement.sql)
    assert not Queue.objects.filter(around_the_clock=False).exists()


def test_screens_are_drawn_anew_when_a_queue_opens_and_when_it_closes() -> None:
    put(region("bali"), general={"region": "bali"}, reports={"region": "bali"})
    minute, agency = timedelta(minutes=1), OpenTime(factories.pack().hours)
    moments = [OPENS - minute, OPENS - minute / 2, OPENS, OPENS + minute]
    assert len({agency.is_open(at) for at in moments}) == 1, "only the region's queues turn"
    assert [opening.tell_turning(at) for at in moments] == [False, False, True, False]
    assert opening.tell_turning(OPENS + DAY)
