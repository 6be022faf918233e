"""Dates, waits and names in the citizen's language, built from the pack's own words. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from resmi.bot.schema import Pack

_LOCALES = {"en": "en_GB"}
_MARKUP = re.compile(r"[*_~`\u0000-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_LONGEST_NAME = 80


@lru_cache(maxsize=1024)  # names of one answer are shown in several places
def plain(text: str, limit: int = _LONGEST_NAME) -> str:
    """A name as it may stand in a message: one line, no formatting marks, at most `limit`."""
    line = " ".join(_MARKUP.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def date_words(iso: str, language: str) -> str:
    """An ISO date in words; anything else as it is."""
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return plain(iso)
    return _long_date(day, language)


def moment_words(pack: Pack, language: str, at: datetime | None, now: datetime) -> str:
    """When something happens, as people say it: "tomorrow (Tuesday) at 08:00"; "" for None."""
    if at is None:
        return ""
    zone = ZoneInfo(pack.hours.zone)
    there = at.astimezone(zone)
    days = (there.date() - now.astimezone(zone).date()).days
    key = {0: "when_today", 1: "when_tomorrow"}.get(days, "when_day")
    return pack.replies[language][key].render(
        {
            "weekday": _weekday(there.date(), language),
            "date": _day_and_month(there.date(), language),
            "time": _clock(there.hour, there.minute, language),
            "zone": pack.zone_names[language],
        }
    )


def wait_words(pack: Pack, language: str, wait_s: Any) -> str:
    """An estimated wait (seconds) in words; the pack's words for "not known" without one."""
    known = isinstance(wait_s, int | float) and 0 < wait_s < 100 * 3600
    minutes = -(-int(wait_s) // 60) if known else 0
    if not minutes:
        return pack.replies[language]["wait_unknown"].render({})
    if minutes <= 90:
        return pack.replies[language]["wait_minutes"].render({"minutes": minutes})
    return pack.replies[language]["wait_hours"].render({"hours": round(minutes / 60)})


def term(pack: Pack, language: str, text: str) -> str:
    """What the register says (a source, a scope) in the citizen's language, if the pack knows.

    Parts set apart by "; " (several sources) are looked up one by one.
    """
    parts = text.split("; ")
    return "; ".join(
        pack.terms.get(part, {}).get(language, "") or plain(part, 200) for part in parts
    )


@lru_cache(maxsize=2048)
def _long_date(day: date, language: str) -> str:
    return format_date(day, format="long", locale=_LOCALES.get(language, language))


@lru_cache(maxsize=2048)
def _day_and_month(day: date, language: str) -> str:
    pattern = "M월 d일" if language == "ko" else "d MMMM"
    return format_date(day, format=pattern, locale=_LOCALES.get(language, language))


@lru_cache(maxsize=64)
def _weekday(day: date, language: str) -> str:
    return format_date(day, format="EEEE", locale=_LOCALES.get(language, language))


@lru_cache(maxsize=2048)
def _clock(hour: int, minute: int, language: str) -> str:
    if language == "ko":  # CLDR's short form ("AM 8:00") is not what people write
        half = "오전" if hour < 12 else "오후"
        return f"{half} {hour % 12 or 12}시" + (f" {minute}분" if minute else "")
    return format_time(time(hour, minute), format="short", locale=_LOCALES.get(language, language))
