"""Template tags of the settings: `{% load settings_tags %}`."""

from __future__ import annotations

from django import template

from resmi.agency import durations

register = template.Library()


@register.filter
def span(seconds: int) -> str:
    """Seconds as people read them: "45 sec", "1:30" when not whole minutes."""
    return durations.span(seconds)
