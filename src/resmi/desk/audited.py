"""What the audit trail calls queues."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from resmi.agency.models import AuditEntry
from resmi.bot import naming
from resmi.routing import queries


def queues(keys: set[str]) -> dict[str, str]:
    """Names of queues as they are called now; a deleted one goes by its last name, and says so."""
    now = queries.in_force().queues
    there = naming.names(now[key] for key in keys if key in now)
    gone = keys - there.keys()
    if not gone:
        return there
    last = _last_names(gone)
    said = {key: naming.named(key, last.get(key, key)) for key in gone}
    return {**there, **{key: _("%(name)s (deleted)") % {"name": said[key]} for key in gone}}


def _last_names(keys: Iterable[str]) -> dict[str, str]:
    """The names deleted queues had, by key: as the trail itself remembers them."""
    rows = (
        AuditEntry.objects.filter(target__in=[f"queue:{key}" for key in keys])
        .annotate(called=Coalesce(KT("after__name"), KT("before__name")))
        .filter(called__isnull=False)
        .order_by("target", "-at", "-id")
        .distinct("target")
    )
    return {
        target.removeprefix("queue:"): name for target, name in rows.values_list("target", "called")
    }
