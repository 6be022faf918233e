"""Fetches the file of a feed: from an address or a folder on this machine. Nothing is trusted."""

from __future__ import annotations

import ipaddress
import tempfile
import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from resmi.registry.importing import files

TIMEOUT_S = 60  # without a single byte
LONGEST_S = 900  # for the whole file
FOLDER = "lists"
_CHUNK = 256 * 1024
_LONGEST_MARK = 200
_IN_MEMORY = 8 * 1024 * 1024
SINCE = "since "


class Unreachable(Exception):
    """A feed could not be had; the text says why."""


class Fetched(msgspec.Struct, frozen=True):
    """A file of a feed; `etag` tells whether it is still the same at the next look.

    It is the server's own mark, or the time of the last change behind `SINCE`.
    """

    file: IO[bytes]
    filename: str
    etag: str


def is_allowed(feed: str) -> bool:
    """Whether a feed may be looked at: https, this machine's own addresses, or a folder of ours.

    Folders lie within `lists` in Resmi's home, for what stands elsewhere on the server is not
    for everybody who keeps the register.
    """
    try:
        parts = urlsplit(feed)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":
        return _is_loopback(parts.hostname or "")
    return feed.startswith("/") and _is_ours(Path(feed))


def _is_ours(path: Path) -> bool:
    return path.resolve().is_relative_to((settings.HOME / FOLDER).resolve())


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Careful(urllib.request.HTTPRedirectHandler):
    """Follows redirects only to where a feed may lie."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
        headers: HTTPMessage, newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        if not is_allowed(newurl) or newurl.startswith("/"):
            raise Unreachable(f"The address sends us on to {newurl}, which is not https.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(feed: str, etag: str) -> Fetched | None:
    """The file of a feed, or None when it is the one with `etag`. Raises `Unreachable`."""
    if not is_allowed(feed):
        raise Unreachable(
            f"Write an address with https:// or a folder in {settings.HOME / FOLDER}."
        )
    return _from_folder(Path(feed), etag) if feed.startswith("/") else _from_web(feed, etag)


def _from_folder(folder: Path, etag: str) -> Fetched | None:
    try:
        found = [
            path
            for path in (folder.iterdir() if folder.is_dir() else [folder])
            if path.is_file() and not path.name.startswith(".") and _is_ours(path)
        ]
        newest = max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
        if newest is None:
            raise Unreachable(f"There is no file in {folder}.")
        status = newest.stat()
        stamp = f"{newest.name}:{status.st_mtime_ns}:{status.st_size}"[-200:]
        return None if stamp == etag else Fetched(newest.open("rb"), newest.name, stamp)
    except OSError as error:
        raise Unreachable(f"{folder} can't be read: {error.strerror}.") from error


def _from_web(address: str, etag: str) -> Fetched | None:
    request = urllib.request.Request(address, headers={"User-Agent": "resmi"})
    if etag.startswith(SINCE):
        request.add_header("If-Modified-Since", etag.removeprefix(SINCE))
    elif etag:
        request.add_header("If-None-Match", etag)
    try:
        with urllib.request.build_opener(_Careful).open(request, timeout=TIMEOUT_S) as answer:
            name = Path(urlsplit(address).path).name or "list"
            return Fetched(_downloaded(answer), name, _mark(answer.headers))
    except urllib.error.HTTPError as error:
        if error.code == 304:
            return None
        if 300 <= error.code < 400:
            raise Unreachable("The address sends us on again and again.") from error
        raise Unreachable(f"The address answered {error.code} {error.reason}.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"The address can't be reached: {error}.") from error


def _mark(headers: HTTPMessage) -> str:
    etag, changed = headers.get("ETag", ""), headers.get("Last-Modified", "")
    mark = etag or (SINCE + changed if changed else "")
    return mark if len(mark) <= _LONGEST_MARK else ""


def _downloaded(answer: HTTPResponse) -> IO[bytes]:
    promised = answer.length
    if promised and promised > files.LARGEST_FILE:
        raise Unreachable("The file is larger than this can read.")
    deadline = time.monotonic() + LONGEST_S
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the caller closes it)
    try:
        while chunk := answer.read1(_CHUNK):
            file.write(chunk)
            if file.tell() > files.LARGEST_FILE:
                raise Unreachable("The file is larger than this can read.")
            if time.monotonic() > deadline:
                raise Unreachable("The file comes too slowly.")
        if promised and file.tell() < promised:
            raise Unreachable(f"The file broke off: {file.tell()} of {promised} bytes came.")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
