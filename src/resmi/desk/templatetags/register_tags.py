"""Template tags of the register's screens: `{% load register_tags %}`."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from resmi.desk.register import naming
from resmi.desk.templatetags.desk_tags import Said
from resmi.registry.models import FalseAnswer, Staged

register = template.Library()
_DAY, _DAYS = "j M Y", {"ko": "Y. n. j."}


@register.filter
def day(value: date | str | None) -> str:
    """A day, or one written as 2026-11-19, in the order of the reader's language."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return str(value)
    return date_format(value, _DAYS.get(get_language() or "", _DAY)) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """A day and the time, where we are."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{day(local)} {date_format(local, 'H:i')}"


@register.filter
def field_word(name: str) -> str:
    """What a column of the register is called."""
    return str(naming.FIELDS.get(name, name))


@register.simple_tag
def entity_status(status: str) -> Said:
    """How an entity's status is called."""
    word, tone, icon = naming.STATUS.get(status, (status, "plain", "info"))
    return Said(icon, str(word), tone)


@register.simple_tag
def moment_word(kind: str) -> Said:
    """How something that happened to an entity is called."""
    word, icon = naming.MOMENTS.get(kind, (kind, "info"))
    return Said(icon, str(word), "")


@register.simple_tag
def staged_state(staged: Staged) -> Said:
    """Where an import stands."""
    tone, icon = naming.STATES.get(staged.state, ("plain", "info"))
    return Said(icon, str(staged.get_state_display()), tone)


@register.filter
def status_field(name: str, value: str) -> str:
    """A value as people read it: a status in words, everything else as it is."""
    if name == "status" and value in naming.STATUS:
        return str(naming.STATUS[value][0])
    return value


@register.filter
def entity_url(external_id: str) -> str:
    """The page of an entity."""
    return f"{reverse('desk:entity')}?{urlencode({'id': external_id})}"


@register.filter
def percent_of(part: int, whole: int) -> int:
    """A share, rounded; 0 of nothing."""
    return round(100 * part / whole) if whole else 0


@register.filter
def times(factor: float) -> str:
    """A factor as people say it: 4×, 1.5×."""
    return f"{factor:.1f}×".replace(".0×", "×")


@register.simple_tag
def open_reports() -> int:
    """How many reports of false answers nobody has decided."""
    return FalseAnswer.objects.filter(outcome="").count()
