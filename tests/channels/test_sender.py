from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from resmi.channels import items, services
from resmi.channels.models import Channel, Delivery, Inbound, MediaFile, Pace
from resmi.channels.whatsapp import posting
from resmi.engine import content
from tests.channels import factories, sending
from tests.channels.fake_graph import Answer, FakeGraph

pytestmark = pytest.mark.django_db(transaction=True)


def queue(channel: Channel, count: int = 1, **fields: object) -> list[str]:
    batch = [factories.outgoing(channel.pk, **fields) for _ in range(count)]
    services.enqueue(batch)
    return [delivery.ref for delivery in batch]


def statuses() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("status", flat=True))


def wait_for(*wanted: str) -> None:
    sending.wait_until(lambda: statuses() == list(wanted))


def test_after_a_gateways_page_a_message_is_in_doubt_and_the_others_wait(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(status=502, raw=b"<html>Bad gateway</html>")
    channel = factories.channel()
    queue(channel)
    with sending.running(graph.url, poll_s=0.05):
        wait_for("unknown")
        queue(channel, conversation=2)
        queue(channel, conversation=3)
        sending.wait_until(lambda: held_until(channel) > timezone.now())
        assert statuses() == ["unknown", "queued", "queued"]
    assert len(graph.posts) == 1


def held_until(channel: Channel) -> datetime:
    """Until when the number rests."""
    return Pace.objects.get(key=f"channel:{channel.pk}").full_at


def test_a_queued_message_reaches_the_channel(graph: FakeGraph) -> None:
    channel = factories.channel()
    with sending.running(graph.url):
        (ref,) = queue(channel, content=content.Text("Selamat pagi"))
        wait_for("accepted")
    (post,) = graph.posts
    assert (post.number, post.ref, post.text) == (channel.address, ref, "Selamat pagi")
    assert post.headers["Authorization"] == "Bearer token"
    assert Delivery.objects.get().provider_id == "wamid.1"


def test_a_message_leaves_at_once_not_at_the_next_poll(graph: FakeGraph) -> None:
    channel = factories.channel()
    with sending.running(graph.url, poll_s=10 * sending.PATIENCE_S):
        queue(channel)
        wait_for("accepted")
        queue(channel)
        wait_for("accepted", "accepted")


def test_messages_of_one_citizen_keep_their_order_one_at_a_time(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(delay_s=random.uniform(0, 0.02))
    refs = queue(factories.channel(), 20)
    with sending.running(graph.url):
        wait_for(*["accepted"] * 20)
    assert graph.refs() == refs
    assert graph.most_in_flight == 1


def test_citizens_are_served_side_by_side(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(until=lambda: graph.most_in_flight >= 4)
    channel = factories.channel()
    for citizen in range(1, 9):
        queue(channel, conversation=citizen)
    with sending.running(graph.url):
        wait_for(*["accepted"] * 8)
    assert graph.most_in_flight >= 4


def test_no_more_are_on_the_wire_than_there_are_hands(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(delay_s=0.02)
    channel = factories.channel(messages_per_second=1000)
    services.enqueue([factories.outgoing(channel.pk, conversation=n) for n in range(1, 41)])
    with sending.running(graph.url, concurrency=3):
        wait_for(*["accepted"] * 40)
    assert graph.most_in_flight <= 3


def test_two_senders_send_each_message_once_and_in_order(graph: FakeGraph) -> None:
    channel = factories.channel(messages_per_second=1000)
    batch = [factories.outgoing(channel.pk, conversation=n % 20 + 1) for n in range(200)]
    with sending.running(graph.url), sending.running(graph.url):
        services.enqueue(batch)
        wait_for(*["accepted"] * 200)
    assert sorted(graph.refs()) == sorted(delivery.ref for delivery in batch)
    by_conversation = defaultdict(list)
    for ref in graph.refs():
        by_conversation[ref.split(".")[0]].append(int(ref.split(".")[1]))
    assert all(numbers == sorted(numbers) for numbers in by_conversation.values())


def test_what_is_put_off_lets_later_messages_pass(graph: FakeGraph) -> None:
    channel = factories.channel()
    queue(channel, not_before=timezone.now() + timedelta(hours=1))
    (ref,) = queue(channel)
    with sending.running(graph.url):
        wait_for("queued", "accepted")
    assert graph.refs() == [ref]


def test_an_answer_that_never_comes_leaves_the_message_unknown_and_unrepeated(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "ANSWER_S", 0.2)
    graph.answer = lambda _: Answer(delay_s=0.6)
    queue(factories.channel())
    with sending.running(graph.url, poll_s=0.05, lease_s=0.5):
        wait_for("unknown")
        time.sleep(0.8)
    assert len(graph.posts) == 1
    assert "may have arrived" in Delivery.objects.get().error


def test_a_connection_cut_after_the_message_was_written_leaves_it_unknown(
    graph: FakeGraph,
) -> None:
    graph.answer = lambda _: Answer(cut=True)
    queue(factories.channel())
    with sending.running(graph.url, poll_s=0.05):
        wait_for("unknown")
        time.sleep(0.3)
    assert len(graph.posts) == 1


def test_a_message_in_doubt_holds_its_citizens_next_ones_only_for_a_while(
    graph: FakeGraph,
) -> None:
    graph.answer = lambda post: Answer(cut=post.ref == first)
    first, _ = queue(factories.channel(), 2)
    with sending.running(graph.url, poll_s=0.05, grace_s=600):
        wait_for("unknown", "queued")
        time.sleep(0.2)
        assert graph.refs() == [first]
        Delivery.objects.filter(ref=first).update(
            updated_at=timezone.now() - timedelta(seconds=601)
        )
        wait_for("unknown", "accepted")


def test_a_report_that_comes_after_the_doubt_settles_it(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(cut=True)
    (ref,) = queue(factories.channel())
    with sending.running(graph.url):
        wait_for("unknown")
    services.record_report(factories.report(ref, "delivered", "wamid.x"))
    assert statuses() == ["delivered"]


def test_a_report_that_is_faster_than_the_answer_stands(graph: FakeGraph) -> None:
    reported = threading.Event()
    graph.answer = lambda _: Answer(until=reported.is_set)
    (ref,) = queue(factories.channel())
    with sending.running(graph.url):
        sending.wait_until(lambda: bool(graph.posts))
        services.record_report(factories.report(ref, "sent", "wamid.1"))
        reported.set()
    row = Delivery.objects.get()
    assert (row.status, row.provider_id) == ("sent", "wamid.1")


def test_without_a_connection_the_message_waits_and_is_sent_later(graph: FakeGraph) -> None:
    queue(factories.channel())
    with sending.running("http://127.0.0.1:9/v1"):
        sending.wait_until(lambda: "No connection" in Delivery.objects.get().error)
        assert statuses() == ["queued"]
    with sending.running(graph.url):
        wait_for("accepted")


def test_a_refusal_for_good_fails_the_message_and_tells_the_conversation(
    graph: FakeGraph,
) -> None:
    graph.answer = lambda _: Answer(status=400, code=131026, details="Undeliverable")
    channel = factories.channel()
    (ref,) = queue(channel, conversation=5)
    with sending.running(graph.url):
        wait_for("failed")
    row = Delivery.objects.get()
    assert (row.error_code, len(graph.posts)) == ("131026", 1)
    item = Inbound.objects.get(kind="result")
    assert items.decode(bytes(item.raw)) == items.DeliveryFailed(
        conversation=5, ref=ref, code="131026", reason=row.error
    )
    assert (item.channel_id, item.contact_key) == (channel.pk, "whatsapp:p1:ID.5")


def test_a_message_whatsapp_can_not_carry_fails_without_being_sent(graph: FakeGraph) -> None:
    queue(factories.channel(), content=content.Text("x" * 5000))
    with sending.running(graph.url):
        wait_for("failed")
    assert not graph.posts
    assert "5000 characters" in Delivery.objects.get().error


def test_one_citizens_failure_does_not_stop_the_next_message(graph: FakeGraph) -> None:
    first, second = queue(factories.channel(), 2)
    graph.answer = lambda post: Answer(status=400 if post.ref == first else 200, code=131009)
    with sending.running(graph.url):
        wait_for("failed", "accepted")
    assert graph.refs() == [first, second]


def test_an_account_error_stops_the_channel_and_keeps_what_is_queued(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(status=401, code=190)
    channel = factories.channel()
    queue(channel)
    with sending.running(graph.url, poll_s=0.05):
        sending.wait_until(lambda: Channel.objects.get().paused_at is not None)
        queue(channel, conversation=2)
        time.sleep(0.3)
        assert statuses() == ["queued", "queued"]
        assert len(graph.posts) == 1
        assert "token" in Channel.objects.get().paused_reason
        graph.answer = lambda _: Answer()
        services.resume_channel(channel_id=channel.pk)
        sending.wait_until(lambda: statuses()[1] == "accepted")


def test_another_channel_goes_on_while_one_is_stopped(graph: FakeGraph) -> None:
    stopped, other = factories.channel(paused_at=timezone.now()), factories.channel()
    queue(stopped)
    queue(other)
    with sending.running(graph.url):
        wait_for("queued", "accepted")


def test_a_stopped_sender_finishes_what_is_on_the_wire(graph: FakeGraph) -> None:
    told = threading.Event()
    graph.answer = lambda _: Answer(until=told.is_set)
    queue(factories.channel(), 2)
    with sending.running(graph.url) as sender:
        sending.wait_until(lambda: len(graph.posts) == 1)
        sender.tell_to_stop()
        told.set()
        sender.stop()
    assert statuses() == ["accepted", "queued"]


def test_read_marks_and_typing_signs_leave_no_row_behind(graph: FakeGraph) -> None:
    channel = factories.channel()
    for show in (services.mark_read, services.show_typing):
        show(
            channel_id=channel.pk,
            conversation_id=1,
            contact_id=1,
            address=factories.citizen(),
            provider_id="wamid.in",
        )
    with sending.running(graph.url):
        sending.wait_until(lambda: not Delivery.objects.exists())
    bodies = sorted((post.body for post in graph.posts), key=len)
    assert bodies == [
        {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.in"},
        {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": "wamid.in",
            "typing_indicator": {"type": "text"},
        },
    ]


def test_a_typing_sign_that_comes_too_late_is_dropped(graph: FakeGraph) -> None:
    services.show_typing(
        channel_id=factories.channel().pk,
        conversation_id=1,
        contact_id=1,
        address=factories.citizen(),
        provider_id="wamid.in",
    )
    Delivery.objects.update(created_at=timezone.now() - timedelta(seconds=30))
    with sending.running(graph.url):
        sending.wait_until(lambda: not Delivery.objects.exists())
    assert not graph.posts


def test_a_message_waits_until_its_file_is_uploaded(graph: FakeGraph) -> None:
    channel = factories.channel()
    file = MediaFile.objects.create(channel=channel, kind="image", mime="image/png", state="stored")
    queue(channel, content=content.Media("image", "image/png", media=str(file.pk)))
    queue(channel)
    with sending.running(graph.url, poll_s=0.05):
        time.sleep(0.3)
        assert not graph.posts
        MediaFile.objects.update(
            upload_id="up1", upload_expires_at=timezone.now() + timedelta(days=1)
        )
        wait_for("accepted", "accepted")
    assert graph.posts[0].body["image"] == {"id": "up1"}


def test_the_channels_id_used_twice_does_not_stop_the_sender(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(raw=b'{"messages":[{"id":"wamid.same"}]}')
    channel = factories.channel()
    queue(channel, conversation=1)
    with sending.running(graph.url, poll_s=0.05, lease_s=0.5):
        wait_for("accepted")
        queue(channel, conversation=2)
        wait_for("accepted", "unknown")
        graph.answer = lambda _: Answer()
        queue(channel, conversation=3)
        wait_for("accepted", "unknown", "accepted")


def test_a_retried_message_that_fails_again_tells_the_conversation_again(
    graph: FakeGraph,
) -> None:
    graph.answer = lambda _: Answer(status=400, code=131009)
    (ref,) = queue(factories.channel())
    with sending.running(graph.url):
        wait_for("failed")
        assert services.retry_delivery(ref)
        sending.wait_until(lambda: len(graph.posts) == 2 and statuses() == ["failed"])
    assert Inbound.objects.filter(kind="result").count() == 2


def test_what_the_channel_refuses_after_a_take_over_is_not_tried_again(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "CANCEL_WAIT_S", 0.1)
    taken_over = threading.Event()
    graph.answer = lambda _: Answer(status=429, code=130429, until=taken_over.is_set)
    queue(factories.channel())
    with sending.running(graph.url, poll_s=0.05):
        sending.wait_until(lambda: len(graph.posts) == 1)
        with transaction.atomic():
            services.cancel_bot_deliveries(1)
        taken_over.set()
        wait_for("failed")
        time.sleep(1.2)
    assert len(graph.posts) == 1


@pytest.mark.parametrize("change", [{"content": b"{}"}, {"recipient": {"kind": 7}}])
def test_a_row_that_can_not_be_read_fails_alone(graph: FakeGraph, change: Any) -> None:
    channel = factories.channel()
    (spoilt,) = queue(channel, conversation=1)
    Delivery.objects.filter(ref=spoilt).update(**change)
    queue(channel, conversation=1)
    with sending.running(graph.url):
        wait_for("failed", "accepted")
    assert "can't be read" in Delivery.objects.get(ref=spoilt).error
    assert Inbound.objects.filter(kind="result").count() == 1
