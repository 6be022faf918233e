"""How long files are kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.conf import settings

from resmi.channels import media
from resmi.channels.models import MediaFile, MediaState

AT_ONCE = 500


def remove_old(now: datetime | None = None, *, spared: Collection[int] = ()) -> int:
    """Deletes the bytes of files older than the settings keep them; how many.

    The message stays and says so. A file whose bytes can't be deleted now is tried again next time.
    Those of the conversations `spared` stay.
    """
    if not settings.MEDIA_KEEP_DAYS:
        return 0
    before = (now or datetime.now(UTC)) - timedelta(days=settings.MEDIA_KEEP_DAYS)
    kept = (MediaState.STORED, MediaState.QUARANTINE)
    old = MediaFile.objects.filter(state__in=kept, created_at__lt=before)
    if spared:
        old = old.exclude(conversation__in=spared)
    removed = 0
    for row in old.order_by("created_at")[:AT_ONCE]:
        media.forget_bytes(row)
        row.state = MediaState.REMOVED.value
        row.save(update_fields=["state", "file", "preview"])
        removed += 1
    return removed
