"""One measurement: a database of its own, the real processes, load on one side, a sink behind."""

from __future__ import annotations

import asyncio
import itertools
import math
import sys
import time
from asyncio.subprocess import PIPE

import msgspec
import uvloop

from resmi.cli.pipeline import naive, names, rig, saturating
from resmi.cli.pipeline.flood import Flood
from resmi.cli.pipeline.load import Load
from resmi.cli.pipeline.meter import Meter
from resmi.cli.pipeline.result import Result
from resmi.cli.pipeline.rig import Wish as Wish
from resmi.cli.pipeline.sink import Sink
from resmi.cli.trouble import Trouble

WARM_UP_S = 3.0
NAIVE_FIRST = 40.0


class Extras(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure besides; `flood` is a number of unsigned POSTs."""

    naive: bool = False
    limits: bool = False
    saturate: bool = False
    flood: int = 0


class Flooded(msgspec.Struct, frozen=True, kw_only=True):
    """The same load with unsigned POSTs beside it: how many of those got 401, how many not."""

    unsigned: int
    refused: int
    odd: int
    signed: Result


class Report(msgspec.Struct, kw_only=True, omit_defaults=True):
    """All that was measured in one go."""

    plain: Result
    flood: Flooded | None = None
    saturation: saturating.Ceiling | None = None
    naive: saturating.Ceiling | None = None
    limits: msgspec.Raw | None = None

    def encode(self) -> bytes:
        """JSON: the numbers of the plain run, and whatever else was asked for under its name."""
        extra = msgspec.json.decode(msgspec.json.encode(self), type=dict[str, msgspec.Raw])
        plain = msgspec.json.decode(extra.pop("plain"), type=dict[str, msgspec.Raw])
        return msgspec.json.format(msgspec.json.encode({**plain, **extra}))


def measure(wish: Wish, extras: Extras | None = None) -> Report:
    """Runs it all in a temporary folder; nothing stays behind."""
    with rig.house(wish.companies) as built:
        return uvloop.run(_measure(wish, built, extras or Extras()))


async def _measure(wish: Wish, built: rig.House, extras: Extras) -> Report:
    async with rig.running(built, wish) as going:
        bench = Bench(wish, built, going)
        await bench.warm_up()
        report = Report(plain=await bench.load(wish.rate, wish.seconds))
        if extras.flood:
            report.flood = await _flooded(bench, wish, extras.flood)
        if extras.saturate:
            report.saturation = await saturating.climb(bench.load, first=wish.rate)
    if extras.naive:
        async with naive.running(built) as other:
            bench = Bench(wish, built, other)
            await bench.warm_up()
            report.naive = await saturating.climb(bench.load, first=NAIVE_FIRST)
    if extras.limits:
        report.limits = await _limits(built, wish)
    return report


async def _flooded(bench: Bench, wish: Wish, count: int) -> Flooded:
    flood = Flood(wanted=count)
    pouring = asyncio.create_task(flood.run(bench.going.hook, count / wish.seconds))
    result = await bench.load(wish.rate, wish.seconds)
    await pouring
    return Flooded(unsigned=count, refused=flood.refused, odd=flood.odd, signed=result)


async def _limits(built: rig.House, wish: Wish) -> msgspec.Raw:
    command = (sys.executable, "-m", "resmi.cli.main", "bench-limits")
    async with Sink().listening(built.sink_port):
        process = await asyncio.create_subprocess_exec(
            *command, "--companies", str(wish.companies), env=built.env, stdout=PIPE
        )
        printed, _ = await process.communicate()
    if process.returncode:
        raise Trouble("the limits of the parts could not be measured")
    return msgspec.Raw(printed)


class Bench:
    """Loads what runs, again and again, each time with questions of its own."""

    def __init__(self, wish: Wish, built: rig.House, going: rig.Rig) -> None:
        self.wish = wish
        self.built = built
        self.going = going
        self.names = list(names.names(wish.companies))
        self.seeds = itertools.count(1)

    async def warm_up(self) -> None:
        """A few questions, so that caches are filled and connections open."""
        await self.load(min(self.wish.rate, 50.0), WARM_UP_S)

    async def load(self, rate: float, seconds: float) -> Result:
        """Asks at `rate` per second; what came out."""
        sink, wish = self.going.sink, self.wish
        sink.duplicates = 0
        load = Load(
            self.going.hook, rig.SECRET, sink, self.names, wish.citizens, seed=next(self.seeds)
        )
        meter = Meter(self.built.postmaster(), self.built.env["RESMI_DATABASE_URL"])
        ticking = asyncio.create_task(meter.run())
        begin = time.perf_counter()
        await load.run(rate, seconds, wish.settle_s)
        ticking.cancel()
        return _result(seconds, load, sink, meter, begin)


def _result(seconds: float, load: Load, sink: Sink, meter: Meter, begin: float) -> Result:
    spent = meter.cpu()
    took = [sink.arrived[key] - at for key, at in load.sent.items() if key in sink.arrived]
    last = max((sink.arrived[key] for key in load.sent if key in sink.arrived), default=begin)
    span = max(seconds, last - begin)
    return Result(
        offered_per_s=round(len(load.sent) / seconds, 1),
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
        reply_most_ms=percentile(took, 100),
        cpu_seconds=spent,
        cpu_ms_per_answer=_per_answer(spent, len(took)),
        postgres_cpu_seconds=meter.cpu_in_postgres(),
        peak_rss_mb=meter.peak,
    )


def _per_answer(spent: dict[str, float], answers: int) -> dict[str, float]:
    costs = {**spent, "total": sum(spent.values())}
    return {role: round(seconds * 1000 / answers, 3) for role, seconds in costs.items() if answers}


def percentile(seconds: list[float], share: float) -> float | None:
    """The nearest-rank percentile in milliseconds; None without data."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    place = max(0, math.ceil(len(ordered) * share / 100) - 1)
    return round(ordered[place] * 1000, 1)
