"""Stops and restarts sending on a channel that refuses us."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection, transaction

from resmi.agency import live
from resmi.channels.models import Channel


@transaction.atomic
def pause_channel(*, channel_id: int, reason: str) -> bool:
    """Stops sending on a channel until `resume_channel`; False if it was stopped already.

    What is queued stays queued. Supervisors are alarmed.
    """
    paused = Channel.objects.filter(pk=channel_id, paused_at=None).update(
        paused_at=datetime.now(UTC), paused_reason=reason
    )
    if paused:
        live.announce("alarms", channel=channel_id)
    return bool(paused)


@transaction.atomic
def resume_channel(*, channel_id: int) -> bool:
    """Sends again on a channel that was paused; False if it was not."""
    resumed = Channel.objects.filter(pk=channel_id, paused_at__isnull=False).update(
        paused_at=None, paused_reason=""
    )
    if resumed:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('resmi_outbound', '')")
        live.announce("alarms", channel=channel_id)
    return bool(resumed)
