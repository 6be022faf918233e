"""One measurement: a database of its own, the real processes, load on one side, a sink behind."""

from __future__ import annotations

import asyncio
import math
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psutil
import uvloop
from aiohttp import web

from resmi.cli import supervisor
from resmi.cli.demo import plan, premises
from resmi.cli.pipeline import names
from resmi.cli.pipeline.load import Load
from resmi.cli.pipeline.sink import Sink
from resmi.cli.supervisor import Program, Supervisor
from resmi.cli.trouble import Trouble
from resmi.config import embedded

READY_S = 60.0
WARM_UP_S = 3.0
SECRET = "bench-only"  # noqa: S105 (signs made-up webhooks on loopback)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure: questions per second, for how many seconds, by how many citizens."""

    rate: float
    seconds: float
    citizens: int
    companies: int
    settle_s: float = 60.0
    web_workers: int = 1
    workers: int = 1


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
    with tempfile.TemporaryDirectory(prefix="resmi-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        url = embedded.start(home / "postgres")
        sink_port = plan.free_port(0)
        try:
            return uvloop.run(_measure(wish, _environment(home, url, sink_port), sink_port))
        finally:
            embedded.stop(home / "postgres")


def _environment(home: Path, database_url: str, sink_port: int) -> dict[str, str]:
    return {
        **os.environ,
        "RESMI_HOME": str(home),
        "RESMI_MODE": "demo",
        "RESMI_SECRET_KEY": secrets.token_urlsafe(32),
        "RESMI_DATABASE_URL": database_url,
        "RESMI_PACK": str(premises.write_pack(home)),
        "RESMI_WHATSAPP_APP_SECRETS": SECRET,
        "RESMI_WHATSAPP_TOKEN": "bench-only",
        "RESMI_WHATSAPP_GRAPH_URL": f"http://127.0.0.1:{sink_port}/v26.0",
    }


async def _measure(wish: Wish, env: dict[str, str], sink_port: int) -> Result:
    _seed(env, wish.companies)
    sink = Sink()
    runner = web.AppRunner(sink.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", sink_port).start()
    web_port = plan.free_port(0)
    house = Supervisor(_programs(wish, env, web_port), give_up_after=2, say=_Log(env))
    running = asyncio.create_task(house.run())
    try:
        await _wait(web_port)
        hook = f"http://127.0.0.1:{web_port}/hooks/whatsapp"
        return await _load(wish, sink, hook, _postmaster(env))
    finally:
        house.stop()
        await asyncio.gather(running, return_exceptions=True)
        await runner.cleanup()


async def _load(wish: Wish, sink: Sink, url: str, postmaster: int) -> Result:
    known = list(names.names(wish.companies))
    warm_up = Load(url, SECRET, sink, known, wish.citizens)
    await warm_up.run(min(wish.rate, 50.0), WARM_UP_S, 30.0)
    sink.duplicates = 0
    meter = Meter(postmaster)
    load = Load(url, SECRET, sink, known, wish.citizens)
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


def _seed(env: Mapping[str, str], companies: int) -> None:
    command = [sys.executable, "-m", "resmi.cli.main", "bench-seed", "--companies", str(companies)]
    done = subprocess.run(command, env=dict(env), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"the measurement could not be prepared:\n{done.stderr.strip()}")


def _programs(wish: Wish, env: Mapping[str, str], port: int) -> list[Program]:
    workers = str(wish.web_workers)
    return [
        supervisor.resmi("serve", "--port", str(port), "--workers", workers, env=env),
        *(supervisor.resmi("work", env=env) for _ in range(wish.workers)),
        supervisor.resmi("send", env=env),
    ]


def _postmaster(env: Mapping[str, str]) -> int:
    pid_file = Path(env["RESMI_HOME"]) / "postgres" / "postmaster.pid"
    return int(pid_file.read_text().split()[0])


class _Log:
    """Keeps what the processes say, to be read when something went wrong."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.file = (Path(env["RESMI_HOME"]) / "bench.log").open("a", encoding="utf-8")

    def __call__(self, name: str, line: str) -> None:
        if name != "serve" or "webhook" not in line:
            print(name, line, file=self.file, flush=True)


async def _wait(port: int) -> None:
    for _ in range(round(READY_S / 0.1)):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise Trouble(f"the web process did not listen within {READY_S:.0f} seconds")


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
