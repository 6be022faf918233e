"""Writes of the room: queue what is to be sent, keep what became of it, fetch files.

Everything runs in the caller's transaction; senders are woken when it commits.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction

from resmi.agency import arrays, bulk
from resmi.channels import filenames, pausing, rules, tasks
from resmi.channels import media as files
from resmi.channels.items import AccountNotice
from resmi.channels.models import Delivery, DeliveryStatus, MediaFile
from resmi.channels.outgoing import Outgoing, Purpose
from resmi.channels.pausing import pause_channel as pause_channel
from resmi.channels.pausing import resume_channel as resume_channel
from resmi.channels.reports import Recorded as Recorded
from resmi.channels.reports import record_report as record_report
from resmi.channels.reports import record_reports as record_reports
from resmi.channels.uploads import carrying as carrying
from resmi.channels.uploads import store_file as store_file
from resmi.engine import content
from resmi.engine.address import Address

CANCEL_WAIT_S = 5.0
CANCEL_POLL_S = 0.02

_ENQUEUE = """
WITH added AS (
    INSERT INTO channels_delivery (
        ref, channel_id, conversation, contact, lane, recipient, purpose, author, content, media,
        reply_to, status, rank, attempts, not_before, gives_way, superseded, window_closes_at,
        error_code, error)
    SELECT ref, channel, conversation, contact, lane, recipient::jsonb, purpose, author, content,
        media, reply_to, 'queued', 0, 0, coalesce(not_before, now()),
        gives_way, '[]', window_closes_at, '', ''
    FROM unnest(
        %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::text[],
        %b::text[], %b::bytea[], %b::text[]::uuid[], %b::text[], %b::timestamptz[], %b::boolean[],
        %b::timestamptz[]
    ) WITH ORDINALITY AS n (
        ref, channel, conversation, contact, lane, recipient, purpose, author, content, media,
        reply_to, not_before, gives_way, window_closes_at, position)
    ORDER BY position
    ON CONFLICT (ref) DO NOTHING
    RETURNING 1)
SELECT count, pg_notify('resmi_outbound', '') FROM (SELECT count(*) FROM added) AS n
WHERE count > 0
"""


def enqueue(deliveries: Iterable[Outgoing]) -> int:
    """Queues deliveries in the order given; how many were new (a ref is queued once for good).

    One statement for all of them. A file that the channel does not have yet is uploaded by a job;
    the delivery waits for it, and so does what comes after it for the same citizen.
    """
    batch = list(deliveries)
    if not batch:
        return 0
    now = datetime.now(UTC)
    columns = arrays.columns(_COLUMNS, [_row(delivery, now) for delivery in batch])
    rows = bulk.execute(_ENQUEUE, columns)
    _ask_for_uploads(batch)
    return int(rows[0][0]) if rows else 0


def _row(delivery: Outgoing, now: datetime) -> tuple[Any, ...]:
    # Names do not help to deliver, and are not kept where they are not needed.
    recipient = msgspec.structs.replace(delivery.recipient, profile_name="", username="")
    carried = delivery.content.media if isinstance(delivery.content, content.Media) else ""
    return (
        delivery.ref,
        delivery.channel,
        delivery.conversation,
        delivery.contact,
        delivery.lane(),
        msgspec.json.encode(recipient).decode(),
        delivery.purpose,
        delivery.author,
        content.encode(delivery.content),
        carried or None,
        delivery.reply_to,
        _earliest(delivery, now),
        delivery.not_before is not None and delivery.not_before > now,
        delivery.window_closes_at,
    )


_COLUMNS: Sequence[arrays.Encode] = (
    arrays.texts,
    *(arrays.bigints,) * 3,
    *(arrays.texts,) * 4,
    arrays.byte_strings,
    *(arrays.texts,) * 2,
    arrays.moments,
    arrays.flags,
    arrays.moments,
)


def _earliest(delivery: Outgoing, now: datetime) -> datetime | None:
    if delivery.hold_s:
        return now + timedelta(seconds=delivery.hold_s)
    return delivery.not_before


def _ask_for_uploads(batch: Sequence[Outgoing]) -> None:
    wanted = {
        (delivery.content.media, delivery.channel)
        for delivery in batch
        if isinstance(delivery.content, content.Media) and delivery.content.media
    }
    for media_id, channel_id in sorted(wanted):
        if not files.is_uploaded(media_id, channel_id):
            tasks.upload_media.defer(media_id=media_id, channel_id=channel_id)


def withdraw(ref: str) -> bool:
    """Takes back all deliveries of a message if none of them has left; False changes nothing.

    `ref` is the message's: `"{conversation}.{seq}"`. Runs in the caller's transaction.
    """
    conversation = int(ref.partition(".")[0])
    parts = Delivery.objects.select_for_update().filter(
        conversation=conversation, ref__startswith=f"{ref}."
    )
    statuses = set(parts.values_list("status", flat=True))
    if statuses != {DeliveryStatus.QUEUED}:
        return False
    parts.update(
        status=DeliveryStatus.CANCELLED, rank=rules.RANK["cancelled"], updated_at=datetime.now(UTC)
    )
    return True


def is_cancelled(ref: str) -> bool:
    """Whether all deliveries of a message (`"{conversation}.{seq}"`) were taken back."""
    conversation = int(ref.partition(".")[0])
    parts = Delivery.objects.filter(conversation=conversation, ref__startswith=f"{ref}.")
    return set(parts.values_list("status", flat=True)) == {DeliveryStatus.CANCELLED}


def cancel_bot_deliveries(conversation_id: int) -> list[str]:
    """Takes back the bot's messages that have not left; their refs. Afterwards none leaves.

    Call it inside the transaction that silences the bot, holding the conversation's lock. A message
    on the wire can't be taken back: it is waited for, at most 5 s. One that still has no answer
    then becomes `unknown`, and if the channel refuses it later, it is not tried again.
    """
    cancelled: list[str] = []
    deadline = time.monotonic() + CANCEL_WAIT_S
    while True:
        cancelled += _cancel_queued(conversation_id)
        on_the_wire = Delivery.objects.filter(
            conversation=conversation_id, author="bot", status=DeliveryStatus.SENDING
        )
        if not on_the_wire.exists():
            return cancelled
        if time.monotonic() > deadline:
            on_the_wire.update(
                status=DeliveryStatus.UNKNOWN,
                rank=rules.RANK["unknown"],
                updated_at=datetime.now(UTC),
            )
            return cancelled + _cancel_queued(conversation_id)
        time.sleep(CANCEL_POLL_S)


def _cancel_queued(conversation_id: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_delivery SET status = 'cancelled', rank = %s, updated_at = now() "
            "WHERE conversation = %s AND author = 'bot' AND status = 'queued' RETURNING ref",
            [rules.RANK["cancelled"], conversation_id],
        )
        return [ref for (ref,) in cursor.fetchall()]


def retry_delivery(ref: str, *, window_closes_at: datetime | None = None) -> bool:
    """Queues a failed or unknown delivery again; False if it is neither.

    Only a person decides this: an unknown message may reach the citizen twice. Late reports about
    the earlier try no longer move it. `window_closes_at` (aware) is until when the citizen may be
    written to by now; the window the message was written in may be over.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_delivery SET status = 'queued', rank = 0, attempts = 0, "
            "not_before = now(), gives_way = false, claimed_until = NULL, error_code = '', "
            "window_closes_at = CASE WHEN window_closes_at IS NOT NULL "
            "THEN greatest(window_closes_at, %s) END, "
            "error = '', dropped_at = NULL, updated_at = now(), provider_id = NULL, "
            "superseded = CASE "
            "WHEN provider_id IS NULL THEN superseded ELSE superseded || to_jsonb(provider_id) END "
            "WHERE ref = %s AND status IN ('failed', 'unknown') "
            "RETURNING pg_notify('resmi_outbound', '')",
            [window_closes_at, ref],
        )
        return cursor.fetchone() is not None


def mark_read(
    *, channel_id: int, conversation_id: int, contact_id: int, address: Address, provider_id: str
) -> None:
    """Tells the citizen that their message `provider_id` (and all before it) was read."""
    enqueue([_mark("read", channel_id, conversation_id, contact_id, address, provider_id)])


def show_typing(
    *, channel_id: int, conversation_id: int, contact_id: int, address: Address, provider_id: str
) -> None:
    """Shows that an answer to `provider_id` is being written; only when one will follow.

    It also marks the message as read, ends with the answer or after 25 s, and is dropped when it
    could not leave within seconds.
    """
    enqueue([_mark("typing", channel_id, conversation_id, contact_id, address, provider_id)])


def _mark(
    purpose: Purpose, channel: int, conversation: int, contact: int, address: Address, target: str
) -> Outgoing:
    digest = hashlib.blake2s(target.encode(), digest_size=12).hexdigest()
    return Outgoing(
        ref=f"{conversation}.{purpose}.{digest}",
        channel=channel,
        conversation=conversation,
        contact=contact,
        recipient=address,
        author="system",
        content=content.Text(""),
        reply_to=target,
        purpose=purpose,
    )


def record_notice(channel_id: int, notice: AccountNotice) -> None:
    """Follows what the channel says about our account: pauses sending if it must stop."""
    if notice.pauses:
        pausing.pause_channel(channel_id=channel_id, reason=notice.summary)


@transaction.atomic
def request_media(*, channel_id: int, conversation_id: int, media: content.Media) -> MediaFile:
    """Has a citizen's file fetched by a job; asking twice for the same file fetches it once."""
    row, created = MediaFile.objects.get_or_create(
        channel_id=channel_id,
        provider_id=media.provider_id,
        defaults={
            "conversation": conversation_id,
            "kind": media.kind,
            "mime": media.mime[:200],
            "filename": filenames.display_name(media.filename),
            "expected_sha256": media.sha256[:100],
            "size": media.size,
        },
    )
    if created:
        tasks.fetch_media.defer(media_id=str(row.pk))
    return row
