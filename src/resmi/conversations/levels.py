"""A day on the floor by quarter hours. Pure: what came of each hand-over, counted.

A hand-over is answered when an agent first writes after it: in target when that took no longer than
the queue promises, counted while it is open, else late. It is abandoned when the conversation
closed with no agent's answer, whoever closed it. Those still open are late once the promise broke,
and count for nothing before. Who asked to be called back, or went back to the bot, before an answer
is apart: no promise runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import msgspec

from resmi.agency.open_time import ALWAYS, OpenTime

QUARTER = timedelta(minutes=15)


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """A citizen who came to `queue` at `at` (aware), and when an agent answered or it closed.

    `apart_at`: when they asked to be called back, or went back to the bot.
    """

    conversation: int
    queue: str
    at: datetime
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    apart_at: datetime | None = None


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many arrived, and what became of them. `late` missed the promise without closing."""

    arrived: int = 0
    in_target: int = 0
    late: int = 0
    abandoned: int = 0

    @property
    def percent(self) -> int | None:
        """Answered in target, of all whose fate is known; None without any."""
        return self._share(self.in_target)

    @property
    def abandoned_percent(self) -> int | None:
        """Abandoned, of all whose fate is known; None without any."""
        return self._share(self.abandoned)

    def _share(self, some: int) -> int | None:
        known = self.in_target + self.late + self.abandoned
        return round(100 * some / known) if known else None


def fate(one: HandOver, target_s: int, now: datetime, time: OpenTime = ALWAYS) -> str:
    """`in_target`, `late`, `abandoned`, `apart`, or `open`: still waiting within the promise.

    The promise counts in `time`.
    """
    due = time.due(one.at, target_s) if target_s > 0 else None
    answered = one.answered_at
    if one.apart_at is not None and (answered is None or one.apart_at < answered):
        return "apart"
    if answered is not None:
        return "in_target" if due is None or answered <= due else "late"
    if one.closed_at is not None:
        return "abandoned"
    return "late" if due is not None and now > due else "open"


Times = Mapping[str, OpenTime]
"""In which time promises count, by queue; not named: always."""


def count(
    hand_overs: Iterable[HandOver],
    targets: Mapping[str, int],
    now: datetime,
    times: Times = MappingProxyType({}),
) -> Count:
    """All of them together; `targets` are seconds by queue, 0 or none: no promise."""
    fates = [
        fate(one, targets.get(one.queue, 0), now, times.get(one.queue, ALWAYS))
        for one in hand_overs
    ]
    return Count(
        arrived=len(fates),
        in_target=fates.count("in_target"),
        late=fates.count("late"),
        abandoned=fates.count("abandoned"),
    )


def by_queue(
    hand_overs: Iterable[HandOver],
    targets: Mapping[str, int],
    now: datetime,
    times: Times = MappingProxyType({}),
) -> dict[str, Count]:
    """The count of each queue of `targets`, also of those nobody came to."""
    sorted_out: dict[str, list[HandOver]] = {key: [] for key in targets}
    for one in hand_overs:
        sorted_out.setdefault(one.queue, []).append(one)
    return {key: count(some, targets, now, times) for key, some in sorted_out.items()}


def quarter_of(at: datetime) -> datetime:
    """When the quarter hour of a moment began, in the moment's own time zone."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
