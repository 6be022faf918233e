"""What files are called: names people gave are shown, never used as paths. Pure."""

from __future__ import annotations

import unicodedata

LONGEST = 200
UNKNOWN = "application/octet-stream"

EXTENSIONS: dict[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}


def bare_mime(mime: str) -> str:
    """The media type without parameters, lower case: `audio/ogg; codecs=opus` → `audio/ogg`.

    Anything that is no media type becomes `application/octet-stream`.
    """
    bare = mime.partition(";")[0].strip().lower()
    main, slash, sub = bare.partition("/")
    well_formed = main.isascii() and main.isalpha() and slash and sub and len(bare) <= 200
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789.+-_")
    return bare if well_formed and set(sub) <= allowed else UNKNOWN


def stored_name(media_id: str, mime: str) -> str:
    """The name we store a file under: its id, and an extension only from its declared type."""
    return media_id + EXTENSIONS.get(bare_mime(mime), ".bin")


def display_name(name: str) -> str:
    """A name safe to show and to offer for saving: no path, no control or direction marks."""
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    line = " ".join(visible.split()).strip(". ")
    if len(line) <= LONGEST:
        return line
    stem, dot, extension = line.rpartition(".")
    if dot and len(extension) <= 10:
        return stem[: LONGEST - len(extension) - 1] + "." + extension
    return line[:LONGEST]
