"""What staff decide about channels, and about messages and files that did not arrive."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from resmi.agency import live
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.channels import media, pausing, services, tasks
from resmi.channels.models import Channel, Delivery, DeliveryStatus, MediaFile, MediaState

TROUBLED = (DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN)
# What another try may change: the channel, the scanner's knowledge, our settings.
MAY_COME = (
    MediaState.FAILED,
    MediaState.EXPIRED,
    MediaState.QUARANTINE,
    MediaState.TOO_BIG,
    MediaState.REFUSED,
)


@transaction.atomic
def resend_delivery(
    *, actor: User, delivery_id: int, window_closes_at: datetime | None = None
) -> bool:
    """Queues a failed or unknown message again; False if it is neither (any more).

    An unknown one may reach the citizen twice: that is the operator's decision, and written down.
    `window_closes_at` as in `services.retry_delivery`.
    """
    found = _troubled(delivery_id)
    if found is None:
        return False
    if not services.retry_delivery(found.ref, window_closes_at=window_closes_at):
        return False
    _written(actor, "delivery_resent", found)
    return True


@transaction.atomic
def drop_delivery(*, actor: User, delivery_id: int) -> bool:
    """Takes a failed or unknown message off the list; False if it is not on it.

    It keeps its state in the conversation, and a late report still moves it.
    """
    found = _troubled(delivery_id)
    if found is None or found.dropped_at is not None:
        return False
    Delivery.objects.filter(pk=found.pk).update(dropped_at=datetime.now(UTC))
    _written(actor, "delivery_dropped", found)
    return True


@transaction.atomic
def pause_channel(*, actor: User, channel_id: int, reason: str) -> bool:
    """Stops sending on a channel; False if it was stopped already."""
    if not pausing.pause_channel(channel_id=channel_id, reason=reason):
        return False
    agency.record_audit(
        actor=actor,
        action="channel_paused",
        target=f"channel:{channel_id}",
        after={"reason": reason},
    )
    return True


@transaction.atomic
def resume_channel(*, actor: User, channel_id: int) -> bool:
    """Sends again on a channel that was stopped; False if it was not."""
    if not pausing.resume_channel(channel_id=channel_id):
        return False
    agency.record_audit(actor=actor, action="channel_resumed", target=f"channel:{channel_id}")
    return True


@transaction.atomic
def name_channel(*, actor: User, channel_id: int, name: str) -> bool:
    """Gives a channel the name staff know it by; False if it has that name already."""
    row = Channel.objects.select_for_update().filter(pk=channel_id).first()
    if row is None or row.name == name:
        return False
    before, row.name = row.name, name
    row.save(update_fields=["name"])
    agency.record_audit(
        actor=actor,
        action="channel_named",
        target=f"channel:{channel_id}",
        before={"name": before},
        after={"name": name},
    )
    return True


@transaction.atomic
def fetch_file_again(*, actor: User, media_id: str) -> bool:
    """Has a citizen's file that did not come fetched anew; False if it is not one of those."""
    rows = MediaFile.objects.select_for_update().filter(pk=media_id, state__in=MAY_COME)
    row = rows.exclude(provider_id=None).first()
    if row is None:
        return False
    before = row.state
    media.forget_bytes(row)
    row.state, row.error, row.attempts = MediaState.PENDING.value, "", 0
    row.save(update_fields=["state", "error", "attempts", "file", "preview"])
    tasks.fetch_media.defer(media_id=str(row.pk))
    agency.record_audit(
        actor=actor, action="file_asked_again", target=f"file:{row.pk}", before={"state": before}
    )
    if row.conversation is not None:
        live.announce(f"conversation:{row.conversation}", media=str(row.pk))
    return True


def _troubled(delivery_id: int) -> Delivery | None:
    rows = Delivery.objects.select_for_update().filter(status__in=TROUBLED, purpose="message")
    return rows.filter(pk=delivery_id).first()


def _written(actor: User, action: str, delivery: Delivery) -> None:
    agency.record_audit(
        actor=actor,
        action=action,
        target=f"delivery:{delivery.pk}",
        before={"status": delivery.status, "code": delivery.error_code},
    )
    live.announce("alarms")
    if delivery.conversation is not None:
        live.announce(f"conversation:{delivery.conversation}", status=delivery.status)
