"""Service levels of a queue: which promise is running, when it is due, when to warn. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

Kind = Literal["first_response", "next_response", "resolution"]
KINDS: tuple[Kind, ...] = ("first_response", "next_response", "resolution")
WARN_AT = 0.8


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """A queue's promises in seconds; 0: none."""

    first_response_s: int = 0
    next_response_s: int = 0
    resolution_s: int = 0


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What a conversation went through, as aware UTC times.

    `asked_at`: handed to people; `answered_at`: an agent's first message after that;
    `unanswered_since`: the first citizen message an agent has not answered yet; `paused`: snoozed
    or a call-back was agreed, nothing runs.
    """

    asked_at: datetime | None = None
    answered_at: datetime | None = None
    unanswered_since: datetime | None = None
    closed_at: datetime | None = None
    paused: bool = False


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A running promise: warn at `warn_at`, broken after `due_at`."""

    kind: Kind
    warn_at: datetime
    due_at: datetime


def clocks(course: Course, targets: Targets) -> tuple[Clock, ...]:
    """The promises that run now, the soonest due first."""
    if course.asked_at is None or course.closed_at is not None or course.paused:
        return ()
    found: list[Clock] = []
    if course.answered_at is None:
        _add(found, "first_response", course.asked_at, targets.first_response_s)
    elif course.unanswered_since is not None:
        _add(found, "next_response", course.unanswered_since, targets.next_response_s)
    _add(found, "resolution", course.asked_at, targets.resolution_s)
    return tuple(sorted(found, key=lambda clock: (clock.due_at, clock.kind)))


def _add(found: list[Clock], kind: Kind, since: datetime, target_s: int) -> None:
    if target_s > 0:
        found.append(
            Clock(
                kind=kind,
                warn_at=since + timedelta(seconds=target_s * WARN_AT),
                due_at=since + timedelta(seconds=target_s),
            )
        )


def standing(clock: Clock, now: datetime) -> Literal["running", "warned", "breached"]:
    """How a promise stands at `now`."""
    if now >= clock.due_at:
        return "breached"
    return "warned" if now >= clock.warn_at else "running"


def next_wake(
    running: tuple[Clock, ...], now: datetime, said: frozenset[str] = frozenset()
) -> datetime | None:
    """When to look again: the next warning or breach not said yet (`said`: `kind:standing`).

    Nobody is warned of a promise that broke already.
    """
    moments = [
        at
        for clock in running
        for at, word in ((clock.warn_at, "warned"), (clock.due_at, "breached"))
        if f"{clock.kind}:{word}" not in said
        and (word == "breached" or (now < clock.due_at and f"{clock.kind}:breached" not in said))
    ]
    return min((max(at, now) for at in moments), default=None)
