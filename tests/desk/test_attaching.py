from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from resmi.agency.models import User
from resmi.channels.models import Delivery, MediaFile
from resmi.conversations.models import Conversation
from resmi.engine import content
from tests.channels.test_recording import recorded
from tests.desk import scenes

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def sari() -> User:
    return scenes.agent("Sari")


@pytest.fixture
def client(sari: User) -> Client:
    return scenes.signed_in(sari)


def form(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), **fields}


def attach(client: Client, conversation: Conversation, **fields: Any) -> tuple[int, str]:
    answer = client.post(f"/desk/{conversation.pk}/write/", form(**fields), headers=HTMX)
    return answer.status_code, answer.content.decode()


def test_a_file_is_sent_with_the_text_as_its_caption(
    client: Client, sari: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    conversation = scenes.held(sari)
    file = SimpleUploadedFile("formulir.pdf", b"%PDF-1.4 isi", "application/pdf")
    status, page = attach(client, conversation, mode="reply", body="Isi formulir ini", file=file)
    assert status == 200
    assert "formulir.pdf" in page
    sent = content.decode_outbound(bytes(Delivery.objects.get(author="agent").content))
    assert isinstance(sent, content.Media)
    assert (sent.caption, sent.kind) == ("Isi formulir ini", "document")


def test_a_text_too_long_for_a_caption_goes_before_the_file(
    client: Client, sari: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    conversation = scenes.held(sari)
    file = SimpleUploadedFile("formulir.pdf", b"%PDF-1.4 isi", "application/pdf")
    attach(client, conversation, mode="reply", body="panjang " * 200, file=file)
    sent = [
        content.decode_outbound(bytes(delivery.content))
        for delivery in Delivery.objects.filter(author="agent").order_by("id")
    ]
    assert [type(one) for one in sent] == [content.Text, content.Media]


def test_a_file_of_a_kind_the_channel_does_not_carry_is_refused(
    client: Client, sari: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    conversation = scenes.held(sari)
    file = SimpleUploadedFile("x.exe", b"MZ", "application/x-msdownload")
    status, page = attach(client, conversation, mode="reply", body="", file=file)
    assert status == 409
    assert "can&#x27;t be sent" in page


def test_a_refused_reply_leaves_no_file_behind(
    client: Client, sari: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    conversation = scenes.with_bot()
    file = SimpleUploadedFile("formulir.pdf", b"%PDF-1.4 isi", "application/pdf")
    status, _page = attach(client, conversation, mode="reply", body="", file=file)
    assert status == 409
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_recording_is_sent_as_a_voice_message_after_the_text(
    client: Client, sari: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    conversation = scenes.held(sari)
    voice = SimpleUploadedFile("voice", recorded("webm", "libopus"), "audio/webm;codecs=opus")
    status, page = attach(client, conversation, mode="reply", body="Dengarkan ya", voice=voice)
    assert status == 200
    assert "<audio" in page
    text, sent = (
        content.decode_outbound(bytes(delivery.content))
        for delivery in Delivery.objects.filter(author="agent").order_by("id")
    )
    assert isinstance(text, content.Text)
    assert isinstance(sent, content.Media)
    assert (sent.kind, sent.mime, sent.caption) == ("voice", "audio/ogg", "")
    row = MediaFile.objects.get(pk=sent.media)
    with row.file.open() as kept:
        assert kept.read(4) == b"OggS"


def test_a_recording_nobody_can_read_is_refused_and_none_goes_with_a_note(
    client: Client, sari: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    conversation = scenes.held(sari)
    junk = SimpleUploadedFile("voice", b"\x1a\x45\xdf\xa3junk", "audio/webm")
    status, page = attach(client, conversation, mode="reply", body="", voice=junk)
    assert status == 409
    assert "The recording could not be read." in page
    junk.seek(0)
    status, _page = attach(client, conversation, mode="note", body="Catatan", voice=junk)
    assert status == 200
    assert not MediaFile.objects.exists()
