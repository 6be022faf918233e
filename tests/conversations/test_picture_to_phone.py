"""A citizen asks for the QR code of a receipt, and it arrives on their (simulated) phone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from resmi.channels import media
from resmi.channels.models import Delivery, MediaFile
from resmi.engine.address import Address
from resmi.engine.content import Choice
from resmi.registry import services as registry
from resmi.registry.receipts import codes, keyring, pictures
from resmi.registry.receipts.models import Receipt
from tests.channels import sending
from tests.channels.simulator.stand import PHONE, Stand, V
from tests.conversations import factories
from tests.conversations.factories import citizen_says
from tests.registry.making import csv_of

pytestmark = pytest.mark.django_db(transaction=True)
BUDI = Address(kind="whatsapp", scope="p1", user_id="ID.1", phone="6281255500111")
NAME = "PT Dana Lestari Contoh"


@pytest.fixture
def stand(settings: Settings, tmp_path: Path) -> Iterator[Stand]:
    running = Stand()
    settings.WHATSAPP_GRAPH_URL, settings.WHATSAPP_TOKEN = running.base + V, "t"
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.BASE_URL = "https://agency.example"
    settings.RECEIPT_KEYS = tmp_path / "receipt-keys.json"
    keyring.ensure(settings.RECEIPT_KEYS, datetime.now(UTC))
    factories.channel(address=PHONE)
    factories.queues()
    rows = csv_of({"id": "W1", "name": NAME, "status": "licensed"})
    registry.import_csv(
        actor=None,
        file=io.BytesIO(rows),
        source="Register",
        authority="Authority",
        as_of=date(2026, 1, 1),
    )
    registry.forget_index()
    running.say(type="text", text="Halo")
    yield running
    registry.forget_index()
    running.close()


def test_the_picture_of_a_receipt_arrives_with_its_code_and_address(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = factories.channel(address=PHONE)
    monkeypatch.setattr(factories, "channel", lambda **_: channel)
    citizen_says(NAME, sender=BUDI)
    code = Receipt.objects.get().code
    tap = Choice(f"receipt_qr:{code}:licensed:W1:{NAME}", "Kirim kode QR")
    citizen_says(tap, sender=BUDI)
    row = MediaFile.objects.get()
    media.upload(str(row.pk), channel.pk, tries=1)
    with sending.running(stand.base + V):
        sending.wait_until(lambda: not Delivery.objects.filter(status="queued").exists())
        sending.wait_until(lambda: not Delivery.objects.filter(status="sending").exists())
    assert set(Delivery.objects.values_list("status", flat=True)) == {"accepted"}
    stand.advance(10)
    thread = stand.call("GET", "/control/citizens/budi/thread")[1]["messages"]
    (image,) = [message["content"]["image"] for message in thread if message["type"] == "image"]
    link = codes.link("https://agency.example", code)
    assert codes.shown(code) in image["caption"]
    assert link in image["caption"]
    status, shown = stand.call("GET", f"/control/media/{image['id']}")
    assert (status, shown) == (200, pictures.png(link))
