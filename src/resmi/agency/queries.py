"""Reads of the agency room."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from resmi.agency.models import AuditEntry, User


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
