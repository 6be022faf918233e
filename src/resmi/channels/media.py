"""Files on their way: fetched from the channel once announced, uploaded to it before they are sent.

Each function does one try and may be run again: `tasks` repeats it. Files are stored under a name
of our own (`filenames`), with the type the channel declared; nothing guesses a type from content.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import tempfile
from datetime import UTC, datetime, timedelta
from typing import IO

import msgspec
from django.conf import settings
from django.core.files import File
from django.db import connection, transaction

from resmi.agency import live
from resmi.channels import admitting, filenames, intake, previewing, scanning, uploads, voices
from resmi.channels.items import MediaFetched
from resmi.channels.models import MediaFile, MediaState
from resmi.channels.whatsapp import errors, graph

IN_MEMORY = 1024 * 1024
QUARANTINE = "quarantine"
UPLOAD_HOLDS = timedelta(days=29)
MOST_TRIES = 16

FAMILIES = {
    "image": "image/",
    "sticker": "image/",
    "video": "video/",
    "audio": "audio/",
    "voice": "audio/",
}
SHOWN_INLINE = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "audio/ogg",
        "audio/mpeg",
        "audio/mp4",
        "audio/aac",
        "audio/amr",
        "video/mp4",
        "video/3gpp",
    }
)


class TryAgain(Exception):
    """This try failed, another may not; the text says why."""


class Hopeless(Exception):
    """The file can't be had or sent for good; the text says why, for the thread."""

    def __init__(self, reason: str, state: MediaState = MediaState.FAILED) -> None:
        super().__init__(reason)
        self.state = state


class Infected(Exception):
    """The virus scanner found something in the file; the text is its name for it."""


class OpenFile(msgspec.Struct, frozen=True):
    """A stored file to serve.

    `file` is open for reading; whoever asked closes it. Serve it with `mime`, never guess; as a
    download named `filename` unless `inline`, for anything else could run in our origin.
    """

    file: File[bytes]
    mime: str
    filename: str
    size: int
    inline: bool


def open(media_id: str) -> OpenFile:  # noqa: A001 (read as media.open)
    """A stored file. Raises `MediaFile.DoesNotExist` if it is not stored (yet)."""
    row = MediaFile.objects.get(pk=media_id, state="stored")
    return OpenFile(
        file=row.file.open("rb"),
        mime=row.mime,
        filename=row.filename or filenames.stored_name(str(row.pk), row.mime),
        size=row.size,
        inline=row.mime in SHOWN_INLINE,
    )


def fetch(media_id: str) -> None:
    """One try to fetch a citizen's file; its outcome comes in as a `MediaFetched` item.

    Raises `TryAgain` when another try may succeed; after `MOST_TRIES` it gives up instead.
    """
    row = MediaFile.objects.select_related("channel").filter(pk=media_id, state="pending").first()
    if row is None:
        return
    row.attempts += 1
    row.save(update_fields=["attempts"])
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        try:
            received = _received(row, file)
            _check_harmless(file)
        except Hopeless as error:
            _give_up(row, str(error), error.state)
        except Infected as error:
            _quarantine(row, file, str(error))
        except TryAgain as error:
            if row.attempts < MOST_TRIES:
                raise
            _give_up(row, f"{error} We tried {row.attempts} times.")
        else:
            _keep(row, file, received)


def _received(row: MediaFile, file: IO[bytes]) -> graph.Downloaded:
    """The file, downloaded and checked. Raises `TryAgain` or `Hopeless`."""
    _check_type(filenames.bare_mime(row.mime))
    try:
        info, received = asyncio.run(_download(str(row.provider_id), file))
    except graph.TooLarge as error:
        raise Hopeless(str(error), MediaState.TOO_BIG) from error
    except (graph.NotConnected, graph.NoAnswer) as error:
        raise TryAgain(f"WhatsApp did not hand the file over: {error}.") from error
    expected = {_hexadecimal(info.sha256), _hexadecimal(row.expected_sha256)} - {""}
    if expected - {received.sha256}:
        raise TryAgain("The file differs from its checksum.")
    if info.size not in (0, received.size):
        raise TryAgain(f"The file has {received.size} bytes instead of {info.size}.")
    return msgspec.structs.replace(received, mime=_declared(row, info))


async def _download(provider_id: str, file: IO[bytes]) -> tuple[graph.MediaInfo, graph.Downloaded]:
    most = settings.MEDIA_LARGEST
    async with _connect() as client:
        try:
            info = await client.media_info(provider_id)
        except graph.Refusal as refusal:
            raise _judged(refusal) from refusal
        _check_type(filenames.bare_mime(info.mime))
        if info.size > most:
            raise graph.TooLarge(f"The file is larger than {most} bytes.")
        try:
            return info, await client.download(info.url, file, most=most)
        except graph.Refusal as refusal:
            # The address holds for five minutes: the next try asks for a new one.
            raise TryAgain(f"WhatsApp did not hand the file over: {refusal}.") from refusal


def _check_type(mime: str) -> None:
    """Raises `Hopeless` for a type the settings don't let in."""
    known = mime != filenames.UNKNOWN
    if known and not admitting.is_allowed(mime, settings.MEDIA_TYPES):
        raise Hopeless(f"Files of type {mime} are not let in.", MediaState.REFUSED)


def _check_harmless(file: IO[bytes]) -> None:
    """Raises `Hopeless` for a program, `Infected` for a find, `TryAgain` without a scanner."""
    file.seek(0)
    if admitting.is_program(file.read(admitting.HEAD_BYTES)):
        raise Hopeless("The file is a program.", MediaState.REFUSED)
    if not settings.CLAMAV:
        return
    try:
        found = scanning.scan(file, settings.CLAMAV)
    except scanning.Unreachable as error:
        raise TryAgain(str(error)) from error
    except scanning.NotScanned as error:
        raise Hopeless(str(error), MediaState.TOO_BIG) from error
    if found:
        raise Infected(found)


def _connect() -> graph.Connecting:
    return graph.connect(settings.WHATSAPP_GRAPH_URL, settings.WHATSAPP_TOKEN, connections=2)


def _judged(refusal: graph.Refusal) -> Exception:
    """Gone for good, or worth another try: a token or a limit may be mended."""
    problem = errors.classify(refusal.code, refusal.details, refusal.http_status)
    if problem.kind in ("change", "user", "template", "inbound"):
        reason = f"WhatsApp no longer has the file ({refusal.details or 'expired'})."
        return Hopeless(reason, MediaState.EXPIRED)
    return TryAgain(problem.words())


def _hexadecimal(digest: str) -> str:
    """A SHA-256 given as hexadecimal or base64, as lower-case hexadecimal; empty if neither."""
    if len(digest) == 64:
        return digest.lower()
    try:
        return base64.b64decode(digest, validate=True).hex()
    except (binascii.Error, ValueError):
        return ""


def _declared(row: MediaFile, info: graph.MediaInfo) -> str:
    """The declared type, if it suits the kind of message; else one that is only ever saved."""
    mime = filenames.bare_mime(info.mime or row.mime)
    family = FAMILIES.get(row.kind, "")
    return mime if mime.startswith(family) else "application/octet-stream"


def _keep(row: MediaFile, file: IO[bytes], received: graph.Downloaded) -> None:
    file.seek(0)
    name = filenames.stored_name(str(row.pk), received.mime)
    _write(row, name, file)
    row.mime, row.size, row.sha256 = received.mime, received.size, received.sha256
    row.state, row.error, row.stored_at = MediaState.STORED.value, "", datetime.now(UTC)
    previewing.describe(row, file, row.size)
    with transaction.atomic():
        if not _lock_pending(row):
            forget_bytes(row)
            return
        row.save()
        _put(row, media=str(row.pk), mime=row.mime, size=row.size)


def forget_bytes(row: MediaFile) -> None:
    """Deletes what is stored of a file; the row itself is the caller's."""
    for stored in (row.file, row.preview):
        if stored:
            stored.delete(save=False)


def _quarantine(row: MediaFile, file: IO[bytes], found: str) -> None:
    """Keeps the file apart, where nothing is ever handed out, for those who look into it."""
    file.seek(0)
    row.file.name = row.file.storage.save(f"{QUARANTINE}/{row.pk}.bin", File(file))
    if not _give_up(row, found, MediaState.QUARANTINE):
        forget_bytes(row)


def _give_up(row: MediaFile, reason: str, state: MediaState = MediaState.FAILED) -> bool:
    with transaction.atomic():
        if not _lock_pending(row):
            return False
        row.state, row.error = state.value, reason
        row.save(update_fields=["state", "error", "file"])
        _put(row, reason=reason)
    return True


def _lock_pending(row: MediaFile) -> bool:
    """False if another run of the job was faster."""
    return MediaFile.objects.select_for_update().filter(pk=row.pk, state="pending").exists()


def _write(row: MediaFile, name: str, file: IO[bytes]) -> None:
    """Puts the file where it is kept; what a full disk took only half of is removed again."""
    place = row.file.storage.get_available_name(row.file.field.generate_filename(row, name))
    try:
        row.file.save(name, File(file), save=False)
    except OSError:
        row.file.storage.delete(place)
        raise


def _put(
    row: MediaFile, *, media: str = "", mime: str = "", size: int = 0, reason: str = ""
) -> None:
    if row.conversation is None:
        return
    fetched = MediaFetched(
        conversation=row.conversation,
        provider_id=row.provider_id or "",
        media=media,
        mime=mime,
        size=size,
        reason=reason,
    )
    intake.put([fetched], channel=row.channel_id)


def describe(media_id: str) -> None:
    """Makes the preview of a stored file that has none; the thread shows it at once."""
    row = MediaFile.objects.filter(pk=media_id, state=MediaState.STORED, preview="").first()
    if row is None:
        return
    with row.file.open("rb") as file:
        previewing.describe(row, file, row.size)
    row.save(update_fields=["preview", "width", "height", "seconds"])
    if row.conversation is not None:
        live.announce(f"conversation:{row.conversation}", media=str(row.pk))


def is_uploaded(media_id: str, channel_id: int) -> bool:
    """True if the channel holds our file, so that a message may carry it."""
    return MediaFile.objects.filter(
        pk=media_id, channel_id=channel_id, upload_expires_at__gt=datetime.now(UTC)
    ).exists()


def upload(media_id: str, channel_id: int, tries: int) -> None:
    """One try, the `tries`-th, to upload a file that a message is to carry.

    Success wakes the senders. Raises `TryAgain` when another try may succeed; when none will, the
    messages that wait for the file fail with the reason.
    """
    row = MediaFile.objects.select_related("channel").filter(pk=media_id).first()
    if row is None or row.state != "stored" or row.channel is None or row.channel.pk != channel_id:
        uploads.fail_waiting(media_id, channel_id, "The file is not here to be sent.")
        return
    if is_uploaded(media_id, channel_id):
        return
    try:
        upload_id = asyncio.run(_upload(row))
    except Hopeless as error:
        uploads.fail_waiting(media_id, channel_id, str(error))
    except TryAgain as error:
        if tries < MOST_TRIES:
            raise
        uploads.fail_waiting(media_id, channel_id, f"{error} We tried {tries} times.")
    else:
        _remember_upload(row, upload_id)


async def _upload(row: MediaFile) -> str:
    assert row.channel is not None
    mime = voices.UPLOADED_AS if row.kind == "voice" else row.mime
    name = row.filename or filenames.stored_name(str(row.pk), row.mime)
    with row.file.storage.open(str(row.file.name)) as stored:
        assert stored.file is not None
        async with _connect() as client:
            try:
                return await client.upload(row.channel.address, stored.file, mime, name)
            except graph.Refusal as refusal:
                problem = errors.classify(refusal.code, refusal.details, refusal.http_status)
                lost = problem.kind in ("change", "user", "template", "inbound")
                raise (Hopeless if lost else TryAgain)(problem.words()) from refusal
            except (graph.NotConnected, graph.NoAnswer) as error:
                raise TryAgain(f"WhatsApp did not take the file: {error}.") from error


@transaction.atomic
def _remember_upload(row: MediaFile, upload_id: str) -> None:
    row.upload_id, row.upload_expires_at = upload_id, datetime.now(UTC) + UPLOAD_HOLDS
    row.save(update_fields=["upload_id", "upload_expires_at"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('resmi_outbound', '')")
