"""Reads of the agency room."""

from __future__ import annotations

import time

import msgspec
from django.db.models import Q, QuerySet

from resmi.agency.models import AgencyPolicy, AuditEntry, User
from resmi.agency.policy import Policy

_CHECK_EVERY_S = 1.0


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


def audit(search: str = "", *, action: str = "") -> QuerySet[AuditEntry]:
    """Audit entries, newest first; `search` looks in the target and in who did it."""
    rows = AuditEntry.objects.select_related("actor").order_by("-at", "-id")
    if action:
        rows = rows.filter(action=action)
    if search:
        rows = rows.filter(
            Q(target__icontains=search)
            | Q(action__icontains=search)
            | Q(actor__name__icontains=search)
            | Q(actor__email__icontains=search)
        )
    return rows


def audit_actions() -> list[str]:
    """The actions that occur in the trail, for the filter."""
    return list(AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct())
