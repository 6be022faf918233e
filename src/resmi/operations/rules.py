"""When what was measured is alarming. Pure: facts in, conditions out.

A condition that holds opens an alarm under its key; one that no longer holds closes it. Levels:
`urgent` calls somebody (e-mail), `notice` is shown on the floor. All go to the webhook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from resmi.operations.facts import Channel, Disk, Facts, Queue

Level = Literal["urgent", "notice"]

# Seconds. A restart of the only worker or sender takes less than `GONE_S`.
GONE_S = 10.0
STUCK_S = 30.0
BACKLOG_S = 60.0
UNSENT_S = 120.0
JOB_DUE_S = 60.0
JOB_WORKER_S = 30.0
# A wait this many times the target calls somebody.
FAR_BEYOND = 3
LIVELY_MESSAGES = 5
LIVELY_DAYS = 5
GIGABYTE = 1_000_000_000
DISK_LOW = 2 * GIGABYTE
DISK_LOW_SHARE = 0.05
DISK_FULL = GIGABYTE // 2


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Something alarming that holds now. `values` fill the words of its kind."""

    kind: str
    key: str
    level: Level = "urgent"
    values: dict[str, str | int] = {}


def conditions(facts: Facts) -> list[Condition]:
    """Everything alarming in the shared facts; no two have the same key."""
    return [condition for rule in _RULES for condition in rule(facts)]


def disk_conditions(disks: Sequence[Disk]) -> list[Condition]:
    """The disks of one machine that are filling up."""
    return [
        Condition(
            kind="disk_low",
            key=f"disk_low:{disk.host}:{disk.folder}",
            level="urgent" if disk.free < DISK_FULL else "notice",
            values={"host": disk.host, "folder": disk.folder, "free_mb": disk.free // 1_000_000},
        )
        for disk in disks
        if disk.free < min(DISK_LOW, disk.total * DISK_LOW_SHARE) or disk.free < DISK_FULL
    ]


def _workers(facts: Facts) -> Iterator[Condition]:
    """New items lie there: nobody works, or somebody does nothing, or it is too much."""
    age, workers = facts.inbound.oldest_s, facts.workers
    if age is None or age < GONE_S:
        return
    values: dict[str, str | int] = {
        "seconds": round(age),
        "waiting": sum(facts.inbound.backlog.values()),
    }
    if not workers.present:
        yield Condition(kind="worker_gone", key="worker", values=values)
    elif workers.heard_s is not None and min(age, workers.heard_s) > STUCK_S:
        yield Condition(kind="worker_idle", key="worker", values=values)
    elif age > BACKLOG_S:
        yield Condition(kind="inbound_backlog", key="worker", values=values)


def _parked(facts: Facts) -> Iterator[Condition]:
    count = facts.inbound.parked + facts.inbound.unparsed
    if count:
        yield Condition(kind="inbound_parked", key="inbound_parked", values={"count": count})


def _sender(facts: Facts) -> Iterator[Condition]:
    age, heard = facts.outbound.due_s, facts.outbound.sender_heard_s
    if age is None or age < GONE_S:
        return
    values: dict[str, str | int] = {"seconds": round(age)}
    if heard is None:
        yield Condition(kind="sender_gone", key="sender", values=values)
    elif min(age, heard) > STUCK_S:
        yield Condition(kind="sender_idle", key="sender", values=values)
    elif age > UNSENT_S:
        yield Condition(kind="outbound_backlog", key="sender", values=values)


def _channels(facts: Facts) -> Iterator[Condition]:
    is_behind = (facts.inbound.oldest_s or 0.0) > BACKLOG_S
    for channel in facts.channels:
        if channel.paused:
            yield Condition(
                kind="channel_paused",
                key=f"channel_paused:{channel.id}",
                values={"channel": channel.name, "reason": channel.paused},
            )
        if is_silent(channel) and not is_behind:
            yield Condition(
                kind="channel_silent",
                key=f"channel_silent:{channel.id}",
                values={"channel": channel.name},
            )


def is_silent(channel: Channel) -> bool:
    """Whether nobody wrote for an hour that on most days of the week before was lively."""
    if not channel.hours:
        return False
    last, *before = channel.hours
    return last == 0 and sum(count >= LIVELY_MESSAGES for count in before) >= LIVELY_DAYS


def _queues(facts: Facts) -> Iterator[Condition]:
    """Waits beyond the promise, while somebody is meant to be there."""
    for queue in facts.queues:
        counted = queue.counted_s if queue.is_open and queue.target_s else None
        if counted is not None and counted > queue.target_s:
            yield _late(queue, counted)


def _late(queue: Queue, counted: float) -> Condition:
    return Condition(
        kind="waiting_long",
        key=f"waiting_long:{queue.key}",
        level="urgent" if counted > FAR_BEYOND * queue.target_s else "notice",
        values={
            "queue": queue.name,
            "key": queue.key,
            "waiting": queue.waiting,
            "seconds": round(queue.oldest_s or counted),
        },
    )


def _registers(facts: Facts) -> Iterator[Condition]:
    for register in facts.registers:
        if register.stale:
            yield Condition(
                kind="register_stale",
                key=f"register_stale:{register.source}",
                values={
                    "source": register.source,
                    "days": -1 if register.age_days is None else register.age_days,
                },
            )
        if register.trouble:
            yield Condition(
                kind="list_unfetched",
                key=f"list_unfetched:{register.source}",
                level="notice",
                values={"source": register.source, "trouble": register.trouble},
            )


def _jobs(facts: Facts) -> Iterator[Condition]:
    jobs = facts.jobs
    if (jobs.due_s or 0.0) > JOB_DUE_S and (jobs.heard_s is None or jobs.heard_s > JOB_WORKER_S):
        yield Condition(kind="jobs_gone", key="jobs", values={"seconds": round(jobs.due_s or 0)})
    if jobs.failed:
        yield Condition(
            kind="jobs_failing",
            key="jobs_failing",
            level="notice",
            values={"count": sum(jobs.failed.values()), "tasks": ", ".join(sorted(jobs.failed))},
        )


def _segments(facts: Facts) -> Iterator[Condition]:
    if facts.lacking:
        yield Condition(
            kind="segments_behind",
            key="segments_behind",
            level="notice",
            values={"tables": ", ".join(facts.lacking)},
        )


_RULES: tuple[Callable[[Facts], Iterator[Condition]], ...] = (
    _workers,
    _parked,
    _sender,
    _channels,
    _queues,
    _registers,
    _jobs,
    _segments,
)
