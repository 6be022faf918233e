"""Voice notes that staff record: made into what the channel carries, by a process of its own."""

from __future__ import annotations

import subprocess
import sys

import msgspec

TIMEOUT_S = 40.0
LARGEST_RECORDING = 32 * 1024 * 1024
MIME = "audio/ogg"
UPLOADED_AS = "audio/ogg; codecs=opus"
"""What WhatsApp wants to read; it refuses the bare type (Meta, "Media", supported types)."""


class VoiceNote(msgspec.Struct, frozen=True):
    """Opus in Ogg, one channel."""

    data: bytes
    seconds: float


def of_recording(recording: bytes) -> VoiceNote | None:
    """The voice note of what a browser recorded; None if there is none to be had."""
    if len(recording) > LARGEST_RECORDING:
        return None
    try:
        done = subprocess.run(
            [sys.executable, "-m", "resmi.channels.recording"],
            input=recording,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
        )
    except (subprocess.SubprocessError, OSError):
        return None
    seconds, _, data = done.stdout.partition(b"\n")
    return VoiceNote(data, float(seconds))
