"""Reads of the agency room."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

import msgspec
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from resmi.agency.models import AgencyPolicy, AuditEntry, User
from resmi.agency.policy import Policy

_CHECK_EVERY_S = 1.0
PEOPLE = 50
_DIGITS = 19  # what has fewer fits the column


class _Cache:
    held = Policy()
    checked_at = 0.0


def policy() -> Policy:
    """The policy in force, read at most once a second by a process."""
    now = time.monotonic()
    if not _Cache.checked_at or now - _Cache.checked_at >= _CHECK_EVERY_S:
        newest = AgencyPolicy.objects.order_by("-id").values_list("data", flat=True).first()
        _Cache.held = msgspec.convert(newest, Policy) if newest else Policy()
        _Cache.checked_at = now
    return _Cache.held


def forget() -> None:
    """Makes the next `policy` ask the database."""
    _Cache.checked_at = 0.0


def assume(held: Policy) -> None:
    """Takes a policy for granted until `forget`; for tests, which count queries."""
    _Cache.held, _Cache.checked_at = held, float("inf")


def staff(search: str = "", *, inactive: bool = True) -> QuerySet[User]:
    """Accounts by name; `search` looks in name and e-mail address."""
    rows = User.objects.order_by("name", "id")
    if not inactive:
        rows = rows.filter(is_active=True)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return rows


def names(accounts: set[str]) -> dict[str, str]:
    """What accounts are called, by number; what is no number has no name."""
    numbers = [int(one) for one in accounts if one.isdecimal() and len(one) < _DIGITS]
    return {
        str(pk): name for pk, name in User.objects.filter(pk__in=numbers).values_list("pk", "name")
    }


def audit(
    search: str = "", *, action: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[AuditEntry]:
    """Audit entries, newest first, of the days from `since` to `until` (in the current time zone).

    `search` is a target, whole or its beginning, or part of the name or address of who did it.
    """
    rows = AuditEntry.objects.select_related("actor").order_by("-id")
    if action:
        rows = rows.filter(action=action)
    if search:
        people = User.objects.filter(Q(name__icontains=search) | Q(email__icontains=search))
        known = list(people.values_list("pk", flat=True)[:PEOPLE])
        targets = [search, *(f"account:{one}" for one in known)]
        rows = rows.filter(Q(target__in=targets) | Q(actor_id__in=known) | _begins(search))
    if since:
        rows = rows.filter(at__gte=_midnight(since))
    if until:
        rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
    return rows


def _begins(search: str) -> Q:
    """A kind of target, such as `conversation:`; searching every row for less would take long."""
    return Q(target__startswith=search) if search.endswith(":") else Q()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


_ACTIONS = """
    WITH RECURSIVE one AS (
        (SELECT action FROM agency_auditentry ORDER BY action LIMIT 1)
        UNION ALL
        SELECT (SELECT e.action FROM agency_auditentry e WHERE e.action > one.action
                ORDER BY e.action LIMIT 1) FROM one WHERE one.action IS NOT NULL)
    SELECT action FROM one WHERE action IS NOT NULL
"""


def audit_actions() -> list[str]:
    """The actions that occur in the trail, for the filter: one look into the index for each."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIONS)
        return [action for (action,) in cursor.fetchall()]
