"""A worker whose connection is gone has no leases, whatever Django opens instead."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import OperationalError, connection

from resmi.channels.models import Inbound
from resmi.conversations import router, storing, worker
from tests.conversations import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_is_handled_on_a_connection_that_came_after_the_leases(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.channel()
    factories.queues()
    factories.wire("halo")
    mine = worker.Worker()
    mine._rebalance()
    assert mine.held

    def too_long(*_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 10")
            time.sleep(0.1)
            cursor.execute("SELECT 1")

    with monkeypatch.context() as patched:
        patched.setattr(storing, "save", too_long)
        with pytest.raises(OperationalError):
            mine._work()
    assert Inbound.objects.filter(status="new").count() == 1  # on a new connection already
    assert mine._work() == 0
    assert not mine.held
    mine._rebalance()
    assert mine._work() == 1
    mine._drop()


def test_what_goes_wrong_in_routing_or_care_keeps_no_message_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.channel()
    factories.queues()
    bad = factories.wire("halo")
    mine, stop = worker.Worker(), threading.Event()

    def broken(*_: Any) -> None:
        raise ValueError("a conversation nobody thought of")

    monkeypatch.setattr(router, "run_pass", broken)
    monkeypatch.setattr(worker, "tick_timers", broken)
    monkeypatch.setattr(mine, "_wait", stop.set)
    mine.run(stop)
    bad.refresh_from_db()
    assert bad.status == "done"
