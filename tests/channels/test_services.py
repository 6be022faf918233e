from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from resmi.channels import rules, services
from resmi.channels.items import AccountNotice
from resmi.channels.models import Delivery
from resmi.engine import content
from resmi.engine.address import Address
from tests.channels import factories
from tests.channels.factories import OPEN

pytestmark = pytest.mark.django_db


def queue(**fields: object) -> str:
    channel = fields.pop("channel", None) or factories.channel().pk
    delivery = factories.outgoing(channel, **fields)  # type: ignore[arg-type]
    services.enqueue([delivery])
    return delivery.ref


def test_deliveries_are_queued_in_the_order_given() -> None:
    channel = factories.channel().pk
    batch = [factories.outgoing(channel, conversation=number) for number in (3, 1, 2)]
    assert services.enqueue(batch) == 3
    stored = Delivery.objects.order_by("id")
    assert [row.ref for row in stored] == [delivery.ref for delivery in batch]
    assert {row.status for row in stored} == {"queued"}


def test_a_queued_delivery_holds_what_was_asked_for() -> None:
    closes = OPEN + timedelta(hours=24)
    said = content.Choices("Apa?", (content.Option("a", "A"),))
    ref = queue(conversation=7, content=said, reply_to="wamid.9", window_closes_at=closes)
    row = Delivery.objects.get(ref=ref)
    assert content.decode_outbound(bytes(row.content)) == said
    assert row.lane == f"{row.channel_id}:whatsapp:p1:ID.7"
    assert (row.reply_to, row.window_closes_at, row.conversation) == ("wamid.9", closes, 7)
    assert row.recipient == {
        "kind": "whatsapp",
        "scope": "p1",
        "user_id": "ID.7",
        "phone": "62811000007",
    }


def test_a_citizens_name_is_not_copied_into_deliveries() -> None:
    named = Address(kind="whatsapp", phone="62811", profile_name="Budi\0", username="budi")
    ref = queue(recipient=named)
    assert Delivery.objects.get(ref=ref).recipient == {"kind": "whatsapp", "phone": "62811"}


def test_the_same_ref_is_queued_once() -> None:
    delivery = factories.outgoing(factories.channel().pk)
    assert services.enqueue([delivery]) == 1
    assert services.enqueue([delivery]) == 0
    assert Delivery.objects.count() == 1


def test_nothing_to_send_is_no_statement(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        assert services.enqueue([]) == 0


def test_many_texts_are_queued_by_one_statement(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    channel = factories.channel().pk
    batch = [factories.outgoing(channel, conversation=number) for number in range(1, 50)]
    with django_assert_num_queries(1):
        services.enqueue(batch)


def test_what_is_put_off_gives_way_to_what_comes_after() -> None:
    later = queue(not_before=timezone.now() + timedelta(days=1))
    at_once = queue(not_before=timezone.now() - timedelta(days=1))
    assert Delivery.objects.get(ref=later).gives_way
    assert not Delivery.objects.get(ref=at_once).gives_way


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "read"])))
def test_the_furthest_status_counts_whatever_the_order_of_reports(order: tuple[str, ...]) -> None:
    ref = queue()
    for status in order:
        services.record_report(factories.report(ref, status))
    assert factories.status_of(ref) == "read"
    kept = [report["status"] for report in Delivery.objects.get(ref=ref).statuses]
    assert kept == list(order)


def test_reports_of_one_batch_are_taken_together() -> None:
    first, second = queue(conversation=1), queue(conversation=2)
    results = services.record_reports(
        [
            factories.report(first, "read", "wamid.a"),
            factories.report(second, "sent", "wamid.b"),
            factories.report(first, "sent", "wamid.a"),
        ]
    )
    assert [(r.ref, r.status, r.changed) for r in results if r] == [
        (first, "read", True),
        (second, "sent", True),
        (first, "read", False),
    ]
    assert (factories.status_of(first), factories.status_of(second)) == ("read", "sent")


def test_a_report_without_our_ref_finds_the_delivery_by_the_channels_id() -> None:
    ref = queue()
    services.record_report(factories.report(ref, "sent", "wamid.x"))
    result = services.record_report(factories.report("", "delivered", "wamid.x"))
    assert result is not None
    assert (result.ref, factories.status_of(ref)) == (ref, "delivered")


def test_a_report_of_a_message_that_is_not_ours_is_told_to_the_caller() -> None:
    ref = queue()
    stray = factories.report("", "sent", "wamid.stray")
    results = services.record_reports([stray, factories.report(ref, "sent", "wamid.ours")])
    assert results[0] is None
    assert results[1] is not None


def test_a_failure_is_explained_in_words() -> None:
    ref = queue(conversation=4)
    result = services.record_report(factories.report(ref, "failed", code="131026"))
    assert result is not None
    assert (result.failed, result.conversation, result.code) == (True, 4, "131026")
    assert "can't reach this citizen" in result.reason
    assert Delivery.objects.get(ref=ref).error == result.reason


def test_a_failure_reported_twice_fails_once() -> None:
    ref = queue()
    first, second = (
        services.record_report(factories.report(ref, "failed", code="131026")) for _ in range(2)
    )
    assert first is not None
    assert second is not None
    assert (first.failed, second.failed) == (True, False)


def test_a_failure_of_the_whole_account_stops_the_channel() -> None:
    channel = factories.channel()
    ref = queue(channel=channel.pk)
    services.record_report(factories.report(ref, "failed", code="131042"))
    channel.refresh_from_db()
    assert channel.paused_at is not None
    assert "payment" in channel.paused_reason


def test_a_played_voice_message_counts_as_read() -> None:
    ref = queue()
    services.record_report(factories.report(ref, "played"))
    assert factories.status_of(ref) == "read"


def test_the_bots_queued_messages_are_taken_back() -> None:
    channel = factories.channel().pk
    bot, other = queue(channel=channel, conversation=1), queue(channel=channel, conversation=2)
    agent = queue(channel=channel, conversation=1, author="agent")
    assert services.cancel_bot_deliveries(1) == [bot]
    assert [factories.status_of(ref) for ref in (bot, other, agent)] == [
        "cancelled",
        "queued",
        "queued",
    ]


def test_a_bot_message_that_never_gets_an_answer_becomes_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(services, "CANCEL_WAIT_S", 0.05)
    ref = queue()
    Delivery.objects.filter(ref=ref).update(status="sending", rank=rules.RANK["sending"])
    assert services.cancel_bot_deliveries(1) == []
    assert factories.status_of(ref) == "unknown"


@pytest.mark.parametrize("status", ["failed", "unknown"])
def test_a_person_can_send_again_what_failed_or_is_unknown(status: str) -> None:
    ref = queue()
    Delivery.objects.filter(ref=ref).update(status=status, rank=rules.RANK[status], error="x")
    assert services.retry_delivery(ref)
    row = Delivery.objects.get(ref=ref)
    assert (row.status, row.rank, row.error, row.attempts) == ("queued", 0, "", 0)


@pytest.mark.parametrize("status", ["queued", "sending", "accepted", "read", "cancelled"])
def test_nothing_else_can_be_sent_again(status: str) -> None:
    ref = queue()
    Delivery.objects.filter(ref=ref).update(status=status)
    assert not services.retry_delivery(ref)
    assert factories.status_of(ref) == status


def test_late_reports_of_a_try_that_failed_do_not_stop_the_next_one() -> None:
    ref = queue()
    services.record_report(factories.report(ref, "failed", "wamid.first", code="131026"))
    services.retry_delivery(ref)
    late = services.record_report(factories.report(ref, "sent", "wamid.first"))
    assert late is not None
    assert not late.changed
    assert factories.status_of(ref) == "queued"
    services.record_report(factories.report(ref, "sent", "wamid.second"))
    assert factories.status_of(ref) == "sent"


def test_a_late_report_of_an_unknown_try_saves_the_citizen_a_second_message() -> None:
    ref = queue()
    Delivery.objects.filter(ref=ref).update(status="unknown", rank=rules.RANK["unknown"])
    services.retry_delivery(ref)
    services.record_report(factories.report(ref, "delivered", "wamid.first"))
    assert factories.status_of(ref) == "delivered"


def test_read_marks_and_typing_are_queued_once_for_each_message() -> None:
    channel = factories.channel().pk
    for _ in range(2):
        for show in (services.mark_read, services.show_typing):
            show(
                channel_id=channel,
                conversation_id=1,
                contact_id=1,
                address=factories.citizen(),
                provider_id="wamid.in",
            )
    rows = Delivery.objects.order_by("purpose").values_list("purpose", "reply_to", "lane")
    assert list(rows) == [
        ("read", "wamid.in", f"{channel}:whatsapp:p1:ID.1#read"),
        ("typing", "wamid.in", f"{channel}:whatsapp:p1:ID.1"),
    ]


def test_a_notice_that_stops_the_account_pauses_the_channel_until_it_is_resumed() -> None:
    channel = factories.channel()
    notice = AccountNotice(field="account_update", summary="Restricted", at=OPEN, pauses=True)
    services.record_notice(channel.pk, notice)
    channel.refresh_from_db()
    assert channel.paused_reason == "Restricted"
    assert services.resume_channel(channel_id=channel.pk)
    channel.refresh_from_db()
    assert channel.paused_at is None
    assert not services.resume_channel(channel_id=channel.pk)


def test_a_notice_that_only_informs_does_not_pause() -> None:
    channel = factories.channel()
    services.record_notice(channel.pk, AccountNotice(field="security", summary="x", at=OPEN))
    channel.refresh_from_db()
    assert channel.paused_at is None


def test_a_citizens_file_is_asked_for_once() -> None:
    channel = factories.channel().pk
    file = content.Media("image", "image/jpeg", provider_id="555", filename="../../ktp.jpg")
    rows = [
        services.request_media(channel_id=channel, conversation_id=1, media=file) for _ in range(2)
    ]
    assert rows[0].pk == rows[1].pk
    assert rows[0].filename == "ktp.jpg"
    jobs = ProcrastinateJob.objects.filter(task_name="channels.fetch_media")
    assert [job.args for job in jobs] == [{"media_id": str(rows[0].pk)}]
