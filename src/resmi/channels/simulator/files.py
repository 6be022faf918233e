"""Files on the platform: what may be sent as what, how big, how long kept. Pure.

Source: Meta's page "Media", supported media types (December 2025). Sizes are in bytes.
"""

from __future__ import annotations

from resmi.channels.simulator import state
from resmi.channels.simulator.errors import Refusal
from resmi.channels.simulator.state import Media, World

MB = 1024 * 1024
LARGEST = 100 * MB
OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES: dict[str, tuple[int, tuple[str, ...]]] = {
    "image": (5 * MB, ("image/jpeg", "image/png")),
    "video": (16 * MB, ("video/mp4", "video/3gpp")),
    "audio": (16 * MB, ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg")),
    "sticker": (500 * 1024, ("image/webp",)),
    "document": (
        LARGEST,
        (
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            OFFICE + "wordprocessingml.document",
            OFFICE + "spreadsheetml.sheet",
            OFFICE + "presentationml.presentation",
        ),
    ),
}


class CantFetch(Exception):
    """A file sent by link could not be had; the text says why."""


def base_mime(mime: str) -> str:
    """The MIME type without its parameters, in lower case."""
    return mime.partition(";")[0].strip().lower()


def check(kind: str, mime: str, size: int) -> None:
    """Raises `Refusal` 131053 unless such a file may be sent as `kind`. A document may be any."""
    limit, allowed = TYPES[kind]
    if kind != "document" and base_mime(mime) not in allowed:
        expected = ", ".join(allowed)
        raise Refusal(
            131053, f"Unsupported {kind.title()} mime type {mime}. Please use one of {expected}."
        )
    if size > limit:
        raise Refusal(131053, f"{kind.title()} file too big: {size} bytes, at most {limit}.")


def check_upload(mime: str, size: int) -> None:
    """Raises `Refusal` 100 unless the platform takes a file of this type and size."""
    for limit, allowed in TYPES.values():
        if base_mime(mime) in allowed:
            if size > limit:
                raise Refusal(100, f"Param file size must be at most {limit} bytes for {mime}.")
            return
    known = ", ".join(sorted(mime for _, allowed in TYPES.values() for mime in allowed))
    raise Refusal(100, f"Param file must be a file with one of the following types: {known}.")


def keep(
    world: World,
    number: str,
    mime: str,
    data: bytes,
    now: float,
    *,
    filename: str = "",
    seconds: float = state.UPLOAD_KEPT_FOR,
) -> Media:
    """Stores a file for `seconds`: 30 days when uploaded by the business, 7 from a citizen."""
    media = Media(
        id=state.new_object_id(world, 800),
        mime=mime,
        data=data,
        expires=now + seconds,
        filename=filename,
        number=number,
    )
    world.media[media.id] = media
    return media
