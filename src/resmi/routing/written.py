"""Settings as people write them in one box, and back: skills, hours, shifts, holidays. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from resmi.agency.hours import Interval
from resmi.routing import rules
from resmi.routing.agents import Span
from resmi.routing.policy import Holiday

LEVELS = 5
LONGEST_SKILL = 40


def words(text: str) -> tuple[str, ...]:
    """What stands between commas or line ends, each once, in order."""
    parts = (part.strip() for line in text.splitlines() for part in line.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def skills(text: str) -> dict[str, int]:
    """`loans, reports:2` as levels. Raises `ValueError` with the entry that is wrong."""
    found: dict[str, int] = {}
    for word in words(text):
        ((name, level),) = rules.needs_of([word]).items()
        if not name or len(name) > LONGEST_SKILL or " " in name or not 1 <= level <= LEVELS:
            raise ValueError(word)
        found[name] = level
    return found


def skills_text(levels: dict[str, int]) -> str:
    """The inverse of `skills`; level 1 goes without saying."""
    return ", ".join(
        name if level == 1 else f"{name}:{level}" for name, level in sorted(levels.items())
    )


def spans(text: str) -> tuple[str, ...]:
    """`08:00-12:00, 13:00-16:00` as hours. Raises `ValueError` with what is wrong."""
    found = sorted((Interval.parse(word), word) for word in words(text))
    for (before, _), (after, word) in itertools.pairwise(found):
        if after.start < before.end:
            raise ValueError(word)
    return tuple(word for _, word in found)


def shifts(days: Iterable[str]) -> tuple[Span, ...]:
    """Seven texts of hours, Monday first, as an agent's shifts. Raises `ValueError`."""
    return tuple(
        (day, span.start, span.end)
        for day, text in enumerate(days)
        for span in map(Interval.parse, spans(text))
    )


def shifts_texts(found: Iterable[Span]) -> list[str]:
    """The inverse of `shifts`."""
    days: list[list[str]] = [[] for _ in range(7)]
    for day, starts, ends in found:
        days[day].append(f"{_clock(starts)}-{_clock(ends)}")
    return [", ".join(day) for day in days]


def holidays(text: str) -> tuple[Holiday, ...]:
    """One a line: `2026-03-19 Nyepi` or `08-17 Independence Day 08:00-12:00`."""
    return tuple(_holiday(line.split()) for line in text.splitlines() if line.strip())


def _holiday(parts: list[str]) -> Holiday:
    hours = [part for part in parts[1:] if "-" in part and ":" in part]
    name = " ".join(part for part in parts[1:] if part not in hours)
    return Holiday(date=parts[0], name=name, open=spans(",".join(hours)))


def holidays_text(found: Iterable[Holiday]) -> str:
    """The inverse of `holidays`."""
    return "\n".join(" ".join((one.date, one.name, *one.open)).strip() for one in found)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
