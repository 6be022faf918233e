"""Alarms in the database, and word of them by mail and webhook."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction

from resmi.operations import services, telling, worker
from resmi.operations.models import Alarm, Notice, Round
from resmi.operations.rules import Condition, Level

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
SECRET = "alarm-secret"


def gone(level: Level = "urgent", **values: Any) -> Condition:
    given = {"waiting": 3, "seconds": 12, **values}
    return Condition(kind="worker_gone", key="worker", level=level, values=given)


def look(*conditions: Condition, after_s: float = 0.0, scope: str = "") -> None:
    services.reconcile(
        scope=scope,
        conditions=conditions,
        now=NOW + timedelta(seconds=after_s),
        clear_s=30.0,
    )


@pytest.fixture
def _mailed(settings: Any) -> None:
    settings.ALARM_EMAILS = ["duty@agency.example"]
    settings.BASE_URL = "https://contact.agency.example"


class Receiver:
    """A webhook on loopback; answers with `status` and keeps what it got."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alarms"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    found = Receiver()
    settings.ALARM_WEBHOOK, settings.ALARM_SECRET = found.url, SECRET
    thread = threading.Thread(target=found.server.serve_forever, args=[0.01])
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def test_a_condition_opens_one_alarm_however_often_it_is_seen() -> None:
    look(gone())
    look(gone(seconds=27), after_s=15)
    alarm = Alarm.objects.get()
    assert alarm.opened_at == NOW
    assert alarm.values["seconds"] == 27


def test_an_alarm_is_over_only_when_it_has_not_been_seen_for_a_while() -> None:
    look(gone())
    look(after_s=15)
    assert Alarm.objects.get().closed_at is None
    look(after_s=30)
    assert Alarm.objects.get().closed_at == NOW + timedelta(seconds=30)


def test_what_comes_back_is_a_new_alarm() -> None:
    look(gone())
    look(after_s=60)
    look(gone(), after_s=75)
    assert Alarm.objects.filter(closed_at=None).count() == 1
    assert Alarm.objects.count() == 2


def test_one_scope_does_not_end_the_alarms_of_another() -> None:
    look(gone())
    look(after_s=300, scope="host:two")
    assert Alarm.objects.get().closed_at is None


@pytest.mark.usefixtures("_mailed")
def test_an_alarm_is_mailed_once_and_its_end_once() -> None:
    look(gone())
    look(gone(), after_s=15)
    telling.send_due()
    look(after_s=60)
    telling.send_due()
    telling.send_due()
    assert [message.subject for message in mail.outbox] == [
        "[Resmi] Nobody handles what citizens write",
        "[Resmi] Over: Nobody handles what citizens write",
    ]
    assert "3 items wait, the oldest for 12 s" in mail.outbox[0].body
    assert "https://contact.agency.example/floor/" in mail.outbox[0].body


@pytest.mark.usefixtures("_mailed")
def test_what_is_only_to_be_noticed_is_mailed_when_it_becomes_urgent() -> None:
    look(gone("notice"))
    telling.send_due()
    assert mail.outbox == []
    look(gone("urgent"), after_s=15)
    telling.send_due()
    assert len(mail.outbox) == 1


def test_without_anybody_to_tell_nothing_waits_to_be_told() -> None:
    look(gone())
    assert not Notice.objects.exists()


def test_the_webhook_gets_both_ends_signed(receiver: Receiver) -> None:
    look(gone())
    look(after_s=60)
    telling.send_due()
    opened, closed = (json.loads(body) for _, body in receiver.got)
    assert (opened["what"], closed["what"]) == ("opened", "closed")
    assert opened["alarm"] == closed["alarm"]
    assert opened["kind"] == "worker_gone"
    assert closed["closed_at"] == "2026-01-31T09:01:00Z"
    for headers, body in receiver.got:
        assert headers["X-Resmi-Signature-256"] == telling.signature(SECRET, body)


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_receiver_that_does_not_take_it_is_tried_again_later(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status
    look(gone())
    assert telling.send_due() == 1
    notice = Notice.objects.get()
    assert notice.sent_at is None
    assert str(status) in notice.error
    assert telling.send_due() == 0
    Notice.objects.update(not_before=NOW)
    receiver.status = 200
    telling.send_due()
    assert Notice.objects.get().sent_at is not None


def test_a_receiver_that_never_takes_it_is_given_up(receiver: Receiver) -> None:
    receiver.status = 500
    look(gone())
    Notice.objects.update(attempts=telling.MOST_TRIES - 1)
    telling.send_due()
    assert Notice.objects.get().given_up_at is not None
    assert telling.send_due() == 0


@pytest.mark.django_db(transaction=True)
def test_of_all_processes_one_looks_in_a_period() -> None:
    begun: list[object] = []

    def ask() -> None:
        try:
            with transaction.atomic():
                begun.append(services.begin_round(scope="", period_s=15.0))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(at is not None for at in begun) == 1


def test_after_a_period_the_next_look_is_due() -> None:
    assert services.begin_round(scope="", period_s=15.0)
    assert services.begin_round(scope="", period_s=15.0) is None
    Round.objects.update(at=datetime.now(UTC) - timedelta(seconds=15))
    assert services.begin_round(scope="", period_s=15.0)


def test_the_watchman_measures_a_whole_installation_without_alarm() -> None:
    worker.Watchman(15.0).look()
    assert set(Alarm.objects.values_list("kind", flat=True)) <= {"disk_low"}
    assert Round.objects.count() == 2


def test_alarms_of_a_machine_that_is_gone_end() -> None:
    look(gone(), scope="host:gone")
    Round.objects.create(scope="host:gone", at=NOW)
    services.close_forgotten(now=NOW + timedelta(minutes=11))
    assert Alarm.objects.get().closed_at is not None
