"""Hands an item that could not be handled to the worker again, after a fix."""

from __future__ import annotations

from django.db import connection, transaction

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.channels.intake import NOTIFY_CHANNEL
from resmi.channels.models import Inbound, InboundStatus

WAITING_FOR_PEOPLE = (InboundStatus.PARKED, InboundStatus.UNPARSED)


@transaction.atomic
def replay_inbound(*, actor: User, inbound_id: int) -> bool:
    """Makes a parked or unparsed item new again and writes down who did; False if it is neither.

    An item without a channel stays: there is nobody to read it for.
    """
    changed = Inbound.objects.filter(
        pk=inbound_id, status__in=WAITING_FOR_PEOPLE, channel__isnull=False
    ).update(status=InboundStatus.NEW, attempts=0)
    if changed:
        agency.record_audit(actor=actor, action="inbound_replayed", target=f"inbound:{inbound_id}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [NOTIFY_CHANNEL])
    return bool(changed)
