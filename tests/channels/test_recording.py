"""Recordings of browsers made into voice notes, by the process that opens them."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels import recording, sounds, voices

RATE = 48_000


def recorded(form: str, codec: str, layout: str = "mono", seconds: float = 1.0) -> bytes:
    """A tone as a browser would record it."""
    out = io.BytesIO()
    tone = (np.sin(np.arange(int(RATE * seconds)) * 440 * 2 * np.pi / RATE) * 9000).astype("i2")
    pcm = np.repeat(tone, 2 if layout == "stereo" else 1)[None]
    with av.open(out, "w", format=form) as target:
        stream = target.add_stream(codec, rate=RATE, layout=layout)
        fitting = av.AudioResampler(stream.format, layout, RATE, frame_size=960)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
        frame.rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        for piece in (*fitting.resample(frame), *fitting.resample(None)):
            target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return out.getvalue()


def packets(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data)) as source:
        return [bytes(packet) for packet in source.demux(audio=0) if packet.size]


def channels(data: bytes) -> tuple[str, int]:
    with av.open(io.BytesIO(data)) as source:
        codec = source.streams.audio[0].codec_context
        return codec.name, codec.channels


def test_mono_opus_is_wrapped_anew_and_sounds_the_same() -> None:
    said = recorded("webm", "libopus")
    made = voices.of_recording(said)
    assert made is not None
    assert made.data[:4] == b"OggS"
    assert packets(made.data) == packets(said)
    assert made.seconds == pytest.approx(1, abs=0.05)
    assert sounds.opus_seconds(made.data[:4096], made.data) == pytest.approx(made.seconds, abs=0.05)


@pytest.mark.parametrize(
    ("form", "codec", "layout"), [("webm", "libopus", "stereo"), ("mp4", "aac", "mono")]
)
def test_other_sound_becomes_mono_opus(form: str, codec: str, layout: str) -> None:
    made, seconds = recording.note(recorded(form, codec, layout))
    assert channels(made) == ("opus", 1)
    assert seconds == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("junk", [b"", b"RIFF....WAVE", b"\x1a\x45\xdf\xa3" + bytes(500)])
def test_what_is_no_recording_makes_no_voice_note(junk: bytes) -> None:
    assert voices.of_recording(junk) is None


def test_a_recording_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LONGEST_S", 0.5)
    for codec, layout in (("libopus", "mono"), ("libopus", "stereo")):
        with pytest.raises(recording.NoRecording, match="too long"):
            recording.note(recorded("webm", codec, layout))


SAID = recorded("webm", "libopus", seconds=0.2)


@given(st.integers(0, len(SAID)), st.binary(max_size=20))
def test_a_damaged_recording_makes_a_note_or_is_refused(cut: int, junk: bytes) -> None:
    try:
        made, seconds = recording.note(SAID[:cut] + junk + SAID[cut + len(junk) :])
    except (recording.NoRecording, av.FFmpegError, ValueError):
        return
    assert made.startswith(b"OggS")
    assert seconds > 0
