"""Lists that are fetched by themselves: from an address or a folder on this machine."""

from __future__ import annotations

import ipaddress
import tempfile
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import date, timedelta
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from resmi.agency import live
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.registry.errors import ImportRefused, NotNow
from resmi.registry.importing import comparing, confirming, files, releases, staging
from resmi.registry.models import Register, Staged, StagedState

TIMEOUT_S = 60
FOLDER = "lists"
_CHUNK = 256 * 1024
_IN_MEMORY = 8 * 1024 * 1024
_WAITING = (StagedState.COLUMNS, StagedState.READING, StagedState.READY)


class Unreachable(Exception):
    """A feed could not be had; the text says why."""


class Fetched(msgspec.Struct, frozen=True):
    """A file of a feed; `etag` tells whether it is still the same at the next look."""

    file: IO[bytes]
    filename: str
    etag: str


def is_allowed(feed: str) -> bool:
    """Whether a feed may be looked at: https, this machine's own addresses, or a folder of ours.

    Folders lie within `lists` in Resmi's home, for what stands elsewhere on the server is not
    for everybody who keeps the register.
    """
    parts = urlsplit(feed)
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
    if etag:
        request.add_header("If-None-Match", etag)
    try:
        with urllib.request.build_opener(_Careful).open(request, timeout=TIMEOUT_S) as answer:
            name = Path(urlsplit(address).path).name or "list"
            return Fetched(_downloaded(answer), name, answer.headers.get("ETag", "")[:200])
    except urllib.error.HTTPError as error:
        if error.code == 304:
            return None
        raise Unreachable(f"The address answered {error.code} {error.reason}.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"The address can't be reached: {error}.") from error


def _downloaded(answer: IO[bytes]) -> IO[bytes]:
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the caller closes it)
    while chunk := answer.read(_CHUNK):
        file.write(chunk)
        if file.tell() > files.LARGEST_FILE:
            file.close()
            raise Unreachable("The file is larger than this can read.")
    file.seek(0)
    return file


def follow(
    *, actor: User, register_id: int, feed: str, every_hours: int, stale_days: int
) -> Register:
    """Says where a list comes from by itself (an empty feed: nowhere) and when it is old."""
    register = Register.objects.get(pk=register_id)
    before = {
        "feed": register.feed,
        "every_hours": register.every_hours,
        "stale_days": register.stale_days,
    }
    after = {"feed": feed, "every_hours": every_hours, "stale_days": stale_days}
    if feed != register.feed:
        register.feed_etag, register.trouble, register.checked_at = "", "", None
    for name, value in after.items():
        setattr(register, name, value)
    register.save()
    agency.record_audit(
        actor=actor, action="feed_changed", target=f"list:{register.pk}", before=before, after=after
    )
    return register


def due() -> list[int]:
    """Lists whose feed should be looked at now."""
    now = timezone.now()
    rows = Register.objects.filter(every_hours__gt=0).exclude(feed="")
    rows = rows.filter(Q(checked_at=None) | Q(checked_at__lte=now - timedelta(hours=1)))
    return [
        register.pk
        for register in rows.order_by("id")
        if register.checked_at is None
        or register.checked_at + timedelta(hours=register.every_hours) <= now
    ]


def look(register_id: int, *, today: date | None = None) -> Staged | None:
    """Looks at a feed; stages and reads a new file, and puts it in force if the brake is off.

    The outcome is noted on the list. None when there was nothing new or the feed can't be had.
    """
    register = Register.objects.get(pk=register_id)
    if Staged.objects.filter(source=register.source, state__in=_WAITING).exists():
        return None
    try:
        fetched = fetch(register.feed, register.feed_etag)
        staged = _take(register, fetched, today or timezone.localdate()) if fetched else None
    except (Unreachable, ImportRefused) as error:
        _note(register, trouble=str(error))
        return None
    _note(register, trouble=_refused(staged), etag=fetched.etag if fetched else None)
    return staged


def _take(register: Register, fetched: Fetched, today: date) -> Staged | None:
    with fetched.file as file:
        staged = staging.stage(
            actor=None,
            file=file,
            filename=fetched.filename,
            source=register.source,
            authority=register.authority,
            as_of=today,
        )
    latest = releases.latest(register)
    if latest and latest.sha256 == staged.sha256:
        staging.discard(actor=None, staged_id=staged.pk)
        return None
    staged = comparing.read(staged.pk)
    if staged.state == StagedState.READY and not staged.brakes:
        with suppress(NotNow):  # it waits for a person then, as told on the floor
            confirming.confirm(actor=None, staged_id=staged.pk)
        staged.refresh_from_db()
    return staged


def _refused(staged: Staged | None) -> str:
    if staged is None or staged.state != StagedState.REFUSED:
        return ""
    return f"{staged.filename} was refused: {staged.problem_count} faults, see import {staged.pk}."


def _note(register: Register, *, trouble: str, etag: str | None = None) -> None:
    register.trouble, register.checked_at = trouble[:2000], timezone.now()
    if etag is not None:
        register.feed_etag = etag
    register.save(update_fields=["trouble", "checked_at", "feed_etag"])
    live.announce("alarms", register=register.pk)
