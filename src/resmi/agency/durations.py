"""Durations and times as people read them, in the language and zone that are active.

The browser ticks the same texts (`ago.js`): both take their words from CLDR.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_datetime
from babel.units import format_unit
from django.utils import timezone, translation

_UNITS = ((86_400, "duration-day"), (3_600, "duration-hour"), (60, "duration-minute"))
_MINUTE = 60


def text(seconds: float, style: str = "short") -> str:
    """`short`: the largest whole unit ("3 min"); `clock`: "3:05" or "1:03:05". Never negative."""
    whole = max(0, int(seconds))
    if style == "clock":
        return clock(whole)
    for size, unit in _UNITS:
        if whole >= size:
            return _said(whole // size, unit, _language())
    return _said(whole, "duration-second", _language())


@lru_cache(maxsize=2048)  # a list says the same few durations again and again
def _said(count: int, unit: str, language: str) -> str:
    return format_unit(count, unit, length="short", locale=_locale(language))


def span(seconds: int) -> str:
    """A set time, nothing of it cut off: "45 sec", "90 min"; "1:30" when not whole minutes."""
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return _said(seconds // size, unit, _language())
    return text(seconds, "short" if seconds < _MINUTE else "clock")


def clock(seconds: int) -> str:
    """Minutes and seconds, with hours in front when there are any."""
    hours, rest = divmod(seconds, 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def exact(at: datetime) -> str:
    """The date and time to the second, in the active time zone."""
    zone = timezone.get_current_timezone()
    return format_datetime(at, "medium", tzinfo=zone, locale=_locale(_language()))


def state(way: str, seconds: float, limit: int) -> str:
    """`over`, `soon` or empty: what the colour of a ticking time says."""
    if way == "until":
        if seconds <= 0:
            return "over"
        return "soon" if limit and seconds < limit else ""
    return "over" if limit and seconds > limit else ""


def _language() -> str:
    return translation.get_language() or "en"


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")
