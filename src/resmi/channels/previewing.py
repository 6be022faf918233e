"""What a file looks or sounds like, for the thread: small pictures, lengths of voice notes."""

from __future__ import annotations

import subprocess
import sys
from typing import IO

import msgspec
from django.core.files.base import ContentFile

from resmi.channels import sounds
from resmi.channels.models import MediaFile

TIMEOUT_S = 30.0
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
LARGEST_PICTURE = 32 * 1024 * 1024


class Picture(msgspec.Struct, frozen=True):
    """A small WebP and its size in pixels."""

    data: bytes
    width: int
    height: int


def describe(row: MediaFile, file: IO[bytes], size: int) -> None:
    """Sets the preview or the length of a file on its row, if it has one; saves only the picture.

    `file` may be read and moved in at will. A file that can't be shown is no error.
    """
    if row.mime in PICTURES and size <= LARGEST_PICTURE:
        small = shrunk(file)
        if small is not None:
            row.preview.save(f"{row.pk}.webp", ContentFile(small.data), save=False)
            row.width, row.height = small.width, small.height
    elif row.mime == "audio/ogg":
        row.seconds = _seconds(file, size)


def shrunk(file: IO[bytes]) -> Picture | None:
    """The picture made small by a process of its own; None if it is not to be had."""
    file.seek(0)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "resmi.channels.shrinking"],
            input=file.read(LARGEST_PICTURE + 1),
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
        )
    except (subprocess.SubprocessError, OSError):
        return None
    sizes, _, data = done.stdout.partition(b"\n")
    width, height = (int(number) for number in sizes.split())
    return Picture(data, width, height)


def _seconds(file: IO[bytes], size: int) -> float | None:
    file.seek(0)
    head = file.read(sounds.HEAD_BYTES)
    file.seek(max(0, size - sounds.TAIL_BYTES))
    return sounds.opus_seconds(head, file.read())
