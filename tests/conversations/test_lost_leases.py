"""A worker whose connection is gone has no leases, whatever Django opens instead."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import OperationalError, connection

from resmi.channels.models import Inbound
from resmi.conversations import storing, worker
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
