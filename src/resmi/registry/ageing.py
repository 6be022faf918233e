"""When a list is old: one rule for the floor, the watchman and the doctor. Pure."""

from __future__ import annotations

from datetime import date


def known_of(as_of: date | None, verified_on: date | None) -> date | None:
    """The newest day for which we know what the list says; None when it was never there.

    `as_of` is the list's own date, `verified_on` when its publisher last showed us the same list.
    """
    if as_of is None:
        return None
    return max(as_of, verified_on or as_of)


def is_stale(known: date | None, today: date, stale_days: int) -> bool:
    """Whether a list is older than its agency wants to answer from, or was never there."""
    return known is None or (today - known).days > stale_days
