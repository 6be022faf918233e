from __future__ import annotations

import base64
import hashlib
from collections import deque
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from resmi.channels import items, media, services, tasks, uploads
from resmi.channels.models import Channel, Delivery, Inbound, MediaFile
from resmi.engine import content
from resmi.engine.lifecycle import Refused
from tests.channels import factories
from tests.channels.fake_graph import Answer, FakeGraph, StoredFile

pytestmark = pytest.mark.django_db

PICTURE = b"\xff\xd8picture"


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path, graph: FakeGraph) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.WHATSAPP_GRAPH_URL = graph.url
    settings.WHATSAPP_TOKEN = "token"


def ask(graph: FakeGraph, file: StoredFile | None, **fields: Any) -> MediaFile:
    if file is not None:
        graph.files["555"] = file
    given = {"kind": "image", "mime": "image/jpeg", "provider_id": "555", **fields}
    return services.request_media(
        channel_id=factories.channel().pk, conversation_id=3, media=content.Media(**given)
    )


def fetched() -> items.MediaFetched:
    row = Inbound.objects.get(kind="result")
    item = items.decode(bytes(row.raw))
    assert isinstance(item, items.MediaFetched)
    return item


def stored(row: MediaFile) -> MediaFile:
    row.refresh_from_db()
    return row


def test_a_citizens_file_is_stored_and_the_conversation_told(graph: FakeGraph) -> None:
    row = ask(graph, StoredFile(PICTURE), filename="ktp.jpg")
    media.fetch(str(row.pk))
    row = stored(row)
    assert (row.state, row.size, row.mime) == ("stored", len(PICTURE), "image/jpeg")
    assert row.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert fetched() == items.MediaFetched(
        conversation=3, provider_id="555", media=str(row.pk), mime="image/jpeg", size=len(PICTURE)
    )


def test_a_stored_file_can_be_opened_under_a_safe_name(graph: FakeGraph) -> None:
    row = ask(graph, StoredFile(PICTURE), filename="..\\ktp\u202e.jpg")
    media.fetch(str(row.pk))
    opened = media.open(str(row.pk))
    with opened.file as file:
        assert file.read() == PICTURE
    assert (opened.filename, opened.mime, opened.inline) == ("ktp.jpg", "image/jpeg", True)
    assert Path(stored(row).file.name).name == f"{row.pk}.jpg"


def test_a_file_that_is_not_here_yet_can_not_be_opened(graph: FakeGraph) -> None:
    row = ask(graph, StoredFile(PICTURE))
    with pytest.raises(MediaFile.DoesNotExist):
        media.open(str(row.pk))


def test_t4_a_media_host_that_fails_three_times_is_asked_again(graph: FakeGraph) -> None:
    row = ask(graph, StoredFile(PICTURE, failures=deque([503, 503, 503])))
    for _ in range(3):
        with pytest.raises(media.TryAgain):
            media.fetch(str(row.pk))
        assert stored(row).state == "pending"
        assert not Inbound.objects.exists()
    media.fetch(str(row.pk))
    assert stored(row).state == "stored"
    assert fetched().media == str(row.pk)


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(status=500, code=131016),
        Answer(status=429, code=4),
        Answer(status=401, code=190),
        Answer(status=504, raw=b"<html>"),
    ],
)
def test_what_may_pass_is_tried_again(graph: FakeGraph, trouble: Answer) -> None:
    row = ask(graph, StoredFile(PICTURE, info_failures=deque([trouble])))
    with pytest.raises(media.TryAgain):
        media.fetch(str(row.pk))
    media.fetch(str(row.pk))
    assert stored(row).state == "stored"


def test_a_file_that_expired_is_given_up_with_the_reason(graph: FakeGraph) -> None:
    row = ask(graph, None)
    media.fetch(str(row.pk))
    assert stored(row).state == "expired"
    assert "no longer has the file" in fetched().reason


def test_after_many_tries_it_is_given_up(graph: FakeGraph) -> None:
    row = ask(graph, StoredFile(PICTURE, failures=deque([503])))
    MediaFile.objects.update(attempts=media.MOST_TRIES - 1)
    media.fetch(str(row.pk))
    assert stored(row).state == "failed"
    assert "16 times" in fetched().reason


def test_a_file_that_differs_from_its_checksum_is_not_kept(graph: FakeGraph) -> None:
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    row = ask(graph, StoredFile(PICTURE), sha256=other)
    with pytest.raises(media.TryAgain, match="checksum"):
        media.fetch(str(row.pk))
    assert stored(row).state == "pending"


def test_a_checksum_in_hexadecimal_is_understood(graph: FakeGraph) -> None:
    digest = hashlib.sha256(PICTURE).hexdigest()
    row = ask(graph, StoredFile(PICTURE, sha256=digest.upper()), sha256=digest)
    media.fetch(str(row.pk))
    assert stored(row).state == "stored"


def test_a_file_that_is_too_large_is_given_up(graph: FakeGraph, settings: Any) -> None:
    settings.MEDIA_LARGEST = 4
    row = ask(graph, StoredFile(PICTURE))
    media.fetch(str(row.pk))
    assert stored(row).state == "too_big"
    assert "larger" in fetched().reason


def test_a_page_that_calls_itself_a_picture_is_never_shown_inline(graph: FakeGraph) -> None:
    row = ask(graph, StoredFile(b"<script>", mime="text/plain"))
    media.fetch(str(row.pk))
    opened = media.open(str(row.pk))
    opened.file.close()
    assert (opened.mime, opened.inline) == ("application/octet-stream", False)


def test_a_job_that_runs_twice_stores_the_file_once(graph: FakeGraph) -> None:
    row = ask(graph, StoredFile(PICTURE))
    for _ in range(2):
        media.fetch(str(row.pk))
    assert Inbound.objects.count() == 1
    assert stored(row).attempts == 1


def test_a_file_forgotten_meanwhile_is_no_error() -> None:
    media.fetch("00000000-0000-0000-0000-000000000000")


def attach(channel: Channel, data: bytes = PICTURE, mime: str = "image/jpeg") -> MediaFile:
    return services.store_file(
        channel_id=channel.pk,
        conversation_id=3,
        file=ContentFile(data),
        filename="bukti.jpg",
        mime=mime,
    )


def send(channel: Channel, row: MediaFile) -> str:
    delivery = factories.outgoing(channel.pk, conversation=3, content=services.carrying(row, "Ini"))
    services.enqueue([delivery])
    return delivery.ref


def test_an_attached_file_is_stored_and_can_be_carried() -> None:
    row = attach(factories.channel())
    assert services.carrying(row, "Ini") == content.Media(
        kind="image",
        mime="image/jpeg",
        media=str(row.pk),
        caption="Ini",
        filename="bukti.jpg",
        size=len(PICTURE),
    )
    with media.open(str(row.pk)).file as file:
        assert file.read() == PICTURE


def test_a_message_with_a_file_asks_for_its_upload() -> None:
    channel = factories.channel()
    row = attach(channel)
    send(channel, row)
    job = ProcrastinateJob.objects.get(task_name="channels.upload_media")
    assert job.args == {"media_id": str(row.pk), "channel_id": channel.pk}


def test_an_uploaded_file_is_not_uploaded_again() -> None:
    channel = factories.channel()
    row = attach(channel)
    MediaFile.objects.update(upload_id="u", upload_expires_at=timezone.now() + timedelta(days=1))
    send(channel, row)
    assert not ProcrastinateJob.objects.exists()


def test_an_upload_is_remembered_for_29_days(graph: FakeGraph) -> None:
    channel = factories.channel()
    row = attach(channel)
    media.upload(str(row.pk), channel.pk, tries=1)
    (upload,) = graph.uploads
    assert (upload["number"], upload["data"]) == (channel.address, PICTURE)
    assert (upload["type"], upload["filename"]) == ("image/jpeg", "bukti.jpg")
    row = stored(row)
    assert row.upload_id == "upload.1"
    assert row.upload_expires_at is not None
    assert timedelta(days=28) < row.upload_expires_at - timezone.now() < timedelta(days=30)
    media.upload(str(row.pk), channel.pk, tries=1)
    assert len(graph.uploads) == 1


def test_an_upload_that_may_pass_is_tried_again(graph: FakeGraph) -> None:
    channel = factories.channel()
    row = attach(channel)
    graph.upload_answers.append(Answer(status=503))
    with pytest.raises(media.TryAgain):
        media.upload(str(row.pk), channel.pk, tries=1)
    media.upload(str(row.pk), channel.pk, tries=2)
    assert media.is_uploaded(str(row.pk), channel.pk)


@pytest.mark.parametrize(
    ("answer", "tries"),
    [(Answer(status=400, code=131053, details="bad"), 1), (Answer(status=503), media.MOST_TRIES)],
)
def test_an_upload_that_is_hopeless_fails_the_messages_that_wait(
    graph: FakeGraph, answer: Answer, tries: int
) -> None:
    channel = factories.channel()
    row = attach(channel)
    ref = send(channel, row)
    graph.upload_answers.append(answer)
    media.upload(str(row.pk), channel.pk, tries=tries)
    delivery = Delivery.objects.get(ref=ref)
    assert (delivery.status, delivery.error_code) == ("failed", "media")
    item = Inbound.objects.get(kind="result")
    assert item.contact_key == "whatsapp:p1:ID.3"
    assert items.decode(bytes(item.raw)) == items.DeliveryFailed(
        conversation=3, ref=ref, code="media", reason=delivery.error
    )


def test_a_file_that_is_not_here_fails_the_message(graph: FakeGraph) -> None:
    channel = factories.channel()
    ghost = content.Media("image", "image/png", media="00000000-0000-0000-0000-000000000000")
    delivery = factories.outgoing(channel.pk, content=ghost)
    services.enqueue([delivery])
    media.upload(ghost.media, channel.pk, tries=1)
    assert factories.status_of(delivery.ref) == "failed"


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/png", "image"),
        ("audio/ogg; codecs=opus", "audio"),
        ("video/mp4", "video"),
        ("application/pdf", "document"),
    ],
)
def test_a_file_is_sent_as_what_it_is(mime: str, kind: str) -> None:
    assert uploads.kind_of(mime, 1000) == kind


@pytest.mark.parametrize(
    ("mime", "size", "code"),
    [
        ("image/jpeg", 6 * uploads.MEGABYTE, "file_too_large"),
        ("text/html", 10, "file_type"),
        ("application/x-msdownload", 10, "file_type"),
        ("", 10, "file_type"),
    ],
)
def test_a_file_the_channel_would_refuse_is_refused_at_once(
    mime: str, size: int, code: str
) -> None:
    with pytest.raises(Refused) as raised:
        uploads.kind_of(mime, size)
    assert raised.value.code == code


def test_an_upload_whose_job_was_lost_is_asked_for_again() -> None:
    channel = factories.channel()
    row = attach(channel)
    send(channel, row)
    ProcrastinateJob.objects.all().delete()
    tasks.upload_missing(0)
    assert not ProcrastinateJob.objects.exists()
    Delivery.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    for _ in range(2):
        tasks.upload_missing(0)
    assert ProcrastinateJob.objects.filter(task_name="channels.upload_media").count() == 1


def test_waits_between_tries_double_and_end() -> None:
    class Job:
        attempts = 0

    waits = []
    for attempts in range(media.MOST_TRIES):
        Job.attempts = attempts
        decision = tasks.Patient().get_retry_decision(exception=OSError(), job=Job())  # type: ignore[arg-type]
        waits.append(decision and decision.retry_at)
    assert all(waits[:-1])
    assert waits[-1] is None
