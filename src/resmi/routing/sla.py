"""Service levels of a queue: which promise is running, when it is due, when to warn. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec

from resmi.agency.open_time import ALWAYS, OpenTime

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
    or a call-back was agreed, nothing runs; `pauses` are the times this was so, in order.
    """

    asked_at: datetime | None = None
    answered_at: datetime | None = None
    unanswered_since: datetime | None = None
    closed_at: datetime | None = None
    paused: bool = False
    pauses: tuple[tuple[datetime, datetime], ...] = ()


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A running promise: warn at `warn_at`, broken after `due_at`; None: it opens no more."""

    kind: Kind
    warn_at: datetime | None
    due_at: datetime | None


def clocks(course: Course, targets: Targets, time: OpenTime = ALWAYS) -> tuple[Clock, ...]:
    """The promises that run now, the soonest due first; they count in `time`."""
    if course.asked_at is None or course.closed_at is not None or course.paused:
        return ()
    wanted: list[tuple[Kind, datetime, int]] = []
    if course.answered_at is None:
        wanted.append(("first_response", course.asked_at, targets.first_response_s))
    elif course.unanswered_since is not None:
        wanted.append(("next_response", course.unanswered_since, targets.next_response_s))
    wanted.append(("resolution", course.asked_at, targets.resolution_s))
    found = [_clock(kind, since, s, course, time) for kind, since, s in wanted if s > 0]
    return tuple(sorted(found, key=lambda clock: (clock.due_at or _NEVER, clock.kind)))


_NEVER = datetime.max.replace(tzinfo=UTC)


def _clock(kind: Kind, since: datetime, target_s: int, course: Course, time: OpenTime) -> Clock:
    due_at = _due(since, target_s, course.pauses, time)
    if due_at is None:
        return Clock(kind=kind, warn_at=None, due_at=None)
    return Clock(
        kind=kind, warn_at=_due(since, target_s * WARN_AT, course.pauses, time), due_at=due_at
    )


def _due(
    since: datetime,
    target_s: float,
    pauses: tuple[tuple[datetime, datetime], ...],
    time: OpenTime,
) -> datetime | None:
    """When the promise breaks, as nothing passes during the pauses."""
    left = target_s
    for begin, end in pauses:
        if end <= since:
            continue
        passed = time.elapsed_s(since, begin)
        if passed >= left:
            break
        left, since = left - passed, end
    return time.due(since, left)


def standing(clock: Clock, now: datetime) -> Literal["running", "warned", "breached"]:
    """How a promise stands at `now`."""
    if clock.due_at is None or clock.warn_at is None:
        return "running"
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
        if at is not None
        and clock.due_at is not None
        and f"{clock.kind}:{word}" not in said
        and (word == "breached" or (now < clock.due_at and f"{clock.kind}:breached" not in said))
    ]
    return min((max(at, now) for at in moments), default=None)
