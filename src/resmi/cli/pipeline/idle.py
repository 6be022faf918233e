"""`resmi bench idle`: what an installation at rest holds in memory, and how soon it takes webhooks.

"Resident" has two measures. The sum of resident sets (`rss_mb`) counts memory that processes share
once for each of them; the proportional sets (`pss_mb`) count it once, so their sum is what the
machine has less while Resmi runs.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import psutil
import typer

from resmi.channels.whatsapp import signature
from resmi.cli.demo import plan
from resmi.cli.trouble import Trouble
from resmi.config import embedded

READY_S = 90.0
LOOK_EVERY_S = 0.02
SECRET = "bench-only"  # noqa: S105 (signs made-up webhooks on loopback)
MEGABYTE = 1_000_000
LOG = "up.log"
BODY = json.dumps(
    {
        "object": "whatsapp_business_account",
        "entry": [
            {"id": "1", "changes": [{"field": "account_update", "value": {"event": "IDLE"}}]}
        ],
    }
).encode()


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """A process: what it is, its proportional, own and resident memory in MB, its threads."""

    name: str
    pss_mb: float
    uss_mb: float
    rss_mb: float
    threads: int


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """An installation at rest; `start_s` until a signed webhook is answered 200, `start_cpu_s` the
    CPU it took."""

    processes: list[Process]
    pss_mb: float
    rss_mb: float
    start_s: float
    start_cpu_s: float


def idle(
    settle: Annotated[float, typer.Option(help="Seconds of rest before looking.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Starts `resmi up` on a database of its own and measures its memory at rest. Linux only.

    Example: resmi bench idle --json
    """
    rest = measure(settle)
    if as_json:
        print(msgspec.json.encode(rest).decode())
        return
    for one in rest.processes:
        print(f"{one.name:24} {one.pss_mb:7.1f} MB, {one.rss_mb:7.1f} with what it shares")
    print(f"{'all':24} {rest.pss_mb:7.1f} MB, {rest.rss_mb:7.1f} with what is shared counted anew")
    print(f"first webhook taken after {rest.start_s:.1f} s ({rest.start_cpu_s:.1f} s of CPU)")


def measure(settle_s: float) -> Rest:
    """Measures a fresh installation. Raises `Trouble` when it does not start."""
    if sys.platform != "linux":
        raise Trouble("only Linux tells what of a process's memory is shared.")
    with tempfile.TemporaryDirectory(prefix="resmi-idle-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        env = _environment(home)
        _run(["init", "--no-admin"], env)
        embedded.stop(home / "postgres")
        begin = time.monotonic()
        with _up(home, env) as (boss, port):
            _wait(boss, port, home)
            start_s = time.monotonic() - begin
            cpu_s = sum(_cpu(process) for process in _tree(boss, home))
            time.sleep(settle_s)
            processes = [_look(process) for process in _tree(boss, home)]
    return Rest(
        processes=processes,
        pss_mb=round(sum(one.pss_mb for one in processes), 1),
        rss_mb=round(sum(one.rss_mb for one in processes), 1),
        start_s=round(start_s, 2),
        start_cpu_s=round(cpu_s, 2),
    )


def _environment(home: Path) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("RESMI_")}
    return {
        **outside,
        "RESMI_HOME": str(home),
        "RESMI_MODE": "demo",
        "RESMI_SECRET_KEY": secrets.token_urlsafe(48),
        "RESMI_WHATSAPP_APP_SECRETS": SECRET,
        "RESMI_WHATSAPP_VERIFY_TOKEN": "bench-only",
        "RESMI_WHATSAPP_TOKEN": "bench-only",
    }


def _command(words: list[str]) -> list[str]:
    return [sys.executable, "-m", "resmi.cli.main", *words]


def _run(words: list[str], env: Mapping[str, str]) -> None:
    done = subprocess.run(
        _command(words), env=dict(env), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Trouble(f"the measurement could not be prepared:\n{done.stderr.strip()}")


@contextmanager
def _up(home: Path, env: Mapping[str, str]) -> Iterator[tuple[psutil.Popen, int]]:
    port = plan.free_port(0)
    with (home / LOG).open("wb") as log:
        boss = psutil.Popen(
            _command(["up", "--port", str(port)]),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield boss, port
    finally:
        boss.send_signal(signal.SIGTERM)
        boss.wait(60)
        embedded.stop(home / "postgres")


def _wait(boss: psutil.Popen, port: int, home: Path) -> None:
    deadline = time.monotonic() + READY_S
    while not _takes_webhooks(port):
        if boss.poll() is not None or time.monotonic() > deadline:
            raise Trouble(f"resmi up does not answer:\n{(home / LOG).read_text()[-4000:]}")
        time.sleep(LOOK_EVERY_S)


def _takes_webhooks(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        signed = {"X-Hub-Signature-256": signature.sign(SECRET, BODY)}
        line.request("POST", "/hooks/whatsapp", BODY, signed)
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _tree(boss: psutil.Popen, home: Path) -> list[psutil.Process]:
    postmaster = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(postmaster)
    ours = [psutil.Process(boss.pid), *boss.children(recursive=True)]
    return [*ours, server, *server.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _look(process: psutil.Process) -> Process:
    held = process.memory_full_info()
    words = process.cmdline()
    name = words[0] if words and words[0].startswith("postgres:") else process.name()
    return Process(
        name=name.strip(),
        pss_mb=round(held.pss / MEGABYTE, 1),
        uss_mb=round(held.uss / MEGABYTE, 1),
        rss_mb=round(held.rss / MEGABYTE, 1),
        threads=process.num_threads(),
    )
