"""Answers called wrong reach the staff list; QR codes of receipts are made once and sent."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from resmi.channels.models import Delivery, MediaFile
from resmi.conversations.models import Conversation
from resmi.engine import content
from resmi.engine.address import Address
from resmi.engine.content import Choice, Choices, Media
from resmi.registry import services as registry
from resmi.registry.models import FalseAnswer
from resmi.registry.receipts import codes, keyring
from resmi.registry.receipts.models import Receipt
from tests.conversations import factories
from tests.conversations.factories import BUDI, citizen_says
from tests.registry.making import csv_of

pytestmark = pytest.mark.django_db
AYU = Address(kind="whatsapp", scope="p1", user_id="ID.2", phone="628222", profile_name="Ayu")
NAME = "PT Dana Lestari Contoh"


@pytest.fixture(autouse=True)
def _office(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.RECEIPT_KEYS = tmp_path / "receipt-keys.json"
    settings.BASE_URL = "https://agency.example"
    settings.MEDIA_ROOT = str(tmp_path / "media")
    keyring.ensure(settings.RECEIPT_KEYS, datetime.now(UTC))
    factories.channel()
    factories.queues()
    registry.import_csv(
        actor=None,
        file=io.BytesIO(csv_of({"id": "W1", "name": NAME, "status": "licensed"})),
        source="Register",
        authority="Authority",
        as_of=date(2026, 1, 1),
    )
    registry.forget_index()
    yield
    registry.forget_index()


def sent(person: Address = BUDI) -> list[content.Outbound]:
    rows = Delivery.objects.filter(recipient__user_id=person.user_id).order_by("id")
    return [content.decode_outbound(bytes(row.content)) for row in rows]


def offered(key: str) -> Choice:
    """The newest option of this key that the citizen can tap."""
    for message in reversed(sent()):
        if isinstance(message, Choices):
            for option in message.options:
                if option.id.startswith(f"{key}:"):
                    return Choice(option.id, option.title)
    raise AssertionError(f"{key} was not offered")


def ask_for_more() -> Conversation:
    citizen_says(NAME)
    return citizen_says(offered("more"))


def uploads_asked() -> int:
    return ProcrastinateJob.objects.filter(task_name="channels.upload_media").count()


def test_a_tap_sends_the_receipt_as_a_picture_with_its_code_and_address() -> None:
    conversation = ask_for_more()
    citizen_says(offered("receipt_qr"))
    receipt = Receipt.objects.get()
    (picture,) = [message for message in sent() if isinstance(message, Media)]
    assert (picture.kind, picture.mime) == ("image", "image/png")
    assert codes.shown(receipt.code) in picture.caption
    assert f"https://agency.example/v/{codes.shown(receipt.code)}" in picture.caption
    row = MediaFile.objects.get(pk=picture.media)
    assert (row.state, row.conversation) == ("stored", conversation.pk)
    with row.file.open("rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"


def test_a_picture_asked_for_again_is_not_made_again() -> None:
    ask_for_more()
    tap = offered("receipt_qr")
    citizen_says(tap)
    MediaFile.objects.update(upload_id="u1", upload_expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    citizen_says(tap)
    assert MediaFile.objects.count() == 1
    assert uploads_asked() == 1
    assert len([message for message in sent() if isinstance(message, Media)]) == 2


def test_an_old_button_sends_the_receipt_it_stood_under() -> None:
    ask_for_more()
    tap, first = offered("receipt_qr"), Receipt.objects.get()
    citizen_says("PT Tidak Ada Quintal")
    citizen_says(tap)
    (picture,) = [message for message in sent() if isinstance(message, Media)]
    assert codes.shown(first.code) in picture.caption


def test_without_keys_no_picture_is_offered(settings: Settings) -> None:
    settings.RECEIPT_KEYS = Path("/nowhere/keys.json")
    ask_for_more()
    ids = [o.id for m in sent() if isinstance(m, Choices) for o in m.options]
    assert not any(id_.startswith("receipt_qr") for id_ in ids)
    citizen_says("kirim kode qr")
    assert MediaFile.objects.count() == 0


def test_one_tap_puts_the_answer_on_the_list_of_false_answers() -> None:
    conversation = ask_for_more()
    citizen_says(offered("wrong"))
    made = FalseAnswer.objects.get()
    receipt = Receipt.objects.get()
    assert (made.conversation, made.seq) == (conversation.pk, receipt.seq)
    assert (made.query, made.verdict["status"], made.version) == (NAME, "licensed", receipt.version)
    assert made.reported_by is None


def test_the_same_answer_is_on_the_list_once() -> None:
    ask_for_more()
    tap = offered("wrong")
    citizen_says(tap)
    citizen_says(tap)
    assert FalseAnswer.objects.count() == 1


def test_words_dispute_the_last_answer_even_without_a_receipt(settings: Settings) -> None:
    settings.RECEIPT_KEYS = Path("/nowhere/keys.json")
    citizen_says("PT Tidak Ada Quintal")
    citizen_says("jawaban salah")
    made = FalseAnswer.objects.get()
    assert (made.verdict["status"], made.reported_by) == ("unknown", None)


def test_nobody_disputes_an_answer_given_to_somebody_else() -> None:
    ask_for_more()
    tap = offered("wrong")
    citizen_says(tap.title, sender=AYU)
    citizen_says(Choice(tap.id, tap.title), sender=AYU)
    assert FalseAnswer.objects.count() == 0


def test_an_answer_is_disputed_although_an_agent_has_the_word() -> None:
    ask_for_more()
    tap = offered("wrong")
    citizen_says("petugas")
    Conversation.objects.get()
    before = len(sent())
    citizen_says(tap)
    assert FalseAnswer.objects.count() == 1
    assert len(sent()) == before + 1
