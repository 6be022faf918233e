"""Sending survives: citizens' limits, closed windows, take-overs, and processes killed for real."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from resmi.channels import services
from resmi.channels.models import Delivery, Inbound
from resmi.channels.sender import Options
from resmi.channels.whatsapp import posting
from resmi.engine import content
from tests import processes
from tests.channels import factories, fake_graph, sending
from tests.channels.fake_graph import Answer, FakeGraph

pytestmark = pytest.mark.django_db(transaction=True)

SEND = (
    "import django; django.setup(); "
    "from resmi.channels import sender; "
    "from resmi.channels.sender import Options; "
    "sender.Options = lambda: Options(poll_s=0.1, grace_s=0.2); "
    "sender.main()"
)


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    with fake_graph.serving() as fake:
        yield fake


def statuses() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("status", flat=True))


def wait_for(*wanted: str) -> None:
    sending.wait_until(lambda: statuses() == list(wanted))


def test_t5_read_delivered_and_sent_in_that_order_end_as_read(graph: FakeGraph) -> None:
    delivery = factories.outgoing(factories.channel().pk)
    services.enqueue([delivery])
    with sending.running(graph.url):
        wait_for("accepted")
    for status in ("read", "delivered", "sent"):
        services.record_report(factories.report(delivery.ref, status, "wamid.1"))
    assert statuses() == ["read"]
    assert len(Delivery.objects.get().statuses) == 3


def test_t8_429_and_5xx_are_tried_again_until_the_channel_takes_the_message(
    graph: FakeGraph,
) -> None:
    answers = [
        Answer(status=429, code=130429),
        Answer(status=503, raw=b"<html>unavailable</html>"),
        Answer(status=500, code=131016),
        Answer(),
    ]
    graph.answer = lambda _: answers[min(len(graph.posts), len(answers)) - 1]
    closes = timezone.now() + timedelta(hours=1)
    services.enqueue([factories.outgoing(factories.channel().pk, window_closes_at=closes)])
    with sending.running(graph.url, poll_s=0.05):
        wait_for("accepted")
    gaps = [
        later.at - earlier.at for earlier, later in zip(graph.posts, graph.posts[1:], strict=False)
    ]
    assert len(gaps) == 3
    assert gaps[0] >= 0.5
    assert gaps[1] >= 1.0
    assert gaps[2] >= 2.0


def test_t8_what_could_not_leave_within_the_window_asks_for_a_template(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(status=503)
    closes = timezone.now() + timedelta(hours=1)
    delivery = factories.outgoing(factories.channel().pk, window_closes_at=closes)
    services.enqueue([delivery])
    with sending.running(graph.url, poll_s=0.05):
        sending.wait_until(lambda: bool(graph.posts) and statuses() == ["queued"])
        Delivery.objects.update(window_closes_at=timezone.now())
        wait_for("failed")
    row = Delivery.objects.get()
    assert row.error_code == "131047"
    assert "template" in row.error
    assert len(graph.posts) >= 1
    assert Inbound.objects.filter(kind="result", subkind="delivery_failed").count() == 1


def test_t9_free_text_after_the_window_never_leaves_and_says_why(graph: FakeGraph) -> None:
    closed = timezone.now() - timedelta(minutes=1)
    channel = factories.channel().pk
    free = factories.outgoing(channel, window_closes_at=closed)
    template = factories.outgoing(
        channel,
        conversation=2,
        window_closes_at=closed,
        content=content.Template("reminder", "id", ("Budi",), "Halo Budi"),
    )
    services.enqueue([free, template])
    with sending.running(graph.url):
        wait_for("failed", "accepted")
    assert graph.refs() == [template.ref]
    row = Delivery.objects.get(ref=free.ref)
    assert (row.error_code, "24-hour window" in row.error) == ("131047", True)


def test_t10_no_bot_message_leaves_after_a_take_over(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(delay_s=random.uniform(0.0, 0.08))
    channel = factories.channel(messages_per_second=1000).pk
    conversations = range(1, 21)
    services.enqueue(
        [
            factories.outgoing(channel, conversation=conversation)
            for _ in range(10)
            for conversation in conversations
        ]
    )
    taken_over: dict[int, float] = {}
    with (
        sending.running(graph.url, poll_s=0.02, stall_s=0.05),
        sending.running(graph.url, poll_s=0.02, stall_s=0.05),
    ):
        sending.wait_until(lambda: len(graph.posts) > 10)
        for conversation in conversations:
            with transaction.atomic():
                services.cancel_bot_deliveries(conversation)
                taken_over[conversation] = time.monotonic()
                services.enqueue(
                    [factories.outgoing(channel, conversation=conversation, author="agent")]
                )
        sending.wait_until(
            lambda: not Delivery.objects.filter(status__in=["queued", "sending"]).exists()
        )
    bots = set(Delivery.objects.filter(author="bot").values_list("ref", flat=True))
    late = [
        post.ref
        for post in graph.posts
        if post.ref in bots and post.at > taken_over[int(post.ref.split(".")[0])]
    ]
    assert late == []
    assert Delivery.objects.filter(author="agent", status="accepted").count() == 20
    assert Delivery.objects.filter(author="bot", status="cancelled").exists()
    assert len(graph.posts) == len(set(graph.refs()))


def test_t10_a_take_over_waits_for_the_reply_in_flight(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, taken_back = services._cancel_queued, threading.Event()

    def and_told(conversation_id: int) -> list[str]:
        cancelled = cancel(conversation_id)
        taken_back.set()
        return cancelled

    monkeypatch.setattr(services, "_cancel_queued", and_told)
    monkeypatch.setattr(services, "CANCEL_WAIT_S", sending.PATIENCE_S)
    graph.answer = lambda _: Answer(until=taken_back.is_set)
    channel = factories.channel().pk
    services.enqueue([factories.outgoing(channel) for _ in range(3)])
    with sending.running(graph.url, poll_s=0.02):
        sending.wait_until(lambda: len(graph.posts) == 1)
        with transaction.atomic():
            cancelled = services.cancel_bot_deliveries(1)
        assert statuses() == ["accepted", "cancelled", "cancelled"]
        time.sleep(0.3)
    assert len(cancelled) == 2
    assert len(graph.posts) == 1


def test_t10_a_take_over_that_is_undone_lets_the_bot_go_on(graph: FakeGraph) -> None:
    services.enqueue([factories.outgoing(factories.channel().pk)])
    with transaction.atomic():
        services.cancel_bot_deliveries(1)
        transaction.set_rollback(True)
    with sending.running(graph.url):
        wait_for("accepted")


def sending_process(database_url: str, graph: FakeGraph):  # type: ignore[no-untyped-def]
    env = processes.environment(
        database_url,
        DJANGO_SETTINGS_MODULE="resmi.config.settings",
        RESMI_WHATSAPP_GRAPH_URL=graph.url,
        RESMI_WHATSAPP_TOKEN="token",
    )
    return processes.running("sender", "python", "-c", SEND, env=env)


def test_t3_a_sender_killed_between_sending_and_writing_leaves_the_message_unknown(
    database_url: str, graph: FakeGraph
) -> None:
    graph.answer = lambda post: Answer(delay_s=600.0 if post.ref == first.ref else 0.0)
    channel = factories.channel().pk
    first, second = factories.outgoing(channel), factories.outgoing(channel)
    services.enqueue([first, second])
    with sending_process(database_url, graph) as process:
        process.wait_until(lambda: len(graph.posts) == 1)
        assert statuses() == ["sending", "queued"]
        process.kill()
    Delivery.objects.filter(status="sending").update(claimed_until=timezone.now())  # a minute on
    with sending_process(database_url, graph) as process:
        process.wait_until(lambda: statuses() == ["unknown", "accepted"])
        time.sleep(0.5)
    assert graph.refs() == [first.ref, second.ref]


def test_t3_a_terminated_sender_finishes_what_it_began(database_url: str, graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(delay_s=0.5)
    services.enqueue([factories.outgoing(factories.channel().pk)])
    with sending_process(database_url, graph) as process:
        process.wait_until(lambda: len(graph.posts) == 1)
        process.stop()
        assert process.child.returncode == 0
    assert statuses() == ["accepted"]


def test_the_lease_is_longer_than_the_longest_try() -> None:
    options = Options()
    assert options.lease_s > posting.LONGEST_S + options.start_within_s
    assert options.drain_s > posting.LONGEST_S + options.start_within_s
    assert options.start_within_s + posting.CONNECT_S < services.CANCEL_WAIT_S


def test_t16_a_sender_whose_connections_were_cut_goes_on_by_itself(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(delay_s=0.3)
    channel = factories.channel().pk
    services.enqueue([factories.outgoing(channel, conversation=1)])
    with sending.running(graph.url, poll_s=0.1):
        sending.wait_until(lambda: len(graph.posts) == 1)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert cursor.fetchone()[0] >= 1
        services.enqueue([factories.outgoing(channel, conversation=2)])
        wait_for("accepted", "accepted")
    assert len(graph.posts) == 2
