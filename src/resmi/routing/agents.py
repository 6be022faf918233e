"""What is set for one agent, as a value. Pure."""

from __future__ import annotations

import msgspec

from resmi.routing.rules import CAPACITY

Span = tuple[int, int, int]
"""A weekly shift: weekday from Monday 0, begin and end in minutes after local midnight."""


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Skills with levels (1 = basic), queue keys (none: all), units of capacity, weekly shifts."""

    skills: dict[str, int] = {}
    queues: tuple[str, ...] = ()
    capacity: int = CAPACITY
    shifts: tuple[Span, ...] = ()
