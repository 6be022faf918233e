"""What is measured about the running system. Pure: values only; ages in seconds.

An age is None when there is nothing to be old, or nobody to have been heard of.
"""

from __future__ import annotations

import msgspec


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """Items that came in. `backlog` counts new ones by group of partitions, e.g. `0-7`."""

    oldest_s: float | None = None
    backlog: dict[str, int] = {}
    parked: int = 0
    unparsed: int = 0


class Workers(msgspec.Struct, frozen=True, kw_only=True):
    """Worker processes. `leases` counts partitions by the holder's database process."""

    present: int = 0
    heard_s: float | None = None
    leases: dict[int, int] = {}


class Outbound(msgspec.Struct, frozen=True, kw_only=True):
    """Messages going out. `recent` and `refusals` are of the last deliveries.

    `due_s` is the age of the oldest message that could be sent now; `refusals` counts by error code
    and what it calls for (`channels.rules.ErrorClass`).
    """

    due_s: float | None = None
    sender_heard_s: float | None = None
    recent: dict[str, int] = {}
    refusals: dict[tuple[str, str], int] = {}


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One address citizens write to. `paused` is the reason, empty while it sends.

    `hours` counts its messages in the last hour and in the same hour of each of the seven days
    before, each up to `measuring.ENOUGH`; empty when not measured.
    """

    id: int
    name: str
    paused: str = ""
    hours: tuple[int, ...] = ()


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits live for an agent, and how long they should at most; `target_s` 0: no matter.

    `counted_s` is what of the longest wait counts for the promise; `is_open`: it counts now.
    """

    key: str
    name: str
    waiting: int = 0
    oldest_s: float | None = None
    target_s: int = 60
    counted_s: float | None = None
    is_open: bool = True


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """A list of companies; `age_days` is None before its first import. `trouble` is why its feed
    can't be had."""

    source: str
    age_days: int | None
    stale: bool = False
    trouble: str = ""


class Jobs(msgspec.Struct, frozen=True, kw_only=True):
    """The queue of slow jobs. `failed` counts, by task, what was given up within the last hour."""

    due_s: float | None = None
    heard_s: float | None = None
    failed: dict[str, int] = {}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one database says about its installation at one moment.

    `lacking` names the tables that have no segment for what comes, or had none for what came.
    """

    inbound: Inbound = Inbound()
    workers: Workers = Workers()
    outbound: Outbound = Outbound()
    channels: tuple[Channel, ...] = ()
    queues: tuple[Queue, ...] = ()
    agents: dict[str, int] = {}
    registers: tuple[Register, ...] = ()
    jobs: Jobs = Jobs()
    lacking: tuple[str, ...] = ()


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """A disk of one machine, named by a folder on it; sizes in bytes."""

    host: str
    folder: str
    free: int
    total: int
