"""When something laid aside comes back: the moments one key chooses, in the agent's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

AFTERNOON = 15
MORNING = 8
EVENING = 17
FARTHEST = timedelta(days=90)


@dataclass(frozen=True)
class Preset:
    """A choice: `key` comes back with the form; `at` (UTC) is None for the citizen's answer."""

    key: str
    at: datetime | None = None


def presets(now: datetime, zone: ZoneInfo) -> tuple[Preset, ...]:
    """What is offered at `now`: the afternoon only while it is at least half an hour away."""
    local = now.astimezone(zone)
    afternoon = local.replace(hour=AFTERNOON, minute=0, second=0, microsecond=0)
    found = [Preset("hour", now + timedelta(hours=1))]
    if afternoon - local >= timedelta(minutes=30):
        found.append(Preset("afternoon", afternoon.astimezone(UTC)))
    found.append(Preset("tomorrow", _morning(local, days=1)))
    if local.weekday() in (3, 4, 5):
        found.append(Preset("monday", _morning(local, days=7 - local.weekday())))
    return (*found, Preset("reply"))


def _morning(local: datetime, *, days: int) -> datetime:
    day = local.date() + timedelta(days=days)
    morning = datetime(day.year, day.month, day.day, MORNING, tzinfo=local.tzinfo)
    return morning.astimezone(UTC)


def proposed(now: datetime, zone: ZoneInfo) -> datetime:
    """The time (UTC) that stands in the field of one's own choice: the next end of the day.

    One that is past would hold the whole form back, whatever else is chosen in it.
    """
    local = now.astimezone(zone)
    evening = datetime(local.year, local.month, local.day, EVENING, tzinfo=zone)
    if evening <= now:
        day = local.date() + timedelta(days=1)
        evening = datetime(day.year, day.month, day.day, EVENING, tzinfo=zone)
    return evening.astimezone(UTC)


def chosen(key: str, typed: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment (UTC) of a preset, or of a local time typed as `2026-11-22T14:30`.

    Raises `ValueError` for anything else, and for a time past or farther than three months.
    """
    for preset in presets(now, zone):
        if preset.key == key:
            return preset.at
    if key == "afternoon":
        raise ValueError("past")
    if key != "time":
        raise ValueError(key)
    at = datetime.fromisoformat(typed)
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    if not now < at <= now + FARTHEST:
        raise ValueError(typed)
    return at.astimezone(UTC)
