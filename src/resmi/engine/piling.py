"""A citizen who writes faster than anybody reads: how the pile is told and what is kept. Pure."""

from __future__ import annotations

from datetime import datetime

MOST = 20
DRAINS_PER_S = MOST / 60.0
NEWEST = 3


def level(before: float, last: datetime | None, now: datetime) -> float:
    """How high the pile is with one message more; it shrinks by `MOST` a minute.

    `last` is when the one before was sent: what only waited for us is no pile. Twice `MOST` is the
    highest, so that a pile, however high, is forgotten within two minutes.
    """
    passed = max(0.0, (now - last).total_seconds()) if last else 0.0
    return min(2.0 * MOST, max(0.0, before - passed * DRAINS_PER_S) + 1.0)


def is_pile(level_now: float, *, was: bool) -> bool:
    """Whether messages are answered together: from `MOST` on until half of it is left."""
    return level_now > (MOST / 2 if was else MOST)
