"""The sender against the strict simulator: what we send is taken, what it reports is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from resmi.channels import media, services
from resmi.channels.items import DeliveryReported
from resmi.channels.models import Channel, Delivery
from resmi.channels.whatsapp import reading, splitting
from resmi.engine import content
from resmi.engine.address import Address
from resmi.engine.content import Choices, Option, Outbound, Text
from tests.channels import factories, sending
from tests.channels.simulator.stand import PHONE, Stand, V

pytestmark = pytest.mark.django_db(transaction=True)

BUDI = Address(kind="whatsapp", scope="p1", phone="6281255500111")


@pytest.fixture(scope="module")
def running_stand() -> Iterator[Stand]:
    stand = Stand()
    yield stand
    stand.close()


@pytest.fixture
def stand(running_stand: Stand) -> Stand:
    """A fresh world in which Budi has just written, so his window is open."""
    running_stand.call("POST", "/control/settle", {})
    running_stand.call("POST", "/control/reset", {})
    running_stand.received.clear()
    running_stand.say(type="text", text="Halo")
    return running_stand


@pytest.fixture
def channel() -> Channel:
    return factories.channel(address=PHONE)


def queue(channel: Channel, *messages: Outbound, **fields: Any) -> None:
    services.enqueue(
        [
            factories.outgoing(channel.pk, recipient=BUDI, content=message, **fields)
            for message in messages
        ]
    )


def statuses() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("status", flat=True))


def send_all(stand: Stand) -> None:
    with sending.running(stand.base + V):
        sending.wait_until(lambda: not {"queued", "sending"} & set(statuses()))


def reports(stand: Stand) -> list[DeliveryReported]:
    """What the simulator has reported so far, as the webhook would read it."""
    now = datetime.now(UTC)
    rows = [row for body, _ in stand.received for row in splitting.split(body, received=now)]
    read = [reading.read(row.kind, row.raw, row.envelope, scope="p1") for row in rows]
    return [item for item in read if isinstance(item, DeliveryReported)]


def test_every_kind_of_message_is_taken(stand: Stand, channel: Channel) -> None:
    few = tuple(Option(f"o{number}", f"Pilihan {number}") for number in range(3))
    many = tuple(Option(f"o{number}", f"Pilihan {number}", "Keterangan") for number in range(10))
    queue(
        channel,
        Text("Halo"),
        Choices("Apa?", few, header="Cek", footer="Resmi"),
        Choices("Apa?", many, button="Pilih"),
        content.LocationRequest("Di mana?"),
        content.ContactRequest("Nomor Anda?"),
    )
    send_all(stand)
    errors = list(Delivery.objects.exclude(error="").values_list("error", flat=True))
    assert (errors, statuses()) == ([], ["accepted"] * 5)


def test_reports_carry_our_reference_and_end_as_delivered(stand: Stand, channel: Channel) -> None:
    queue(channel, Text("Halo"))
    send_all(stand)
    stand.advance(10)
    stand.settle()
    results = services.record_reports(reports(stand))
    assert all(results)
    assert statuses() == ["delivered"]


def test_a_citizen_who_is_not_on_whatsapp_is_explained(stand: Stand, channel: Channel) -> None:
    stranger = Address(kind="whatsapp", scope="p1", phone="15550009999")
    services.enqueue([factories.outgoing(channel.pk, recipient=stranger)])
    send_all(stand)
    stand.advance(10)
    stand.settle()
    services.record_reports(reports(stand))
    assert statuses() == ["failed"]
    assert Delivery.objects.get().error_code in {"131026", "131030", "131047"}


def test_free_text_after_the_window_is_refused_by_the_channel_too(
    stand: Stand, channel: Channel
) -> None:
    stand.advance(25 * 3600)
    queue(channel, Text("Halo"))
    send_all(stand)
    stand.advance(10)
    stand.settle()
    services.record_reports(reports(stand))
    row = Delivery.objects.get()
    assert (row.status, row.error_code) == ("failed", "131047")


def test_a_picture_goes_up_and_out(
    stand: Stand, channel: Channel, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.WHATSAPP_GRAPH_URL, settings.WHATSAPP_TOKEN = stand.base + V, "t"
    row = services.store_file(
        channel_id=channel.pk,
        conversation_id=1,
        file=ContentFile(b"\xff\xd8picture"),
        filename="bukti.jpg",
        mime="image/jpeg",
    )
    queue(channel, services.carrying(row, "Ini buktinya"))
    media.upload(str(row.pk), channel.pk, tries=1)
    send_all(stand)
    assert statuses() == ["accepted"]


def test_a_citizens_picture_comes_down(
    stand: Stand, channel: Channel, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.WHATSAPP_GRAPH_URL, settings.WHATSAPP_TOKEN = stand.base + V, "t"
    kind = {"Content-Type": "image/png"}
    provider_id = stand.call("POST", "/control/media", data=b"\x89PNG", headers=kind)[1]["id"]
    row = services.request_media(
        channel_id=channel.pk,
        conversation_id=1,
        media=content.Media("image", "image/png", provider_id=provider_id),
    )
    media.fetch(str(row.pk))
    opened = media.open(str(row.pk))
    with opened.file as file:
        assert (file.read(), opened.mime) == (b"\x89PNG", "image/png")


def test_a_citizens_picture_is_gone_after_a_week(
    stand: Stand, channel: Channel, settings: Any
) -> None:
    settings.WHATSAPP_GRAPH_URL, settings.WHATSAPP_TOKEN = stand.base + V, "t"
    kind = {"Content-Type": "image/png"}
    provider_id = stand.call("POST", "/control/media", data=b"\x89PNG", headers=kind)[1]["id"]
    stand.advance(8 * 86400)
    row = services.request_media(
        channel_id=channel.pk,
        conversation_id=1,
        media=content.Media("image", "image/png", provider_id=provider_id),
    )
    media.fetch(str(row.pk))
    row.refresh_from_db()
    assert row.state == "expired"


def test_a_read_mark_is_taken(stand: Stand, channel: Channel) -> None:
    said = stand.say(type="text", text="Ada?")
    services.mark_read(
        channel_id=channel.pk,
        conversation_id=1,
        contact_id=1,
        address=BUDI,
        provider_id=str(said["id"]),
    )
    with sending.running(stand.base + V):
        sending.wait_until(lambda: not Delivery.objects.exists())
    read = stand.call("GET", "/control/messages?direction=in&status=read")[1]["messages"]
    assert said["id"] in [message["id"] for message in read]
