"""Real processes for tests: started, waited for, their words shown when they fail, always ended.

with processes.web(database_url, RESMI_WHATSAPP_APP_SECRETS="s") as server:
    http.client.HTTPConnection("127.0.0.1", server.port)

with processes.running("worker", "resmi", "work", env=processes.environment(url)) as worker:
    worker.kill()
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings as django_settings

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[1]
PATIENCE_S = 60.0  # a busy machine is slow, not wrong
FIRST_PORT = 16_000
PORTS = 2_000


@dataclass
class Running:
    """A child process in a session of its own, so that its children end with it."""

    name: str
    child: subprocess.Popen[bytes]
    log_file: Path
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        """Everything it has printed so far."""
        return self.log_file.read_text(errors="replace")

    def is_alive(self) -> bool:
        return self.child.poll() is None

    def kill(self) -> None:
        """Ends it and its children at once (SIGKILL), as a power cut would."""
        self._signal(signal.SIGKILL)
        self.child.wait(PATIENCE_S)

    def stop(self) -> None:
        """Asks it to end (SIGTERM); kills it when it has not after a while."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(PATIENCE_S)
        self.kill()

    def wait_until(self, ready: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Polls `ready`; fails with the process's log when it ends first or takes too long."""
        deadline = time.monotonic() + patience_s
        while not ready():
            if not self.is_alive():
                raise AssertionError(f"{self.name} ended ({self.child.returncode}):\n{self.log()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} is not ready:\n{self.log()}")
            time.sleep(0.02)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, number)


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """This process's environment with a database and `RESMI_…` settings for a child."""
    base = {
        "RESMI_MODE": "test",
        "RESMI_SECRET_KEY": django_settings.SECRET_KEY,
        "RESMI_DATABASE_URL": database_url,
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **base, **settings}


@contextlib.contextmanager
def running(
    name: str, command: str, *arguments: str, env: Mapping[str, str], port: int = 0
) -> Iterator[Running]:
    """A process of a command in our virtualenv; with `port`, only once that port answers.

    A test that fails inside the block sees the process's log in its captured output.
    """
    with tempfile.TemporaryDirectory() as folder:
        log_file = Path(folder) / "log"
        with log_file.open("wb") as log:
            child = subprocess.Popen(
                [str(BIN / command), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(env),
                start_new_session=True,
            )
        process = Running(name, child, log_file, port)
        try:
            if port:
                process.wait_until(lambda: is_open(port))
            yield process
        except BaseException:
            print(f"--- {name} ---\n{process.log()[-10_000:]}")
            raise
        finally:
            process.stop()


@contextlib.contextmanager
def web(
    database_url: str,
    *,
    workers: int = 1,
    port: int = 0,
    application: str = "resmi.config.asgi:application",
    **settings: str,
) -> Iterator[Running]:
    """The web process (granian) on a free port. `application` may also be one of the tests."""
    port = port or free_port()
    arguments = ["--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    arguments += ["--workers", str(workers), "--working-dir", str(ROOT), application]
    settings.setdefault("DJANGO_SETTINGS_MODULE", "resmi.config.settings")
    env = environment(database_url, **settings)
    with running("web", "granian", *arguments, env=env, port=port) as process:
        yield process


def free_port() -> int:
    """A port nobody listens on just now, and that no other process of this test run is given.

    Ports are taken in turn from below those the system hands out by itself, so that nothing gets
    ours between this look and the start of what is to listen there.
    """
    while True:
        port = next(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _ports() -> Iterator[int]:
    mine = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    first = FIRST_PORT + PORTS * mine
    start = os.getpid() * 37 % PORTS  # another run beside this one begins elsewhere
    for number in itertools.count(start):
        yield first + number % PORTS


_PORTS = _ports()


def is_open(port: int) -> bool:
    """Whether something accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
