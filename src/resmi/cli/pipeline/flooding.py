"""What the others notice of a flood: the same load alone, beside the flood, and alone again."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
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

    signed: Result | None
    ack_p50_times: float | None
    ack_p99_times: float | None
    reply_p50_times: float | None
    reply_p99_times: float | None
    unsigned: Unsigned | None = None
    insistent: Insistent | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All of one run; both loads alone show how much it varies by itself.

    What was not measured any more when it was told to end is None.
    """

    is_whole: bool
    alone: Result | None
    unsigned: Beside | None
    insistent: Beside | None
    alone_again: Result | None


@dataclass
class Course:
    """How far one run got."""

    pour: Flood
    alone: Result | None = None
    wet: Result | None = None
    pester: Pester | None = None
    pestered: Result | None = None
    replies: int = 0
    again: Result | None = None

    def report(self) -> Report:
        """What can be said of it."""
        known = [one for one in (self.alone, self.again) if one]
        refusals = Unsigned(posts=self.pour.wanted, refused=self.pour.refused, odd=self.pour.odd)
        has_poured = bool(self.pour.refused or self.pour.odd)
        unsigned = _compared(self.wet, known, unsigned=refusals) if has_poured else None
        insistent = None
        if self.pester:
            counted = Insistent(messages=self.pester.sent, replies=self.replies)
            insistent = _compared(self.pestered, known, insistent=counted)
        return Report(
            is_whole=self.again is not None,
            alone=self.alone,
            unsigned=unsigned,
            insistent=insistent,
            alone_again=self.again,
        )


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
    if not report.is_whole:
        typer.echo("Told to end early: this is what there is.", err=True)
        raise typer.Exit(rig.ENDED)


def measure(wish: Wish, *, posts: int, messages: float) -> Report:
    """Runs it all in a temporary folder; nothing stays behind. Told to end, it ends early."""
    with rig.house(wish.companies) as built:
        return uvloop.run(_measure(wish, built, posts, messages))


async def _measure(wish: Wish, built: rig.House, posts: int, messages: float) -> Report:
    course = Course(Flood(wanted=posts))
    with suppress(rig.Ended):
        async with rig.running(built, wish) as going:
            await _go(course, run.Bench(wish, built, going), messages)
    return course.report()


async def _go(course: Course, bench: run.Bench, messages: float) -> None:
    wish, going = bench.wish, bench.going
    await bench.warm_up()
    course.alone = await bench.load(wish.rate, wish.seconds)
    pouring = course.pour.run(going.hook, course.pour.wanted / wish.seconds)
    course.wet = await _beside(bench, pouring, to_the_end=True)
    course.pester = Pester(bench, messages)
    going.sink.watched = CITIZEN
    try:
        course.pestered = await _beside(bench, course.pester.run(), to_the_end=False)
    finally:
        course.replies = going.sink.watched_replies
    course.again = await bench.load(wish.rate, wish.seconds)
    course.replies = going.sink.watched_replies


async def _beside(
    bench: run.Bench, other: Coroutine[Any, Any, None], *, to_the_end: bool
) -> Result:
    """The load while `other` goes on; waits for its end, or ends it with the load."""
    task = asyncio.create_task(other)
    try:
        result = await bench.load(bench.wish.rate, bench.wish.seconds)
        if to_the_end:
            await task
        return result
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _compared(result: Result | None, alone: list[Result], **what: Any) -> Beside:
    names = ("ack_p50", "ack_p99", "reply_p50", "reply_p99")
    times: dict[str, Any] = {
        f"{name}_times": _times(
            getattr(result, f"{name}_ms", None), [getattr(one, f"{name}_ms") for one in alone]
        )
        for name in names
    }
    return Beside(signed=result, **times, **what)


def _times(value: float | None, alone: list[float | None]) -> float | None:
    """`value` as a multiple of the greatest of those alone; None without data."""
    most = max((one for one in alone if one), default=None)
    return round(value / most, 2) if value is not None and most else None
