"""A dead or idle process, a dead queue: somebody hears of it within a minute."""

from __future__ import annotations

import time

import pytest

from resmi.channels.models import Inbound
from resmi.channels.whatsapp import signature
from resmi.operations.models import Alarm
from tests import processes
from tests.channels.whatsapp import payloads as wa
from tests.survival import promises
from tests.survival.test_webhooks import SETTINGS, ask

pytestmark = pytest.mark.slow

PROMISE_S = promises.limit(60.0)
WATCHED = {**SETTINGS, "RESMI_ALARM_EVERY_S": "1"}


def write(server: processes.Running, name: str) -> int:
    """A citizen's message of this moment; the status of the answer."""
    now = str(int(time.time()))
    body = wa.one(wa.message(id=name, timestamp=now), contacts=[wa.contact()])
    headers = {"X-Hub-Signature-256": signature.sign("secret", body)}
    return ask(server, "POST", "/hooks/whatsapp", body, headers)


def is_open(kind: str) -> bool:
    return Alarm.objects.filter(kind=kind, closed_at=None).exists()


def test_a_killed_worker_is_an_alarm_while_messages_wait_and_its_return_ends_it(
    database_url: str,
) -> None:
    env = processes.environment(database_url, **WATCHED)
    with processes.web(database_url, **WATCHED) as server:
        with processes.running("work", "resmi", "work", env=env) as worker:
            assert write(server, "a") == 200
            worker.wait_until(lambda: Inbound.objects.filter(status="done").exists())
            worker.kill()
        began = time.monotonic()
        assert write(server, "b") == 200
        server.wait_until(lambda: is_open("worker_gone"), patience_s=PROMISE_S)
        assert time.monotonic() - began < PROMISE_S
        with processes.running("work", "resmi", "work", env=env) as worker:
            worker.wait_until(lambda: not is_open("worker_gone"))
    assert not Inbound.objects.exclude(status="done").exists()


def test_messages_that_nobody_sends_are_an_alarm(database_url: str) -> None:
    env = processes.environment(database_url, **WATCHED)
    with (
        processes.web(database_url, **WATCHED) as server,
        processes.running("work", "resmi", "work", env=env),
    ):
        began = time.monotonic()
        assert write(server, "a") == 200
        server.wait_until(lambda: is_open("sender_gone"), patience_s=PROMISE_S)
        assert time.monotonic() - began < PROMISE_S
