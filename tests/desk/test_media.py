from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import StreamingHttpResponse
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from resmi.agency.models import AuditEntry
from resmi.channels.models import MediaFile, MediaState
from resmi.desk.views.media import byte_range
from tests.desk import scenes

BYTES = bytes(range(256)) * 300


@pytest.fixture
def client(db: None) -> Client:
    return scenes.signed_in(scenes.agent("Sari"))


@pytest.fixture
def stored(db: None, settings: Any, tmp_path: Path) -> MediaFile:
    settings.MEDIA_ROOT = tmp_path
    file = MediaFile(kind="document", mime="text/html", filename='a"\r\n<b>.html', state="stored")
    file.file.save("x.bin", ContentFile(BYTES))
    file.save()
    return file


async def body(answer: StreamingHttpResponse) -> bytes:
    chunks = answer.streaming_content
    assert isinstance(chunks, AsyncIterator)
    return b"".join([chunk async for chunk in chunks])


def test_a_file_is_always_a_harmless_download(client: Client, stored: MediaFile) -> None:
    answer = client.get(f"/media/{stored.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "\n" not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "private" in answer["Cache-Control"]


def test_the_part_sent_is_the_part_asked_for(client: Client, stored: MediaFile) -> None:
    answer = client.get(f"/media/{stored.pk}/", headers={"Range": "bytes=65000-70000"})
    assert asyncio.run(body(answer)) == BYTES[65000:70001]


@pytest.mark.parametrize(
    ("asked", "status", "length"),
    [
        ("", 200, len(BYTES)),
        ("bytes=0-", 200, len(BYTES)),
        ("bytes=10-19", 206, 10),
        ("bytes=-5", 206, 5),
        ("items=1-2", 200, len(BYTES)),
    ],
)
def test_a_player_may_ask_for_a_part(
    client: Client, stored: MediaFile, asked: str, status: int, length: int
) -> None:
    answer = client.get(f"/media/{stored.pk}/", headers={"Range": asked})
    assert answer.status_code == status
    assert answer["Content-Length"] == str(length)


def test_a_part_beyond_the_end_is_refused(client: Client, stored: MediaFile) -> None:
    answer = client.get(f"/media/{stored.pk}/", headers={"Range": f"bytes={len(BYTES)}-"})
    assert answer.status_code == 416


def test_strangers_get_no_file(db: None, stored: MediaFile) -> None:
    answer = Client().get(f"/media/{stored.pk}/")
    assert answer.status_code == 302
    assert "/accounts/login" in answer["Location"]


def test_a_file_that_is_not_here_yet_is_not_found(client: Client) -> None:
    pending = MediaFile.objects.create(kind="image", mime="image/png", state="pending")
    assert client.get(f"/media/{pending.pk}/").status_code == 404
    assert client.get(f"/media/{uuid.uuid4()}/").status_code == 404


def test_what_a_browser_could_run_is_only_ever_bytes(client: Client, stored: MediaFile) -> None:
    for mime in ("text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript"):
        MediaFile.objects.update(mime=mime)
        answer = client.get(f"/media/{stored.pk}/")
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "state", [state for state in MediaState.values if state != MediaState.STORED]
)
def test_only_a_stored_file_is_handed_out(client: Client, stored: MediaFile, state: str) -> None:
    stored.preview.save("x.webp", ContentFile(b"RIFF"))
    MediaFile.objects.update(state=state)
    assert client.get(f"/media/{stored.pk}/").status_code == 404
    assert client.get(f"/media/{stored.pk}/preview/").status_code == 404


def test_a_preview_is_a_picture_of_our_own_making(client: Client, stored: MediaFile) -> None:
    assert client.get(f"/media/{stored.pk}/preview/").status_code == 404
    stored.preview.save("x.webp", ContentFile(b"RIFF"))
    answer = client.get(f"/media/{stored.pk}/preview/")
    assert answer["Content-Type"] == "image/webp"
    assert asyncio.run(body(answer)) == b"RIFF"


def test_bytes_that_are_gone_are_not_found(client: Client, stored: MediaFile) -> None:
    stored.file.storage.delete(str(stored.file.name))
    assert client.get(f"/media/{stored.pk}/").status_code == 404


TROUBLE = {
    "quarantine": "Quarantined: the virus scanner found something.",
    "expired": "The channel no longer has this file.",
    "too_big": "This file is too large.",
    "refused": "Files of this type are not let in.",
    "failed": "This file could not be fetched.",
    "removed": "This file was removed.",
    "pending": "Fetching the file",
}


@pytest.mark.parametrize(("state", "words"), TROUBLE.items())
def test_the_thread_says_why_a_file_is_not_here(client: Client, state: str, words: str) -> None:
    scenes.office()
    conversation, row = scenes.with_file(state=state, error="Eicar-Test-Signature")
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert words in page
    assert f"/media/{row.pk}/again/" in page or state in (
        "pending",
        "too_big",
        "refused",
        "removed",
    )


def test_a_file_that_did_not_come_is_asked_for_again_once(client: Client) -> None:
    scenes.office()
    _, row = scenes.with_file(state="failed")
    form = {"once": str(uuid.uuid4())}
    for _ in range(2):
        answer = client.post(f"/media/{row.pk}/again/", form, headers={"HX-Request": "true"})
        assert "Fetching the file" in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("pending", 0)
    jobs = ProcrastinateJob.objects.filter(task_name="channels.fetch_media")
    assert [job.args for job in jobs].count({"media_id": str(row.pk)}) == 2  # at first, and again
    assert AuditEntry.objects.filter(action="file_asked_again").count() == 1


@example(header=f"bytes=0-{'9' * 5_000}", size=10)
@example(header=f"bytes=-{'9' * 5_000}", size=10)
@given(header=st.text(max_size=30), size=st.integers(min_value=1, max_value=10**9))
def test_no_header_asks_for_bytes_that_are_not_there(header: str, size: int) -> None:
    wanted = byte_range(header, size)
    if wanted is not None:
        first, last = wanted
        assert 0 <= first <= last < size


@given(
    first=st.integers(min_value=0, max_value=2000),
    length=st.integers(min_value=0, max_value=2000),
    size=st.integers(min_value=1, max_value=1000),
)
def test_a_plain_range_gives_exactly_what_of_it_exists(first: int, length: int, size: int) -> None:
    wanted = byte_range(f"bytes={first}-{first + length}", size)
    if first >= size:
        assert wanted is None
    else:
        assert wanted == (first, min(first + length, size - 1))
