"""Files our side sends: what may be sent, and the messages that wait for an upload."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.core.files import File
from django.db import connection, transaction

from resmi.channels import filenames, intake
from resmi.channels.items import DeliveryFailed
from resmi.channels.models import MediaFile
from resmi.channels.rules import RANK
from resmi.engine import content
from resmi.engine.address import Address
from resmi.engine.lifecycle import Refused

MEGABYTE = 1024 * 1024

# Meta, "Media": supported types and sizes (2025-12-02).
LIMITS: dict[content.MediaKind, tuple[int, frozenset[str]]] = {
    "image": (5 * MEGABYTE, frozenset({"image/jpeg", "image/png"})),
    "audio": (
        16 * MEGABYTE,
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
    ),
    "video": (16 * MEGABYTE, frozenset({"video/mp4", "video/3gpp"})),
    "document": (
        100 * MEGABYTE,
        frozenset(
            mime
            for mime in filenames.EXTENSIONS
            if mime.startswith(("application/", "text/")) and mime != "application/zip"
        ),
    ),
}

_WAITING = """
    UPDATE channels_delivery
    SET status = 'failed', rank = %s, error_code = 'media', error = %s, updated_at = now()
    WHERE media = %s AND channel_id = %s AND pending = 1 AND status = 'queued'
    RETURNING ref, conversation, recipient::text
"""
_MISSING = """
    SELECT DISTINCT d.media::text, d.channel_id FROM channels_delivery d
    WHERE d.pending = 1 AND d.status = 'queued' AND d.media IS NOT NULL
        AND d.created_at < now() - interval '2 min'
        AND NOT EXISTS (
            SELECT 1 FROM channels_mediafile m WHERE m.id = d.media
            AND m.channel_id = d.channel_id AND m.upload_expires_at > now())
"""


def kind_of(mime: str, size: int) -> content.MediaKind:
    """How a file of this type is sent. Raises `Refused` if its type or size (bytes) can't be."""
    bare = filenames.bare_mime(mime)
    for kind, (most, types) in LIMITS.items():
        if bare in types:
            if size <= most:
                return kind
            raise Refused(
                "file_too_large",
                f"The file has {size / MEGABYTE:.1f} MB; {most // MEGABYTE} MB are allowed.",
            )
    raise Refused("file_type", f"Files of type {bare} can't be sent on this channel.")


def largest_by_type() -> dict[str, int]:
    """For every type that can be sent, the most bytes a file of it may have."""
    return {mime: most for most, types in LIMITS.values() for mime in sorted(types)}


@transaction.atomic
def store_file(
    *,
    channel_id: int,
    conversation_id: int,
    file: File[bytes],
    filename: str,
    mime: str,
    media_id: UUID | None = None,
    voice: bool = False,
) -> MediaFile:
    """Keeps a file of ours, under `media_id` if given. Raises `Refused` if it can't be sent.

    A `voice` file, Opus in Ogg, is sent as a voice message and not as a file of sound.

    Send it with `carrying(row, caption)` as the content of a message.
    """
    kind = kind_of(mime, file.size)
    row = MediaFile(
        pk=media_id or uuid4(),
        channel_id=channel_id,
        conversation=conversation_id,
        kind="voice" if voice else kind,
        mime=filenames.bare_mime(mime),
        filename=filenames.display_name(filename),
        size=file.size,
        state="stored",
        stored_at=datetime.now(UTC),
    )
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    row.sha256 = digest.hexdigest()
    row.file.save(filenames.stored_name(str(row.pk), row.mime), file, save=False)
    row.save()
    return row


def carrying(row: MediaFile, caption: str = "") -> content.Media:
    """The message content that carries a stored file."""
    kind = msgspec.convert(row.kind, content.MediaKind)
    return content.Media(
        kind=kind,
        mime=row.mime,
        media=str(row.pk),
        caption=caption,
        filename=row.filename,
        size=row.size,
    )


@transaction.atomic
def fail_waiting(media_id: str, channel_id: int, reason: str) -> None:
    """Fails the messages that wait for a file which can't be uploaded; the threads show why."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [RANK["failed"], reason, media_id, channel_id])
        failed = cursor.fetchall()
    for ref, conversation, recipient in failed:
        if conversation is not None:
            _put_failure(ref, conversation, recipient, channel_id, reason)


def _put_failure(ref: str, conversation: int, recipient: str, channel_id: int, reason: str) -> None:
    failure = DeliveryFailed(conversation=conversation, ref=ref, code="media", reason=reason)
    address: Any = msgspec.json.decode(recipient, type=Address)
    intake.put([failure], contact_key=address.key(), channel=channel_id)


def missing() -> list[tuple[str, int]]:
    """Files (id, channel) that messages have waited for over two minutes: their job is lost."""
    with connection.cursor() as cursor:
        cursor.execute(_MISSING)
        return [(media, channel) for media, channel in cursor.fetchall()]
