"""Reads of the room."""

from __future__ import annotations

from django.db.models import Case, IntegerField, QuerySet, Value, When

from resmi.operations.models import Alarm


def open_alarms() -> QuerySet[Alarm]:
    """What is alarming now, urgent first, then oldest first."""
    urgency = Case(
        When(level="urgent", then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return Alarm.objects.filter(closed_at=None).order_by(urgency, "opened_at", "id")
