"""What the audit trail calls queues, channels, breaks and the like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from resmi.agency.models import AuditEntry
from resmi.bot import naming
from resmi.channels.models import Channel
from resmi.contacts.models import AttributeKind
from resmi.desk import standing, wording
from resmi.desk.numbers import whole_number
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


def channels(numbers: set[str]) -> dict[str, str]:
    """What channels are called."""
    return _called(Channel.objects.all(), numbers)


def attributes(numbers: set[str]) -> dict[str, str]:
    """What is noted of citizens, as the agency calls it."""
    return _called(AttributeKind.objects.all(), numbers)


def _called(rows: QuerySet[Any], numbers: set[str]) -> dict[str, str]:
    wanted = {number for one in numbers if (number := whole_number(one))}
    return {str(pk): name for pk, name in rows.filter(pk__in=wanted).values_list("pk", "name")}


def presences(statuses: set[str]) -> dict[str, str]:
    """How agents' presence is called."""
    return {one: str(wording.PRESENCE[one][0]) for one in statuses if one in wording.PRESENCE}


def breaks(keys: set[str]) -> dict[str, str]:
    """What breaks are called; one taken off the list keeps its key."""
    known = standing.reasons(get_language() or "en")
    return {one.key: one.name for one in known if one.key in keys}


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
