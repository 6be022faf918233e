"""What operators decide about channels and about messages that did not surely arrive."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from resmi.agency import live
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.channels import pausing, services
from resmi.channels.models import Delivery, DeliveryStatus

TROUBLED = (DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN)


@transaction.atomic
def resend_delivery(*, actor: User, delivery_id: int) -> bool:
    """Queues a failed or unknown message again; False if it is neither (any more).

    An unknown one may reach the citizen twice: that is the operator's decision, and written down.
    """
    found = _troubled(delivery_id)
    if found is None or not services.retry_delivery(found.ref):
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
