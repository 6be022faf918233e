"""What the others notice of a flood: the same load alone, beside the flood, and alone again."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Annotated, Any

import msgspec
import typer
import uvloop

from resmi.cli.pipeline import load, rig, run
from resmi.cli.pipeline.flood import Flood
from resmi.cli.pipeline.result import Result
from resmi.cli.pipeline.rig import Wish

CITIZEN = "6289900000001"
MINUTE_S = 60.0


class Unsigned(msgspec.Struct, frozen=True, kw_only=True):
    """POSTs with a wrong signature: how many got 401, and how many were cut off unanswered."""

    posts: int
    refused: int
    odd: int


class Insistent(msgspec.Struct, frozen=True, kw_only=True):
    """One citizen who writes on and on: messages sent, and replies that came."""

    messages: int
    replies: int


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The load beside something, and by what factor its times exceed the greater of those alone."""

    signed: Result
    ack_p50_times: float | None
    ack_p99_times: float | None
    reply_p50_times: float | None
    reply_p99_times: float | None
    unsigned: Unsigned | None = None
    insistent: Insistent | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All of one run; both loads alone show how much it varies by itself."""

    alone: Result
    unsigned: Beside
    insistent: Beside
    alone_again: Result


class Pester:
    """One citizen who sends `per_minute` different questions a minute until told to stop."""

    def __init__(self, bench: run.Bench, per_minute: float) -> None:
        self.bench = bench
        self.wait_s = MINUTE_S / per_minute
        self.sent = 0

    async def run(self) -> None:
        """Posts one question after the other, each at its time."""
        going = self.bench.going
        asking = load.Load(going.hook, rig.SECRET, going.sink, self.bench.names, 1, seed=9_999)
        begin = time.perf_counter()
        async with asking.posting_to() as poster:
            for number in itertools.count():
                await asyncio.sleep(begin + number * self.wait_s - time.perf_counter())
                asking.ask_as(poster, CITIZEN, number)
                self.sent = number + 1


def flood(
    posts: Annotated[int, typer.Option(help="Unsigned POSTs.", min=1)] = 100_000,
    messages: Annotated[int, typer.Option(help="Messages a minute of one citizen.", min=1)] = 1000,
    rate: Annotated[float, typer.Option(help="Signed questions of others a second.", min=1)] = 60,
    seconds: Annotated[float, typer.Option(help="How long each part takes.", min=1)] = 60,
    companies: Annotated[int, typer.Option(help="Names in the register.", min=10)] = 30_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Measures what others notice of unsigned POSTs, and of a citizen who writes on and on.

    Everything is real and durable, as in `resmi bench pipeline`. The same load is measured alone,
    beside the unsigned POSTs, beside the citizen, and alone again, all in one run.
    Example: resmi bench flood --json
    """
    if not as_json:
        typer.echo(f"Asking {rate:g} times a second for four times {seconds:g} s", err=True)
    wish = Wish(rate=rate, seconds=seconds, citizens=20_000, companies=companies)
    report = measure(wish, posts=posts, messages=messages)
    typer.echo(msgspec.json.format(msgspec.json.encode(report)).decode())


def measure(wish: Wish, *, posts: int, messages: float) -> Report:
    """Runs it all in a temporary folder; nothing stays behind."""
    with rig.house(wish.companies) as built:
        return uvloop.run(_measure(wish, built, posts, messages))


async def _measure(wish: Wish, built: rig.House, posts: int, messages: float) -> Report:
    async with rig.running(built, wish) as going:
        bench = run.Bench(wish, built, going)
        await bench.warm_up()
        alone = await bench.load(wish.rate, wish.seconds)
        pour = Flood(wanted=posts)
        wet = await _beside(bench, pour.run(going.hook, posts / wish.seconds), to_the_end=True)
        pester = Pester(bench, messages)
        going.sink.watched = CITIZEN
        pestered = await _beside(bench, pester.run(), to_the_end=False)
        again = await bench.load(wish.rate, wish.seconds)
    known = [alone, again]
    refusals = Unsigned(posts=posts, refused=pour.refused, odd=pour.odd)
    insistent = Insistent(messages=pester.sent, replies=going.sink.watched_replies)
    return Report(
        alone=alone,
        unsigned=_compared(wet, known, unsigned=refusals),
        insistent=_compared(pestered, known, insistent=insistent),
        alone_again=again,
    )


async def _beside(
    bench: run.Bench, other: Coroutine[Any, Any, None], *, to_the_end: bool
) -> Result:
    """The load while `other` goes on; waits for its end, or ends it with the load."""
    task = asyncio.create_task(other)
    result = await bench.load(bench.wish.rate, bench.wish.seconds)
    if not to_the_end:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return result


def _compared(result: Result, alone: list[Result], **what: Any) -> Beside:
    return Beside(
        signed=result,
        ack_p50_times=_times(result.ack_p50_ms, [one.ack_p50_ms for one in alone]),
        ack_p99_times=_times(result.ack_p99_ms, [one.ack_p99_ms for one in alone]),
        reply_p50_times=_times(result.reply_p50_ms, [one.reply_p50_ms for one in alone]),
        reply_p99_times=_times(result.reply_p99_ms, [one.reply_p99_ms for one in alone]),
        **what,
    )


def _times(value: float | None, alone: list[float | None]) -> float | None:
    """`value` as a multiple of the greatest of those alone; None without data."""
    most = max((one for one in alone if one), default=None)
    return round(value / most, 2) if value is not None and most else None
