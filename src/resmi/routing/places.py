"""When a waiting citizen is told their place again. Pure: honest, and not a nuisance."""

from __future__ import annotations

from datetime import datetime, timedelta


def should_tell(
    *, told: int, told_at: datetime | None, place: int, now: datetime, retell_s: int
) -> bool:
    """True for the first time, and for a place at least a third better after `retell_s` seconds.

    `told`: the place told last, 0: none. A worse place is not told: somebody urgent went ahead, and
    the estimate told before was of its moment.
    """
    if told <= 0 or told_at is None:
        return told <= 0
    if now - told_at < timedelta(seconds=retell_s):
        return False
    return place * 3 <= told * 2
