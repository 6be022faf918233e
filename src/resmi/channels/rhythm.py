"""How far apart loops begin that carry whatever came meanwhile. Pure.

A turn of such a loop costs about the same however much it carries: many small turns wear the
machine out, and few large ones let people wait. So the next turn waits by what the last one
carried: one that carried little is followed at once.
"""

from __future__ import annotations


def pause_s(carried: int, *, each_s: float, most_s: float) -> float:
    """How long after its begin a turn that carried so many is followed by the next, in seconds."""
    return min(most_s, (carried + 1) * each_s)
