"""A rig: the real processes on a database of their own, with a sink as the far end."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from resmi.cli import supervisor
from resmi.cli.demo import plan, premises
from resmi.cli.pipeline.sink import Sink
from resmi.cli.supervisor import Chore, Program, Supervisor
from resmi.cli.trouble import Trouble
from resmi.config import embedded

READY_S = 60.0
ENDED = 128 + signal.SIGTERM
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


class House(msgspec.Struct, frozen=True):
    """A database of its own in a temporary folder, seeded, and the settings that lead to it."""

    home: Path
    env: dict[str, str]
    sink_port: int

    def postmaster(self) -> int:
        """The process id of its PostgreSQL."""
        return int((self.home / "postgres" / "postmaster.pid").read_text().split()[0])


@contextmanager
def house(companies: int) -> Iterator[House]:
    """Builds the house with a register of so many names; nothing stays behind, also at SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))
    with tempfile.TemporaryDirectory(prefix="resmi-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        url = embedded.start(home / "postgres")
        sink_port = plan.free_port(0)
        try:
            env = _environment(home, url, sink_port)
            _seed(env, companies)
            yield House(home, env, sink_port)
        finally:
            embedded.stop(home / "postgres")


class Rig(msgspec.Struct, frozen=True):
    """What runs: the sink, where to post webhooks, and which processes there are by name."""

    sink: Sink
    hook: str
    supervisor: Supervisor


class Ended(Trouble):
    """The programs were told to end, or gave up, before the measurement was done."""


@asynccontextmanager
async def running(
    built: House, wish: Wish, *, chores: Sequence[Chore] = (), give_up_after: int | None = 2
) -> AsyncIterator[Rig]:
    """Starts web, worker and sender under a supervisor, and the sink; ends them all."""
    sink = Sink()
    port = plan.free_port(0)
    with (built.home / "bench.log").open("a", encoding="utf-8") as log:
        keeping = Supervisor(
            _programs(wish, built.env, port),
            chores=chores,
            give_up_after=give_up_after,
            say=lambda name, line: print(name, line, file=log, flush=True),
        )
        async with kept(keeping, port, sink, built.sink_port) as going:
            yield going


@asynccontextmanager
async def kept(keeping: Supervisor, port: int, sink: Sink, sink_port: int) -> AsyncIterator[Rig]:
    """Runs programs, of which one listens on `port`, and the sink; ends them all.

    When they end before the block does (the supervisor hears SIGTERM and Ctrl-C), the block ends
    too. Raises `Ended` then.
    """
    task = asyncio.create_task(keeping.run())
    told = asyncio.create_task(keeping.stopping.wait())
    block = asyncio.current_task()
    assert block

    def ending(_: asyncio.Task[Any]) -> None:
        block.cancel()

    told.add_done_callback(ending)
    async with sink.listening(sink_port):
        try:
            await wait(port)
            yield Rig(sink, f"http://127.0.0.1:{port}/hooks/whatsapp", keeping)
        except asyncio.CancelledError:
            if not keeping.stopping.is_set():
                raise
            block.uncancel()
            raise Ended(await _why(task)) from None
        finally:
            told.remove_done_callback(ending)
            told.cancel()
            keeping.stop()
            await asyncio.gather(task, return_exceptions=True)


async def _why(task: asyncio.Task[None]) -> str:
    """What a supervisor's end says of the measurement."""
    (error,) = await asyncio.gather(task, return_exceptions=True)
    return str(error) if error else "told to end before the measurement was done"


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


async def wait(port: int) -> None:
    """Waits until the web process listens. Raises `Trouble`."""
    for _ in range(round(READY_S / 0.1)):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise Trouble(f"the web process did not listen within {READY_S:.0f} seconds")
