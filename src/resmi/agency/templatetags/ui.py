"""Template tags of the design system: `{% load ui %}`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from resmi.agency import durations, trail

register = template.Library()

# A context with this is drawn to be kept, with marks for what is filled in at each use. It gives a
# mark for a word and what that needs (texts without spaces): `moment` here, others elsewhere.
LATER = "drawn_later"

_KINDS = {"success": "healthy", "error": "breach", "warning": "waiting", "info": "info"}
_ICONS = {
    "healthy": "check",
    "breach": "error",
    "waiting": "clock",
    "window": "timer",
    "bot": "bot",
}


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "", large: bool = False) -> SafeString:
    """A picture from `icons.svg`. Without `label` it is decoration, hidden from screen readers."""
    size = " icon--large" if large else ""
    source = f"{static('agency/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon{}" role="img" aria-label="{}"><use href="{}"/></svg>',
            size,
            label,
            source,
        )
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}"/></svg>', size, source
    )


@register.simple_tag
def badge(text: str, kind: str = "plain", symbol: str = "") -> SafeString:
    """A word in a status colour with its icon. `kind`: waiting, window, breach, healthy, bot, …"""
    chosen = symbol or _ICONS.get(kind, "")
    picture = icon(chosen) if chosen else ""
    return format_html('<span class="badge badge--{}">{}{}</span>', kind, picture, text)


@register.simple_tag
def avatar(name: str, kind: str = "", small: bool = False) -> SafeString:
    """Initials in a circle. `kind`: empty for staff, `bot` or `citizen`."""
    classes = "avatar" + (f" avatar--{kind}" if kind else "") + (" avatar--small" if small else "")
    content = icon("bot") if kind == "bot" else initials(name)
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, content)


def initials(name: str) -> str:
    """Up to two letters that stand for a name; Hangul and other unspaced names give one."""
    parts = [part for part in name.split() if part[0].isalnum()]
    return "".join(
        part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)
    ).upper()


@register.simple_tag(takes_context=True)
def ago(
    context: template.Context, at: datetime | None, style: str = "short", limit: int = 0
) -> SafeString:
    """How long since `at`, ticking in the browser; the exact local time is in the title.

    `style`: `short` ("3 min") or `clock` ("3:05"). Past `limit` seconds it is marked as over.
    """
    return _moment(context, "ago", at, style, limit)


@register.simple_tag(takes_context=True)
def until(
    context: template.Context, at: datetime | None, style: str = "short", limit: int = 0
) -> SafeString:
    """How long until `at`, ticking; below `limit` seconds it is marked as soon, at 0 as over."""
    return _moment(context, "until", at, style, limit)


@register.simple_tag(takes_context=True)
def day(context: template.Context, at: datetime | None) -> SafeString:
    """A time of today as `14:30`, another day's with its weekday: `Mon 08:00`."""
    return _moment(context, "day", at, "", 0)


def _moment(
    context: template.Context, way: str, at: datetime | None, style: str, limit: int
) -> SafeString:
    later: Callable[..., SafeString] | None = context.get(LATER)
    if later is None:
        return moment(way, at, style, limit)
    return later("moment", way, at.isoformat() if at else "", style, str(limit))


def moment(way: str, at: datetime | None, style: str, limit: int) -> SafeString:
    """What `ago`, `until` and `day` draw, as it is now."""
    if at is None:
        return format_html('<span class="muted">{}</span>', "—")
    if way == "day":
        return _day(timezone.localtime(at))
    seconds = (timezone.now() - at).total_seconds() * (1 if way == "ago" else -1)
    state = durations.state(way, seconds, limit)
    return format_html(
        '<time datetime="{}" title="{}" data-{}="{}" data-limit="{}" data-state="{}">{}</time>',
        at.isoformat(),
        durations.exact(at),
        way,
        style,
        limit,
        state,
        durations.text(seconds, style),
    )


def _day(local: datetime) -> SafeString:
    is_today = local.date() == timezone.localtime().date()
    words = formats.date_format(local, "H:i" if is_today else "D H:i")
    return format_html('<time class="num" datetime="{}">{}</time>', local.isoformat(), words)


@register.filter
def status_kind(level_tag: str) -> str:
    """The status suffix of a Django message's level."""
    return _KINDS.get(level_tag, "info")


@register.filter
def status_icon(level_tag: str) -> str:
    """The icon of a Django message's level."""
    return _ICONS.get(status_kind(level_tag), "info")


@register.filter
def audit_action(action: str) -> str:
    """What an audited action is called."""
    return trail.word(action)
