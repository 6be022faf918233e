"""Files as people hand them over: packed or not, in whatever encoding, of any size. No database.

Nothing is trusted: sizes are checked while unpacking, so that a small archive can't fill the disk
or the memory.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Literal, cast

import msgspec

from resmi.registry.errors import ImportRefused, Problem
from resmi.registry.errors import gettext_noop as _

LARGEST_FILE = 512 * 1024 * 1024  # bytes as handed over
LARGEST_UNPACKED = 4 * 1024 * 1024 * 1024
LONGEST_LINE = 8 * 1024 * 1024
Kind = Literal["text", "sheet"]
_HEAD = 256
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def refuse(message: str, *, row: int = 0, **values: str | int) -> ImportRefused:
    """A refusal of the file as a whole, or from `row` on."""
    return ImportRefused([Problem(row, "", message, values)])


class Opened(msgspec.Struct, frozen=True):
    """A file to read: a workbook (`sheet`) or bytes of text."""

    kind: Kind
    stream: IO[bytes]


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Opened]:
    """The content of a file, unpacked if it is a gzip file or a zip archive with one file in it.

    Raises `ImportRefused` for what can't be read.
    """
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse(_("This is an old spreadsheet (XLS): save it as XLSX or “CSV UTF-8”."))
    if head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield Opened("text", cast(IO[bytes], unpacked))
    elif head.startswith(b"PK"):
        with _archive(file) as unpacked_archive:
            yield unpacked_archive
    else:
        yield Opened("text", file)


@contextmanager
def _archive(file: IO[bytes]) -> Iterator[Opened]:
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise refuse(_("The spreadsheet or archive is damaged: export it again.")) from error
    with archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST_UNPACKED:
            raise refuse(_("Unpacked, the file is larger than this can read."))
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if "[Content_Types].xml" in names:
            file.seek(0)
            yield Opened("sheet", file)
        elif len(names) == 1:
            with archive.open(names[0]) as member:
                yield Opened("text", member)
        else:
            raise refuse(_("The archive must hold exactly one file: unpack it first."))


def lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines of text with their ends. UTF-8 with or without a mark, or UTF-16 with one.

    Raises `ImportRefused` naming the row for another encoding, an endless line or a broken archive.
    """
    head = stream.read(_HEAD)
    rest = cast(IO[bytes], io.BufferedReader(_Prefixed(head, stream)))
    _check_text(head)
    if head[:2] in _UTF16:
        yield from _sixteen(rest)
        return
    total = 0
    for number, raw in enumerate(_raw_lines(rest), start=1):
        total += len(raw)
        if total > LARGEST_UNPACKED:
            raise refuse(_("Unpacked, the file is larger than this can read."))
        yield _decoded(raw, number)


def _check_text(head: bytes) -> None:
    if _WEB_PAGE.match(head):
        raise refuse(_("This is a web page and no list: is the address right, or a sign-in asked?"))
    if b"\0" in head[:2] and head[:2] not in _UTF16:
        message = _("The text is not UTF-8: save the file as “CSV UTF-8” and import it again.")
        raise refuse(message, row=1)


def _decoded(raw: bytes, number: int) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        message = _("The text is not UTF-8: save the file as “CSV UTF-8” and import it again.")
        raise refuse(message, row=number) from error
    return text.removeprefix("\ufeff") if number == 1 else text


def _raw_lines(stream: IO[bytes]) -> Iterator[bytes]:
    number = 0
    try:
        while raw := stream.readline(LONGEST_LINE):
            number += 1
            if len(raw) >= LONGEST_LINE:
                raise refuse(_("A line has no end: this is not a list."), row=number)
            yield raw
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
        message = _("The archive breaks off or is damaged here: fetch it again.")
        raise refuse(message, row=number + 1) from error


def _sixteen(stream: IO[bytes]) -> Iterator[str]:
    text = io.TextIOWrapper(stream, encoding="utf-16", newline="")
    try:
        while line := text.readline(LONGEST_LINE):
            yield line
    except UnicodeError as error:
        raise refuse(
            _("The text breaks off in the middle of a letter: export it again.")
        ) from error


class _Prefixed(io.RawIOBase):
    """A stream with bytes put back at its beginning."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = len(buffer)
        data = self._head[:size] if self._head else self._stream.read(size)
        self._head = self._head[size:] if self._head else b""
        buffer[: len(data)] = data
        return len(data)
