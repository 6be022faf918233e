from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from django.utils import timezone

from resmi.channels import pacing, rules, services
from resmi.channels.models import Channel, Delivery, Pace
from tests.channels import factories, sending
from tests.channels.fake_graph import Answer, FakeGraph

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600 * rules.SECOND


def queue(channel: Channel, count: int = 1, **fields: object) -> list[str]:
    batch = [factories.outgoing(channel.pk, **fields) for _ in range(count)]
    services.enqueue(batch)
    return [delivery.ref for delivery in batch]


def statuses() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("status", flat=True))


def wait_for(*wanted: str) -> None:
    sending.wait_until(lambda: statuses() == list(wanted))


def test_a_channel_asked_to_slow_down_pauses_all_its_messages(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(status=429, code=130429)
    channel = factories.channel()
    queue(channel)
    Delivery.objects.update(attempts=9)  # so that it pauses for long
    with sending.running(graph.url, poll_s=0.05):
        sending.wait_until(lambda: len(graph.posts) == 1 and statuses() == ["queued"])
        queue(channel, conversation=2)
        time.sleep(0.25)
        assert len(graph.posts) == 1
        graph.answer = lambda _: Answer()
        Pace.objects.update(full_at=timezone.now())
        wait_for("queued", "accepted")
        Delivery.objects.update(not_before=timezone.now())
        wait_for("accepted", "accepted")


def test_a_citizen_who_gets_too_much_waits_alone(graph: FakeGraph) -> None:
    first = factories.channel()
    (crowded,) = queue(first, conversation=1)
    Delivery.objects.update(attempts=3)
    graph.answer = lambda post: Answer(status=400, code=131056) if post.ref == crowded else Answer()
    begin = timezone.now()
    with sending.running(graph.url, poll_s=0.05):
        sending.wait_until(lambda: len(graph.posts) == 1 and statuses() == ["queued"])
        queue(first, conversation=1)
        queue(first, conversation=2)
        wait_for("queued", "queued", "accepted")
        time.sleep(0.2)
    assert len(graph.posts) == 2
    wait = timedelta(seconds=rules.retry_after("retry_pair", 4, 0) or 0)
    assert wait > timedelta(minutes=4)
    row = Delivery.objects.order_by("id")[0]
    assert begin + wait < row.not_before < timezone.now() + wait


def test_a_number_sends_no_faster_than_it_may(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By when each was let go: on a busy machine some come late, with those let go after them."""
    claim_on, moments = pacing._claim_on, list[datetime]()

    async def noted(connection: psycopg.AsyncConnection, mark: pacing.Mark, *rest: Any) -> object:
        taken = await claim_on(connection, mark, *rest)
        moments.extend([mark.channel.now] * len(taken or ()))
        return taken

    monkeypatch.setattr(pacing, "_claim_on", noted)
    channel = factories.channel(messages_per_second=20)
    services.enqueue([factories.outgoing(channel.pk, conversation=n) for n in range(1, 31)])
    with sending.running(graph.url):
        wait_for(*["accepted"] * 30)
    assert len(moments) == len(graph.posts) == 30
    second = timedelta(seconds=1)
    assert max(sum(begin <= at < begin + second for at in moments) for begin in moments) <= 20
    assert moments[-1] - moments[0] >= second * (30 - 4) / 16


def test_one_citizen_gets_45_at_once_and_no_more(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PAIR", msgspec.structs.replace(rules.PAIR, interval=HOUR))
    channel = factories.channel(messages_per_second=1000)
    queue(channel, 50)
    with sending.running(graph.url, poll_s=0.05):
        wait_for(*["accepted"] * 45, *["queued"] * 5)
        time.sleep(0.3)
    assert len(graph.posts) == 45
    assert statuses() == ["accepted"] * 45 + ["queued"] * 5


def test_a_restarted_sender_does_not_begin_its_limits_anew(graph: FakeGraph) -> None:
    channel = factories.channel()
    queue(channel, 1)
    lane = Delivery.objects.get().lane
    used_up = timezone.now() + timedelta(seconds=rules.PAIR.burst * 6)
    Pace.objects.create(key=lane, full_at=used_up)
    with sending.running(graph.url, poll_s=0.05):
        time.sleep(0.3)
    assert not graph.posts
