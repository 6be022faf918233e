"""One measurement: a database of its own, the real processes, load on one side, a sink behind."""

from __future__ import annotations

import asyncio
import math
import time

import msgspec
import uvloop

from resmi.cli.pipeline import names, rig
from resmi.cli.pipeline.load import Load
from resmi.cli.pipeline.meter import Meter
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
    cpu_ms_per_answer: dict[str, float]
    postgres_cpu_seconds: dict[str, float]
    peak_rss_mb: dict[str, float]


def measure(wish: Wish) -> Result:
    """Runs it all in a temporary folder; nothing stays behind."""
    with rig.house(wish.companies) as built:
        return uvloop.run(_measure(wish, built))


async def _measure(wish: Wish, built: rig.House) -> Result:
    async with rig.running(built, wish) as going:
        meter = Meter(built.postmaster(), built.env["RESMI_DATABASE_URL"])
        return await _load(wish, going.sink, going.hook, meter)


async def _load(wish: Wish, sink: Sink, url: str, meter: Meter) -> Result:
    known = list(names.names(wish.companies))
    warm_up = Load(url, rig.SECRET, sink, known, wish.citizens, seed=1)
    await warm_up.run(min(wish.rate, 50.0), WARM_UP_S, 30.0)
    sink.duplicates = 0
    load = Load(url, rig.SECRET, sink, known, wish.citizens)
    ticking = asyncio.create_task(meter.run())
    begin = time.perf_counter()
    await load.run(wish.rate, wish.seconds, wish.settle_s)
    ticking.cancel()
    return _result(wish, load, sink, meter, begin)


def _result(wish: Wish, load: Load, sink: Sink, meter: Meter, begin: float) -> Result:
    spent = meter.cpu()
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
