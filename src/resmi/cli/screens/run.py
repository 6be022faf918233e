"""Measures open screens: real web processes, real streams, real acts of staff."""

from __future__ import annotations

import asyncio
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import psutil
import uvloop

from resmi.cli import supervisor
from resmi.cli.demo import plan
from resmi.cli.pipeline import rig
from resmi.cli.pipeline.run import percentile
from resmi.cli.screens import streams
from resmi.cli.screens.streams import Screen
from resmi.cli.screens.words import Event, Place
from resmi.cli.supervisor import Supervisor
from resmi.cli.trouble import Trouble

COMPANIES = 10
WARM_UP = (10.0, 20)
PATIENCE_S = 120.0
SETTLE_S = 10.0
AT_ONCE = 25
CUT_SHARE = 0.1
LARGEST_LINE = 2**24


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """So many agents with an open desk, so many events a second among them, in all."""

    agents: int
    rate: float
    events: int
    workers: int = 2


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came out. Times in milliseconds, from before the act's transaction to the screen.

    `deliveries`: events times the screens they concern; `dropped` of them never came. `cut`
    screens lost their connection and resumed; `replayed` deliveries came with that, and count for
    `dropped` but not for the times. `server_mb_per_agent` is what the streams added to the memory
    of all web processes; `server_mb` all they hold. `server_cpu_s` is theirs too.
    `all_back_s`: seconds until all streams are open again after all were cut at once.
    """

    agents: int
    events: int
    event_p50_ms: float | None
    event_p99_ms: float | None
    event_max_ms: float | None
    server_mb_per_agent: float
    dropped: int
    deliveries: int
    cut: int
    replayed: int
    server_mb: float
    server_cpu_s: float
    all_back_s: float


class Ledger:
    """Who is to hear of what, and when they did."""

    def __init__(self, screens: list[Screen]) -> None:
        self.screens = screens
        self.began: dict[tuple[str, str, object], float] = {}
        self.heard: dict[tuple[int, tuple[str, str, object]], tuple[float, bool]] = {}

    def hear(
        self, screen: Screen, topic: str, hint: dict[str, object], at: float, replayed: bool
    ) -> None:
        """Notes the first time a screen was told."""
        for word, value in hint.items():
            self.heard.setdefault((screen.place.agent, (topic, word, value)), (at, replayed))

    def expect(self, event: Event) -> None:
        """An event began."""
        self.began[event.name] = event.at

    def forget(self) -> None:
        """Begins anew, with the screens as they are."""
        self.began.clear()
        self.heard.clear()

    def owed(self) -> list[tuple[int, tuple[str, str, object]]]:
        """Each screen with each event it is to hear of."""
        return [
            (screen.place.agent, name)
            for name in self.began
            for screen in self.screens
            if name[0] in screen.place.topics
        ]

    def missing(self) -> int:
        """How many deliveries have not come."""
        return sum(pair not in self.heard for pair in self.owed())

    def times(self) -> tuple[list[float], int]:
        """Seconds of each delivery that came by itself, and how many were replayed."""
        came = [(pair, self.heard[pair]) for pair in self.owed() if pair in self.heard]
        live = [at - self.began[name] for (_, name), (at, replayed) in came if not replayed]
        return live, len(came) - len(live)


def measure(wish: Wish) -> Result:
    """Runs it all in a temporary folder; nothing stays behind."""
    with rig.house(COMPANIES) as built:
        return uvloop.run(_measure(wish, built))


async def _measure(wish: Wish, built: rig.House) -> Result:
    port = plan.free_port(0)
    command = ("serve", "--port", str(port), "--workers", str(wish.workers))
    with (built.home / "bench.log").open("a", encoding="utf-8") as log:
        keeping = Supervisor(
            [supervisor.resmi(*command, env=built.env)],
            give_up_after=2,
            say=lambda name, line: print(name, line, file=log, flush=True),
        )
        task = asyncio.create_task(keeping.run())
        try:
            await rig.wait(port)
            async with _office(wish, built) as (office, places):
                return await _load(wish, port, office, places)
        finally:
            keeping.stop()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _office(wish: Wish, built: rig.House) -> AsyncIterator[tuple[Process, list[Place]]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "resmi.cli.main", "bench-desk", "--agents", str(wish.agents),
        env=built.env, stdin=PIPE, stdout=PIPE, limit=LARGEST_LINE,
    )  # fmt: skip
    assert process.stdin is not None
    try:
        yield process, msgspec.json.decode(await _said(process), type=list[Place])
    finally:
        process.stdin.close()
        await process.wait()


async def _said(office: Process) -> bytes:
    assert office.stdout is not None
    line = await office.stdout.readline()
    if not line:
        raise Trouble("the agents of the measurement could not be made; the reason stands above.")
    return line


async def _load(wish: Wish, port: int, office: Process, places: list[Place]) -> Result:
    screens: list[Screen] = []
    ledger = Ledger(screens)
    first = [Screen(place, port, ledger.hear) for place in places[: wish.workers * 4]]
    running = [asyncio.create_task(screen.run()) for screen in first]
    await streams.all_ready(first, PATIENCE_S)
    await _act(office, *WARM_UP, ledger)
    before = _memory()
    screens += [Screen(place, port, ledger.hear) for place in places]
    try:
        for number, screen in enumerate(screens):
            running.append(asyncio.create_task(screen.run()))
            if number % AT_ONCE == 0:
                await streams.all_ready(screens[:number], PATIENCE_S)
        await streams.all_ready(screens, PATIENCE_S)
        return await _counted(wish, office, ledger, before)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _counted(wish: Wish, office: Process, ledger: Ledger, before: float) -> Result:
    await _act(office, *WARM_UP, ledger)
    await asyncio.sleep(1)
    ledger.forget()
    cpu = _cpu()
    cutting = asyncio.create_task(_cut(ledger.screens, wish.events / wish.rate))
    await _act(office, wish.rate, wish.events, ledger)
    await cutting
    await streams.all_ready(ledger.screens, PATIENCE_S)
    for _ in range(round(SETTLE_S / 0.2)):
        if ledger.missing():
            await asyncio.sleep(0.2)
    spent, held = _cpu() - cpu, _memory()
    cut = sum(screen.opened > 1 for screen in ledger.screens)
    times, replayed = ledger.times()
    return Result(
        agents=len(ledger.screens),
        events=len(ledger.began),
        event_p50_ms=percentile(times, 50),
        event_p99_ms=percentile(times, 99),
        event_max_ms=percentile(times, 100),
        server_mb_per_agent=round((held - before) / len(ledger.screens), 3),
        dropped=ledger.missing(),
        deliveries=len(ledger.owed()),
        cut=cut,
        replayed=replayed,
        server_mb=round(held, 1),
        server_cpu_s=round(spent, 2),
        all_back_s=await _all_back(ledger.screens),
    )


async def _act(office: Process, rate: float, count: int, ledger: Ledger) -> None:
    """Lets the office do things and notes each."""
    assert office.stdin is not None
    office.stdin.write(f"{rate} {count}\n".encode())
    while (event := msgspec.json.decode(await _said(office), type=Event | None)) is not None:
        ledger.expect(event)


async def _cut(screens: list[Screen], seconds: float) -> None:
    """Breaks the connection of one screen in ten, evenly over the time."""
    chosen = random.Random(7).sample(screens, round(len(screens) * CUT_SHARE))
    for screen in chosen:
        await asyncio.sleep(seconds / (len(chosen) + 1))
        screen.cut()
        screen.ready.clear()


async def _all_back(screens: list[Screen]) -> float:
    """Cuts all at once, as a restarted proxy would."""
    clock = asyncio.get_running_loop().time
    begin = clock()
    for screen in screens:
        screen.cut()
        screen.ready.clear()
    await streams.all_ready(screens, PATIENCE_S)
    return round(clock() - begin, 1)


def _web() -> list[psutil.Process]:
    """The web processes: the server and its workers."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "bench-desk" not in child.cmdline()]


def _memory() -> float:
    """MiB that the web processes have to themselves."""
    return float(sum(process.memory_full_info().uss for process in _web())) / 2**20


def _cpu() -> float:
    """CPU seconds of the web processes so far."""
    return float(sum(sum(process.cpu_times()[:2]) for process in _web()))
