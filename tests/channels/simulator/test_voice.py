from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels.simulator import voice
from tests.channels.simulator.stand import Stand

HEAD = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
OPEN_ENDED = b"\x01" + b"\xff" * 7
PACKETS = st.lists(st.binary(min_size=1, max_size=700).map(lambda b: b"\x78" + b), min_size=1)


def element(name: bytes, content: bytes) -> bytes:
    return name + b"\x01" + len(content).to_bytes(7, "big") + content


def webm(packets: list[bytes]) -> bytes:
    """As MediaRecorder writes it: segment and cluster without a known size."""
    track = element(b"\xae", element(b"\x86", b"A_OPUS") + element(b"\x63\xa2", HEAD))
    blocks = b"".join(element(b"\xa3", b"\x81\x00\x00\x80" + packet) for packet in packets)
    head = element(b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm")
    tracks = element(b"\x16\x54\xae\x6b", track)
    cluster = b"\x1f\x43\xb6\x75" + OPEN_ENDED + element(b"\xe7", b"\x00") + blocks
    return head + b"\x18\x53\x80\x67" + OPEN_ENDED + tracks + cluster


def read(ogg: bytes) -> tuple[list[bytes], list[int], list[int]]:
    """Packets, positions and page serials of an Ogg file, by the letter of RFC 3533."""
    at, packets, positions, serials, part = 0, [], [], [], b""
    while at < len(ogg):
        magic, _, _, position, _, serial, crc, count = struct.unpack_from("<4sBBqIIIB", ogg, at)
        assert magic == b"OggS"
        lacing = ogg[at + 27 : at + 27 + count]
        end = at + 27 + count + sum(lacing)
        page = ogg[at : at + 22] + bytes(4) + ogg[at + 26 : end]
        assert voice._checksum(page) == crc
        at += 27 + count
        for length in lacing:
            part += ogg[at : at + length]
            at += length
            if length < 255:
                packets.append(part)
                part = b""
        positions.append(position)
        serials.append(serial)
    return packets, positions, serials


@given(PACKETS)
def test_every_packet_of_a_recording_survives_in_order(packets: list[bytes]) -> None:
    found, positions, serials = read(voice.ogg(webm(packets)))
    assert found[0] == HEAD
    assert found[1].startswith(b"OpusTags")
    assert found[2:] == packets
    assert serials == list(range(len(serials)))
    assert all(earlier <= later for earlier, later in pairwise(positions))
    assert positions[-1] == 960 * len(packets)


def test_the_checksum_is_the_one_of_ogg() -> None:
    assert voice._checksum(b"123456789") == 0x89A1897F


@given(st.binary(max_size=200))
def test_what_is_no_recording_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(voice.NotOpus):
        voice.ogg(data)


def test_a_recorded_voice_message_arrives_as_whatsapp_sends_it(stand: Stand) -> None:
    headers = {"Content-Type": "audio/webm;codecs=opus"}
    status, media = stand.call("POST", "/control/media", data=webm([b"\x78x"]), headers=headers)
    assert (status, media["mime"]) == (201, "audio/ogg; codecs=opus")
    stand.say(type="voice", media=media["id"])
    assert stand.messages()[0]["audio"]["voice"] is True
