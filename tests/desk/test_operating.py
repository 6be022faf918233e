"""What operators do on the floor's pages: replay, take on, send again, leave, stop, restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from resmi.agency.models import AuditEntry
from resmi.channels.models import Channel, Delivery, Inbound
from resmi.channels.whatsapp import numbers, splitting
from resmi.conversations import worker
from resmi.operations.models import Alarm
from tests.channels.whatsapp import payloads as wa
from tests.conversations import factories
from tests.desk import scenes
from tests.desk.test_floor import parked, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def agus() -> Client:
    return scenes.signed_in(scenes.supervisor("Agus", "admin"))


@pytest.fixture
def rina() -> Client:
    return scenes.signed_in(scenes.supervisor())


def delivery(status: str = "unknown", **fields: Any) -> Delivery:
    channel = factories.channel()
    given = {
        "ref": f"7.{Delivery.objects.count() + 1}.0",
        "channel": channel,
        "lane": f"{channel.pk}:someone",
        "recipient": {},
        "author": "agent",
        "content": b'{"type":"text","body":"Selamat pagi"}',
        "status": status,
        "rank": 8,
        **fields,
    }
    return Delivery.objects.create(**given)


def test_what_is_sent_again_goes_by_when_the_citizen_wrote_last(agus: Client) -> None:
    talk = factories.citizen_says("halo")
    over = datetime.now(UTC) - timedelta(days=3)
    failed = delivery("failed", conversation=talk.pk, window_closes_at=over)
    agus.post(f"/floor/deliveries/{failed.pk}/resend/")
    failed.refresh_from_db()
    assert (failed.status, failed.window_closes_at) == ("queued", talk.window_closes_at)


def audited() -> list[str]:
    before = ("signed_in", "signed_out", "agent_settings_changed")
    done = AuditEntry.objects.exclude(action__in=before).order_by("id")
    return list(done.values_list("action", flat=True))


def park_unknown(number: str, count: int) -> None:
    """Items as the webhook stores them for a number nobody knows."""
    messages = [wa.message(id=f"{number}-{index}") for index in range(count)]
    body = wa.body(wa.entry(wa.change(number=number, messages=messages), waba="another"))
    known = numbers.Numbers((numbers.Number(1, "known", "ours", ""),))
    for row in splitting.split(body, received=datetime.now(UTC)):
        placed = known.place(row)
        Inbound.objects.create(
            channel=None,
            kind=placed.kind,
            key=placed.key,
            contact_key=placed.contact_key,
            raw=placed.raw,
            envelope=placed.envelope,
            status=placed.status,
            error=placed.error,
        )


def test_all_that_waits_is_replayed_at_once_and_written_down_once(agus: Client) -> None:
    for status in ("parked", "unparsed", "done"):
        parked(status=status)
    answer = agus.post("/floor/inbound/replay/", follow=True)
    assert "2 items replayed" in answer.content.decode()
    assert Inbound.objects.filter(status="new").count() == 2
    assert audited() == ["inbound_all_replayed"]


def test_a_replay_of_many_shows_how_far_it_got_until_all_is_handled(agus: Client) -> None:
    for _ in range(3):
        parked(status="parked")
    assert "replayed items" not in text(agus, "/floor/inbound/")
    agus.post("/floor/inbound/replay/")
    parked(status="new", received_at=timezone.now() + timedelta(seconds=5))
    first = Inbound.objects.order_by("id")[0]
    Inbound.objects.filter(pk=first.pk).update(status="done")
    assert "1 of 3 replayed items are handled" in text(agus, "/floor/inbound/")
    assert "1 of 3 replayed items are handled" in text(agus, "/floor/inbound/progress/")
    Inbound.objects.filter(received_at__lt=timezone.now()).update(status="done")
    ended = agus.get("/floor/inbound/progress/")
    assert ended.headers["HX-Refresh"] == "true"
    assert "replayed items" not in text(agus, "/floor/inbound/")


def test_a_number_nobody_knew_is_taken_on_and_its_items_come_through(agus: Client) -> None:
    park_unknown("999", 2)
    park_unknown("888", 1)
    page = text(agus, "/floor/inbound/")
    assert wa.DISPLAY in page
    assert "2 items for it are kept" in page
    agus.post("/floor/inbound/take-on/", {"number": "999"})
    channel = Channel.objects.get(address="999")
    assert channel.account == "another"
    taken = Inbound.objects.filter(channel=channel)
    assert [row.status for row in taken] == ["new", "new"]
    assert Inbound.objects.filter(status="parked").count() == 1
    assert audited() == ["number_taken_on"]
    worker.handle.handle(worker.claim(set(range(64)), 10))
    assert set(taken.values_list("status", flat=True)) == {"done"}


def test_items_of_a_number_that_was_configured_since_go_to_its_channel(agus: Client) -> None:
    park_unknown("999", 1)
    channel = Channel.objects.create(kind="whatsapp", address="999", name="Second line")
    agus.post("/floor/inbound/take-on/", {"number": "999"})
    assert Inbound.objects.get(channel=channel).status == "new"
    channel.refresh_from_db()
    assert channel.name == "Second line"


def test_a_number_that_nothing_is_parked_for_can_not_be_taken_on(agus: Client) -> None:
    before = Channel.objects.count()
    agus.post("/floor/inbound/take-on/", {"number": "123"})
    assert Channel.objects.count() == before
    assert audited() == []


@pytest.mark.parametrize("status", ["failed", "unknown"])
def test_a_message_that_did_not_arrive_is_sent_again(agus: Client, status: str) -> None:
    row = delivery(status)
    agus.post(f"/floor/deliveries/{row.pk}/resend/")
    row.refresh_from_db()
    assert row.status == "queued"
    assert audited() == ["delivery_resent"]


def test_a_message_that_is_left_goes_off_the_list_and_keeps_its_state(agus: Client) -> None:
    row = delivery("failed", error="The number is not on WhatsApp.")
    assert "The number is not on WhatsApp." in text(agus, "/floor/deliveries/")
    agus.post(f"/floor/deliveries/{row.pk}/drop/")
    row.refresh_from_db()
    assert row.status == "failed"
    assert "The number is not on WhatsApp." not in text(agus, "/floor/deliveries/")
    assert audited() == ["delivery_dropped"]


@pytest.mark.parametrize("act", ["resend", "drop"])
def test_a_message_that_arrived_meanwhile_stays_as_it_is(agus: Client, act: str) -> None:
    row = delivery("delivered")
    page = agus.post(f"/floor/deliveries/{row.pk}/{act}/", follow=True).content.decode()
    assert "not on the list any more" in page
    row.refresh_from_db()
    assert (row.status, row.dropped_at) == ("delivered", None)
    assert audited() == []


def test_several_messages_are_sent_again_at_once_the_oldest_first(agus: Client) -> None:
    first, second, kept = delivery("unknown"), delivery("failed"), delivery("unknown")
    arrived = delivery("delivered")
    chosen = [arrived.pk, second.pk, first.pk, "x"]
    page = agus.post("/floor/deliveries/resend/", {"delivery": chosen}, follow=True)
    assert "2 messages are sent again." in page.content.decode()
    assert "1 message is not on the list any more." in page.content.decode()
    states = [Delivery.objects.get(pk=one.pk).status for one in (first, second, kept, arrived)]
    assert states == ["queued", "queued", "unknown", "delivered"]
    targets = AuditEntry.objects.filter(action="delivery_resent").order_by("id")
    assert [entry.target for entry in targets] == [f"delivery:{one.pk}" for one in (first, second)]


def test_several_messages_are_left_at_once(agus: Client) -> None:
    one, two = delivery("unknown"), delivery("failed")
    page = agus.post("/floor/deliveries/drop/", {"delivery": [one.pk, two.pk]}, follow=True)
    assert "2 messages were taken off the list." in page.content.decode()
    assert "Everything arrived" in page.content.decode()


def test_choosing_none_changes_nothing_and_says_so(agus: Client) -> None:
    one = delivery("unknown")
    page = agus.post("/floor/deliveries/resend/", {}, follow=True)
    assert "Choose at least one message." in page.content.decode()
    one.refresh_from_db()
    assert one.status == "unknown"


def test_a_stopped_channel_is_restarted_with_its_reason_gone(agus: Client) -> None:
    channel = factories.channel()
    agus.post(f"/floor/channels/{channel.pk}/pause/")
    assert "Stopped by Agus" in text(agus, "/floor/channels/")
    assert "/floor/channels/" in text(agus, "/floor/")
    agus.post(f"/floor/channels/{channel.pk}/resume/")
    channel.refresh_from_db()
    assert (channel.paused_at, channel.paused_reason) == (None, "")
    assert audited() == ["channel_paused", "channel_resumed"]


def test_a_channel_goes_by_its_number_until_it_is_named(agus: Client) -> None:
    channel = factories.channel()
    Channel.objects.update(name="6221000001")
    conversation = scenes.with_bot()
    assert "WhatsApp +6221000001" in text(agus, f"/desk/{conversation.pk}/")
    agus.post(f"/floor/channels/{channel.pk}/name/", {"name": "  Layanan  Konsumen "})
    assert "Layanan Konsumen" in text(agus, f"/desk/{conversation.pk}/")
    agus.post(f"/floor/channels/{channel.pk}/name/", {"name": " "})
    channel.refresh_from_db()
    assert channel.name == "Layanan Konsumen"
    assert AuditEntry.objects.filter(action="channel_named").count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "/floor/channels/1/name/",
        "/floor/inbound/replay/",
        "/floor/inbound/take-on/",
        "/floor/deliveries/1/resend/",
        "/floor/deliveries/1/drop/",
        "/floor/deliveries/resend/",
        "/floor/deliveries/drop/",
        "/floor/channels/1/pause/",
        "/floor/channels/1/resume/",
    ],
)
def test_supervisors_see_but_only_administrators_operate(rina: Client, path: str) -> None:
    assert rina.post(path).status_code == 403


def test_what_the_watchman_found_is_on_the_floor_until_it_is_over(rina: Client) -> None:
    values = {"waiting": 3, "seconds": 12}
    alarm = Alarm.objects.create(kind="worker_gone", key="worker", level="urgent", values=values)
    assert "Nobody handles what citizens write" in text(rina, "/floor/")
    alarm.closed_at = alarm.opened_at
    alarm.save()
    assert "No alarms" in text(rina, "/floor/")
