"""Small pictures of what strangers sent, made where they can do no harm; lengths of voice notes."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from resmi.channels import media, previewing, services, sounds
from resmi.channels.simulator import voice
from tests.channels import factories
from tests.channels.fake_graph import FakeGraph, StoredFile
from tests.channels.simulator.test_voice import webm
from tests.channels.test_media import ask, stored

ORIENTATION, GPS = 0x0112, 0x8825


def jpeg(width: int = 1200, height: int = 600, *, turned: bool = False) -> bytes:
    """A photo, red above and blue below; `turned`: held sideways, with a place in its data."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (0, height // 2, width, height))
    exif = Image.Exif()
    if turned:
        exif[ORIENTATION] = 6
        exif.get_ifd(GPS)[1] = "S"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 2.5 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def small(data: bytes) -> Image.Image:
    made = previewing.shrunk(io.BytesIO(data))
    assert made is not None
    picture = Image.open(io.BytesIO(made.data))
    assert picture.size == (made.width, made.height)
    return picture


def test_a_photo_becomes_small() -> None:
    picture = small(jpeg())
    assert (picture.format, picture.size) == ("WEBP", (480, 240))


def test_a_photo_held_sideways_is_shown_upright_without_where_it_was_taken() -> None:
    picture = small(jpeg(turned=True))
    assert picture.size == (240, 480)
    left, right = (
        picture.convert("RGB").getpixel((20, 240)),
        picture.convert("RGB").getpixel((220, 240)),
    )
    assert left[2] > 200 > left[0]  # type: ignore[index,operator]
    assert right[0] > 200 > right[2]  # type: ignore[index,operator]
    assert dict(picture.getexif()) == {}


def test_a_sticker_keeps_what_shines_through() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(out, "WEBP")
    assert small(out.getvalue()).getbands()[-1] == "A"


@pytest.mark.parametrize(
    "data",
    [bomb(), b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8picture", jpeg()[:300]],
    ids=["bomb", "empty", "svg", "nonsense", "cut"],
)
def test_what_is_no_honest_picture_has_no_preview(data: bytes) -> None:
    assert previewing.shrunk(io.BytesIO(data)) is None


@pytest.mark.parametrize("packets", [1, 50, 500])
def test_a_voice_note_tells_how_long_it_is(packets: int) -> None:
    note = voice.ogg(webm([b"\x78" + bytes(40)] * packets))  # 20 ms each, RFC 6716 §3.1
    seconds = sounds.opus_seconds(note[: sounds.HEAD_BYTES], note[-sounds.TAIL_BYTES :])
    assert seconds == pytest.approx(packets * 0.02 - 312 / 48_000)


@given(head=st.binary(max_size=200), tail=st.binary(max_size=200))
def test_no_bytes_have_an_impossible_length(head: bytes, tail: bytes) -> None:
    for first in (head, b"OggS" + bytes(20) + b"OpusHead" + head):
        seconds = sounds.opus_seconds(first, tail + b"OggS" + tail)
        assert seconds is None or 0 <= seconds <= sounds.LONGEST_S


@pytest.mark.django_db
def test_a_citizens_photo_comes_with_its_preview(
    settings: Any, tmp_path: Path, graph: FakeGraph
) -> None:
    settings.MEDIA_ROOT, settings.WHATSAPP_GRAPH_URL = tmp_path, graph.url
    settings.WHATSAPP_TOKEN = "token"
    row = ask(graph, StoredFile(jpeg()))
    media.fetch(str(row.pk))
    row = stored(row)
    assert (row.width, row.height) == (480, 240)
    with row.preview.open("rb") as file:
        assert Image.open(file).size == (480, 240)


@pytest.mark.django_db
def test_an_attached_photo_gets_its_preview_from_a_job(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    row = services.store_file(
        channel_id=factories.channel().pk,
        conversation_id=3,
        file=ContentFile(jpeg()),
        filename="bukti.jpg",
        mime="image/jpeg",
    )
    media.describe(str(row.pk))
    row = stored(row)
    assert row.preview
    name = row.preview.name
    media.describe(str(row.pk))
    assert stored(row).preview.name == name
