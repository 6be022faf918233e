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
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels.models import MediaFile
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
