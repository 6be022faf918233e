"""The process that makes a voice note of a recording: `python -m resmi.channels.recording`.

What a browser recorded (Opus in WebM or Ogg, AAC in MP4) comes on standard input; a voice note as
WhatsApp carries it (Opus, one channel, in Ogg) leaves on standard output, after a line with its
seconds. Mono Opus is only wrapped anew, its sound stays bit for bit; all else is encoded. It is a
process of its own, with little memory and time and no way to write files, because what it opens
came from outside, and because the decoders would stay in the memory of every web process.
"""

from __future__ import annotations

import io
import resource
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

MEMORY = 1024 * 1024 * 1024
CPU_S = 20
LONGEST_S = 15 * 60
RATE = 48_000
BITS_A_SECOND = 32_000
FORMATS = {
    b"\x1a\x45\xdf\xa3": "matroska",
    b"OggS": "ogg",
}


class NoRecording(Exception):
    """These bytes hold no sound that can be sent."""


def note(recording: bytes) -> tuple[bytes, float]:
    """The voice note and its seconds. Raises `NoRecording`, and `av.FFmpegError` when damaged."""
    out = io.BytesIO()
    with av.open(io.BytesIO(recording), "r", format=_format(recording)) as source:
        sound = _sound(source)
        # Of a damaged file it can be missing, whatever the types say.
        codec = cast("av.AudioCodecContext | None", sound.codec_context)
        if codec is None:
            raise NoRecording("no sound that can be read")
        with av.open(out, "w", format="ogg") as target:
            wrapped = codec.name == "opus" and codec.channels == 1
            seconds = (_wrap if wrapped else _encode)(source, sound, target)
    if not seconds:
        raise NoRecording("no sound")
    return out.getvalue(), seconds


def _format(recording: bytes) -> str:
    """The one reader that may look at it: dozens of others need not meet what came from outside."""
    known = FORMATS.get(recording[:4])
    if known is None and recording[4:8] == b"ftyp":
        known = "mp4"
    if known is None:
        raise NoRecording("neither WebM, Ogg nor MP4")
    return known


def _sound(source: InputContainer) -> AudioStream:
    if not source.streams.audio:
        raise NoRecording("no sound")
    return source.streams.audio[0]


def _wrap(source: InputContainer, sound: AudioStream, target: OutputContainer) -> float:
    stream = target.add_stream_from_template(sound)
    last = 0.0
    for packet in source.demux(sound):
        if packet.dts is None or packet.pts is None or packet.time_base is None:
            continue
        last = float((packet.pts + (packet.duration or 0)) * packet.time_base)
        _check_length(last)
        packet.stream = stream
        target.mux(packet)
    return last


def _encode(source: InputContainer, sound: AudioStream, target: OutputContainer) -> float:
    stream = target.add_stream("libopus", rate=RATE, layout="mono", bit_rate=BITS_A_SECOND)
    samples = 0
    for frame in _resampled(source, sound):
        frame.pts, frame.time_base = samples, Fraction(1, RATE)
        samples += frame.samples
        _check_length(samples / RATE)
        target.mux(stream.encode(frame))
    target.mux(stream.encode(None))
    return samples / RATE


def _resampled(source: InputContainer, sound: AudioStream) -> Iterator[av.AudioFrame]:
    fitting = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in source.decode(sound):
        yield from fitting.resample(frame)
    yield from fitting.resample(None)


def _check_length(seconds: float) -> None:
    if seconds > LONGEST_S:
        raise NoRecording("too long")


def main() -> None:
    """Reads, converts, writes; ends with 1 when the recording is none."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    try:
        made, seconds = note(sys.stdin.buffer.read())
    except (av.FFmpegError, NoRecording, ValueError, MemoryError):
        sys.exit(1)
    sys.stdout.buffer.write(f"{seconds:.3f}\n".encode() + made)


if __name__ == "__main__":
    main()
