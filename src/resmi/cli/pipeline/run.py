"""One measurement: a database of its own, the real processes, load on one side, a sink behind."""

from __future__ import annotations

import asyncio
import math
import time

import msgspec
import psutil
import uvloop

from resmi.cli.pipeline import names, rig
from resmi.cli.pipeline.load import Load
from resmi.cli.pipeline.rig import Wish as Wish
from resmi.cli.pipeline.sink import Sink

WARM_UP_S = 3.0


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came out. Times in milliseconds, memory in MiB; percentiles are None without data."""

    offered_per_s: float
    answered_per_s: float
    asked: int
    answered: int
    lost: int
    duplicates: int
    refused_posts: int
    ack_p50_ms: float | None
    ack_p99_ms: float | None
    reply_p50_ms: float | None
    reply_p99_ms: float | None
    cpu_seconds: dict[str, float]
    peak_rss_mb: dict[str, float]


def measure(wish: Wish) -> Result:
    """Runs it all in a temporary folder; nothing stays behind."""
    with rig.house(wish.companies) as built:
        return uvloop.run(_measure(wish, built))


async def _measure(wish: Wish, built: rig.House) -> Result:
    async with rig.running(built, wish) as going:
        return await _load(wish, going.sink, going.hook, built.postmaster())


async def _load(wish: Wish, sink: Sink, url: str, postmaster: int) -> Result:
    known = list(names.names(wish.companies))
    warm_up = Load(url, rig.SECRET, sink, known, wish.citizens)
    await warm_up.run(min(wish.rate, 50.0), WARM_UP_S, 30.0)
    sink.duplicates = 0
    meter = Meter(postmaster)
    load = Load(url, rig.SECRET, sink, known, wish.citizens)
    ticking = asyncio.create_task(meter.run())
    begin = time.perf_counter()
    await load.run(wish.rate, wish.seconds, wish.settle_s)
    ticking.cancel()
    return _result(wish, load, sink, meter, begin)


def _result(wish: Wish, load: Load, sink: Sink, meter: Meter, begin: float) -> Result:
    took = [sink.arrived[key] - at for key, at in load.sent.items() if key in sink.arrived]
    last = max((sink.arrived[key] for key in load.sent if key in sink.arrived), default=begin)
    span = max(wish.seconds, last - begin)
    return Result(
        offered_per_s=round(len(load.sent) / wish.seconds, 1),
        answered_per_s=round(len(took) / span, 1),
        asked=len(load.sent),
        answered=len(took),
        lost=len(load.sent) - len(took),
        duplicates=sink.duplicates,
        refused_posts=load.refused,
        ack_p50_ms=percentile(load.acks, 50),
        ack_p99_ms=percentile(load.acks, 99),
        reply_p50_ms=percentile(took, 50),
        reply_p99_ms=percentile(took, 99),
        cpu_seconds=meter.cpu(),
        peak_rss_mb=meter.peak,
    )


def percentile(seconds: list[float], share: float) -> float | None:
    """The nearest-rank percentile in milliseconds; None without data."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    place = max(0, math.ceil(len(ordered) * share / 100) - 1)
    return round(ordered[place] * 1000, 1)


class Meter:
    """CPU seconds and peak memory of our processes and the database, by what they are."""

    def __init__(self, postmaster: int) -> None:
        self.postmaster = postmaster
        self.peak: dict[str, float] = {}
        self.first: dict[int, tuple[str, float]] = {}
        self.latest: dict[int, tuple[str, float]] = {}
        self.me = psutil.Process()

    async def run(self) -> None:
        """Looks twice a second until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(0.5)

    def look(self) -> None:
        """Takes one reading."""
        memory: dict[str, float] = {}
        for process, role in self._processes():
            try:
                times, rss = process.cpu_times(), process.memory_info().rss / 2**20
                shared = getattr(process.memory_info(), "shared", 0) / 2**20
            except psutil.Error:
                continue
            spent = times.user + times.system
            self.first.setdefault(process.pid, (role, spent))
            self.latest[process.pid] = (role, spent)
            own = rss - shared if role == "postgres" else rss
            memory[role] = memory.get(role, 0.0) + own
        for role, size in memory.items():
            self.peak[role] = round(max(self.peak.get(role, 0.0), size), 1)

    def cpu(self) -> dict[str, float]:
        """CPU seconds spent by role since the first reading."""
        self.look()
        spent: dict[str, float] = {}
        for pid, (role, total) in self.latest.items():
            spent[role] = spent.get(role, 0.0) + total - self.first[pid][1]
        return {role: round(seconds, 1) for role, seconds in sorted(spent.items())}

    def _processes(self) -> list[tuple[psutil.Process, str]]:
        found = [(self.me, "load_and_sink")]
        for process in self.me.children(recursive=True):
            words = _words(process)
            if "resmi.cli.main" in words:
                found.append((process, words[words.index("resmi.cli.main") + 1]))
            elif words:
                found.append((process, "serve"))
        server = psutil.Process(self.postmaster)
        found += [(one, "postgres") for one in (server, *server.children(recursive=True))]
        return found


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
