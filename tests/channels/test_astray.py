"""PostgreSQL goes away while a sender claims: what was claimed never left and is sent after all."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from resmi.channels import pacing, services
from resmi.channels.models import Delivery
from tests.channels import factories, sending
from tests.channels.fake_graph import FakeGraph

pytestmark = pytest.mark.django_db(transaction=True)


def statuses() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("status", flat=True))


def lose_the_answer(monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    """The nth claim that takes something is committed, and its connection is gone."""
    claim_on, calls = pacing._claim_on, iter(range(1, 1000))

    async def and_lost(connection: psycopg.AsyncConnection, *rest: Any) -> object:
        taken = await claim_on(connection, *rest)
        if taken and next(calls) == nth:
            await connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return taken

    monkeypatch.setattr(pacing, "_claim_on", and_lost)


def test_what_a_lost_claim_took_is_sent_once_and_in_order(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_answer(monkeypatch, 1)
    channel = factories.channel()
    batch = [factories.outgoing(channel.pk) for _ in range(3)]
    services.enqueue(batch)
    with sending.running(graph.url, poll_s=0.05):
        sending.wait_until(lambda: statuses() == ["accepted"] * 3)
    assert graph.refs() == [delivery.ref for delivery in batch]


def test_what_was_claimed_on_other_channels_before_is_sent_too(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_answer(monkeypatch, 2)
    batch = [factories.outgoing(factories.channel().pk, conversation=n) for n in (1, 2)]
    services.enqueue(batch)
    with sending.running(graph.url, poll_s=0.05):
        sending.wait_until(lambda: statuses() == ["accepted"] * 2)
    assert sorted(graph.refs()) == sorted(delivery.ref for delivery in batch)


def test_a_claim_of_another_sender_is_left_to_it(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_answer(monkeypatch, 1)
    channel = factories.channel()
    other, mine = (factories.outgoing(channel.pk, conversation=n) for n in (1, 2))
    services.enqueue([other])
    claimed_until = timezone.now() + timedelta(seconds=60)
    Delivery.objects.update(status="sending", claimed_until=claimed_until)
    services.enqueue([mine])
    with sending.running(graph.url, poll_s=0.05):
        sending.wait_until(lambda: statuses()[1] == "accepted")
        time.sleep(0.1)
    assert graph.refs() == [mine.ref]
    assert statuses() == ["sending", "accepted"]
