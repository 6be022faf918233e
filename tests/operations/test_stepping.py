"""A database clock that was ahead and is set back keeps nobody waiting for hours."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from resmi.channels.models import Pace
from resmi.conversations.models import Timer
from resmi.operations import services, stepping, telling, worker
from resmi.operations.models import Alarm, Notice
from tests.conversations import factories

pytestmark = pytest.mark.django_db

IDLE_S = 1800.0
FAR = timedelta(hours=2)


def looks(monkeypatch: pytest.MonkeyPatch, *monotonic: float) -> list[float]:
    """What looks at these moments of the process's own clock find; the database's goes on."""
    moments = iter(monotonic)
    monkeypatch.setattr(stepping, "time", type("T", (), {"monotonic": lambda: next(moments)}))
    clock = stepping.Clock()
    return [clock.look() for _ in monotonic]


def waits(kind: str) -> float:
    """Seconds until the timer of that kind is due."""
    return (Timer.objects.get(kind=kind).due_at - timezone.now()).total_seconds()


def run(statement: str, *values: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def test_a_step_back_wakes_timers_and_frees_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = factories.citizen_says("halo")
    far = timezone.now() + FAR
    Timer.objects.all().delete()
    for kind in ("offer_timeout", "sla", "bot_idle", "pile", "snooze"):
        Timer.objects.create(conversation=talk, kind=kind, due_at=far)
    run(
        "INSERT INTO procrastinate_jobs (task_name, queue_name, scheduled_at) "
        "VALUES ('a', 'b', %s)",
        far,
    )
    run(
        "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES ('a', %s)",
        int(far.timestamp()),
    )
    (none, back) = looks(monkeypatch, 1000.0, 1000.0 + 7200.0)
    assert (none, back) == (0.0, pytest.approx(7200, abs=60))
    assert waits("offer_timeout") <= 0
    assert waits("sla") <= 0
    assert waits("bot_idle") == pytest.approx(IDLE_S, abs=60)
    assert waits("pile") <= 10
    assert waits("snooze") > 7000  # a moment somebody chose
    assert run("SELECT scheduled_at <= now() FROM procrastinate_jobs WHERE task_name = 'a'") == [
        (True,)
    ]
    assert run("SELECT * FROM procrastinate_periodic_defers WHERE task_name = 'a'") == []


@pytest.mark.parametrize("passed", [-7200.0, 0.0, 3.0])
def test_a_clock_that_goes_on_or_jumps_ahead_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, passed: float
) -> None:
    talk = factories.citizen_says("halo")
    Timer.objects.create(
        conversation=talk, kind="offer_timeout", due_at=timezone.now() + timedelta(minutes=10)
    )
    assert looks(monkeypatch, 1000.0, 1000.0 + passed) == [0, 0]
    assert waits("offer_timeout") > 300


def test_a_clock_set_back_while_nothing_ran_is_noticed_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    services.begin_round(scope="", period_s=15)
    assert looks(monkeypatch, 5.0) == [0.0]
    Pace.objects.create(key="lane", full_at=timezone.now() + FAR)
    run("UPDATE operations_round SET at = now() + interval '2 hours'")
    assert looks(monkeypatch, 5.0) == [pytest.approx(7200, abs=60)]
    assert Pace.objects.get(key="lane").full_at <= timezone.now()


def test_rounds_go_on_when_the_last_one_lies_ahead() -> None:
    assert services.begin_round(scope="", period_s=15) is not None
    assert services.begin_round(scope="", period_s=15) is None
    run("UPDATE operations_round SET at = now() + interval '2 hours'")
    assert services.begin_round(scope="", period_s=15) is not None
    assert services.begin_round(scope="", period_s=15) is None


def test_an_alarm_seen_under_a_clock_that_was_ahead_ends_when_its_cause_does() -> None:
    now = timezone.now()
    Alarm.objects.create(
        kind="disk", key="disk", level="urgent", values={}, opened_at=now + FAR, seen_at=now + FAR
    )
    services.reconcile(scope="", conditions=[], now=now, clear_s=30)
    assert Alarm.objects.get().closed_at == now


@pytest.mark.parametrize(
    ("tries", "ahead_s", "due"),
    [
        (0, -1, True),
        (0, 1, False),
        (0, 7200, True),
        (3, 30, False),
        (3, 60, True),
        (9, 2000, False),
    ],
)
def test_word_of_an_alarm_waits_no_longer_than_its_wait(
    tries: int, ahead_s: float, due: bool
) -> None:
    now = timezone.now()
    alarm = Alarm.objects.create(
        kind="disk", key="disk", level="urgent", opened_at=now, seen_at=now
    )
    when = now + timedelta(seconds=ahead_s)
    Notice.objects.create(alarm=alarm, what="opened", way="mail", attempts=tries, not_before=when)
    assert Notice.objects.filter(telling._is_due(now)).exists() is due


def test_the_watchman_says_that_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    watchman = worker.Watchman(15.0, lambda: told.append(time.monotonic()))
    services.begin_round(scope="", period_s=15)
    watchman._look_at_the_clock()
    assert told == []
    run("UPDATE operations_round SET at = now() + interval '2 hours'")
    worker.Watchman(15.0, lambda: told.append(time.monotonic()))._look_at_the_clock()
    assert len(told) == 1
