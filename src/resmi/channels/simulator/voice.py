"""Turns what a browser records (Opus in WebM) into what WhatsApp sends (Opus in Ogg). Pure.

Only the wrapping changes, the sound stays bit for bit. Sources: the Matroska element list, RFC 3533
(Ogg pages), RFC 7845 (Opus in Ogg), RFC 6716 section 3.1 (packet durations).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

OPENED = {0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xA0}
"""Elements whose children are read: Segment, Cluster, Tracks, TrackEntry, BlockGroup."""
CODEC_PRIVATE, SIMPLE_BLOCK, BLOCK = 0x63A2, 0xA3, 0xA1
PACKETS_A_PAGE = 50
SAMPLES_A_MS = 48
FIRST, LAST = 2, 4


class NotOpus(Exception):
    """These bytes are no Opus sound in WebM."""


def _number(data: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """A variable-length number and where it ends."""
    first = data[at]
    length = 9 - first.bit_length()
    if not first or at + length > len(data):
        raise NotOpus("the WebM file is cut short")
    value = int.from_bytes(data[at : at + length], "big")
    return (value if keep_marker else value - (1 << (7 * length))), at + length


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every leaf element; masters are walked into, so sizes left open do no harm."""
    at = 0
    while at < len(data):
        name, at = _number(data, at, keep_marker=True)
        if at >= len(data):
            return
        size, at = _number(data, at, keep_marker=False)
        if name not in OPENED:
            yield name, data[at : at + size]
            at += size


def _packets(data: bytes) -> tuple[bytes, list[bytes]]:
    head, packets = b"", []
    for name, content in _elements(data):
        if name == CODEC_PRIVATE and content.startswith(b"OpusHead"):
            head = content
        elif name in (SIMPLE_BLOCK, BLOCK):
            _, after_track = _number(content, 0, keep_marker=False)
            packets.append(content[after_track + 3 :])
    if not head or not packets:
        raise NotOpus("there is no Opus sound in the file")
    return head, packets


def samples(packet: bytes) -> int:
    """How long an Opus packet sounds, in samples at 48 kHz."""
    if not packet:
        return 0
    config, count = packet[0] >> 3, packet[0] & 3
    if config < 12:
        frame = (10, 20, 40, 60)[config % 4] * SAMPLES_A_MS
    elif config < 16:
        frame = (10, 20)[config % 2] * SAMPLES_A_MS
    else:
        frame = 120 << (config % 4)
    frames = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 0)[count]
    return frame * frames


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


TABLE = _table()


def _checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ TABLE[(value >> 24) ^ byte]
    return value


def _page(packets: list[bytes], serial: int, position: int, flags: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(one) // 255) + bytes([len(one) % 255]) for one in packets)
    header = struct.pack("<4sBBqIII", b"OggS", 0, flags, position, 1, serial, 0)
    page = header + bytes([len(lacing)]) + lacing + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _pages(packets: list[bytes]) -> Iterator[list[bytes]]:
    page: list[bytes] = []
    segments = 0
    for packet in packets:
        need = len(packet) // 255 + 1
        if page and (segments + need > 255 or len(page) == PACKETS_A_PAGE):
            yield page
            page, segments = [], 0
        page.append(packet)
        segments += need
    yield page


def ogg(webm: bytes) -> bytes:
    """The same sound as an Ogg file. Raises `NotOpus`."""
    try:
        head, packets = _packets(webm)
    except IndexError:
        raise NotOpus("the WebM file is cut short") from None
    tags = b"OpusTags" + struct.pack("<I5sI", 5, b"Resmi", 0)
    out = [_page([head], 0, 0, FIRST), _page([tags], 1, 0, 0)]
    position = 0
    pages = list(_pages(packets))
    for serial, page in enumerate(pages, start=2):
        position += sum(samples(packet) for packet in page)
        out.append(_page(page, serial, position, LAST if page is pages[-1] else 0))
    return b"".join(out)
