"""Files in an S3-compatible store: kept, handed out in parts, deleted when their time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import StreamingHttpResponse

from resmi.channels import media, retaining, services
from resmi.channels.models import MediaFile
from resmi.config import environment
from tests import stores
from tests.channels import factories
from tests.channels.fake_graph import FakeGraph, StoredFile
from tests.channels.test_media import ask, stored
from tests.channels.test_previews import jpeg
from tests.desk import scenes

BYTES = bytes(range(256)) * 2_000


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """An S3 server on loopback with a bucket; its `RESMI_STORAGE`."""
    with stores.running() as running:
        yield running.url()


@pytest.fixture
def in_store(store: str, settings: Any, db: None) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": environment.storage(store)}


def body(answer: Any) -> bytes:
    assert isinstance(answer, StreamingHttpResponse)

    async def read() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])  # type: ignore[union-attr]

    return asyncio.run(read())


def test_an_attached_file_is_kept_and_handed_out_in_parts(in_store: None) -> None:
    row = services.store_file(
        channel_id=factories.channel().pk,
        conversation_id=3,
        file=ContentFile(BYTES),
        filename="formulir.pdf",
        mime="application/pdf",
    )
    client = scenes.signed_in(scenes.agent("Sari"))
    assert body(client.get(f"/media/{row.pk}/")) == BYTES
    part = client.get(f"/media/{row.pk}/", headers={"Range": "bytes=65000-70000"})
    assert part.status_code == 206
    assert part["Content-Range"] == f"bytes 65000-70000/{len(BYTES)}"
    assert body(part) == BYTES[65000:70001]


def test_a_citizens_photo_is_kept_with_its_preview_and_removed_when_its_time_is_over(
    in_store: None, graph: FakeGraph, settings: Any
) -> None:
    settings.WHATSAPP_GRAPH_URL, settings.WHATSAPP_TOKEN = graph.url, "token"
    row = ask(graph, StoredFile(jpeg()))
    media.fetch(str(row.pk))
    row = stored(row)
    names = [str(row.file.name), str(row.preview.name)]
    assert all(row.file.storage.exists(name) for name in names)
    settings.MEDIA_KEEP_DAYS = 30
    assert retaining.remove_old(datetime.now(UTC) + timedelta(days=29)) == 0
    assert retaining.remove_old(datetime.now(UTC) + timedelta(days=31)) == 1
    row = stored(row)
    assert (row.state, row.file.name, row.preview.name) == ("removed", "", "")
    assert not any(row.file.storage.exists(name) for name in names)


def test_a_file_gone_from_the_store_is_not_found(in_store: None) -> None:
    row = MediaFile.objects.create(kind="image", state="stored", file="media/none.bin")
    client = scenes.signed_in(scenes.agent("Sari"))
    assert client.get(f"/media/{row.pk}/").status_code == 404


def test_files_are_kept_for_good_unless_the_settings_say_otherwise(db: None) -> None:
    MediaFile.objects.create(kind="image", state="stored")
    assert retaining.remove_old(datetime.now(UTC) + timedelta(days=9_999)) == 0


@pytest.mark.parametrize("url", ["s3://", "s3://host", "https://host/bucket", "s3://host:x/bucket"])
def test_a_store_that_can_not_be_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(environment.WrongSetting, match="RESMI_STORAGE"):
        environment.storage(url)
