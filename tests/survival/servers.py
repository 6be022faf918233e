"""PostgreSQL servers of a scenario's own, on TCP ports of loopback, killed and promoted at will."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from resmi.config.embedded import cluster, programs
from resmi.config.embedded.account import Account
from tests import clusters, processes
from tests.survival import disks

READY_S = 90.0
NAME = "stand_in"
FAST = {"shared_buffers": "32MB", "max_connections": "100", "listen_addresses": "127.0.0.1"}


@dataclass
class Server:
    """One server: its folder, port, and settings given at each start."""

    data: Path
    account: Account
    programs: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=processes.free_port)
    pid: int = 0
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/resmi"

    def make(self, *, tables: bool) -> None:
        """A cluster with our database in it, empty or with all tables."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        if tables:
            clusters.lay(self.data, self.account)
            return
        self.account.own(self.data)
        words = ("-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "-N")
        self.run("initdb", *words, *cluster.LOCALE)

    def copy_of(self, primary: Server) -> None:
        """A stand-in that follows `primary`, streaming."""
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={NAME}"
        self.run("pg_basebackup", "-D", self.data, "-d", source, "-R", "-X", "stream", "-c", "fast")

    def start(self) -> Server:
        """Starts it and waits until it answers."""
        given = {**FAST, **self.settings, "port": str(self.port), "unix_socket_directories": ""}
        words = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            child = subprocess.Popen(
                [str(self.programs / "bin" / "postgres"), "-D", str(self.data), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**cluster.ENVIRONMENT, **self.env},
                start_new_session=True,
                **self.account.identity(),
            )
        self.pid = child.pid
        self._child = child
        self.wait_until(lambda: self.ask("SELECT 1", "postgres") == 1)
        return self

    def lives(self) -> bool:
        """Whether its first process is still there."""
        return bool(self.pid) and self._child.poll() is None

    def kill(self) -> None:
        """All of its processes at once, as by a power cut."""
        if not self.pid:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.pid)
            for process in [family, *family.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
        self._child.wait(10)
        self.pid = 0

    def stop(self) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(10)
            self.kill()

    def promote(self) -> None:
        """Makes a stand-in the server that is written to."""
        self.ask("SELECT pg_promote(true, 30)::int", "postgres")

    def ask(self, sql: str, database: str = "resmi") -> int:
        """A number. Raises `psycopg.OperationalError`."""
        url = self.url.rsplit("/", 1)[0] + f"/{database}"
        with psycopg.connect(url, autocommit=True, connect_timeout=3) as link:
            row = link.execute(sql).fetchone()
        return int(row[0]) if row else 0

    def wait_until(self, ready, patience_s: float = READY_S) -> None:  # type: ignore[no-untyped-def]
        deadline = time.monotonic() + patience_s
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                if ready():
                    return
            if time.monotonic() > deadline:
                log = (self.data.parent / f"{self.data.name}.log").read_text()[-3000:]
                raise AssertionError(f"PostgreSQL on {self.data} is not ready:\n{log}")
            time.sleep(0.05)

    def run(self, program: str, *words: str | Path) -> None:
        done = self.account.run([self.programs / "bin" / program, *words], env=cluster.ENVIRONMENT)
        assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def folder() -> Iterator[tuple[Path, Account]]:
    """A folder the servers' account can use, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="resmi-survival-") as name:
        home = Path(name)
        account = cluster.prepare(home / "postgres")
        account.own(home)
        yield home, account


@contextlib.contextmanager
def alone(
    *, tables: bool = True, disk: str = "", env: Mapping[str, str] | None = None, **settings: str
) -> Iterator[tuple[Path, Server]]:
    """The home folder of a scenario and one server whose database has all tables, or none.

    `disk`: the size of a disk of its own for the data, e.g. `150m`; skips without the right to it.
    """
    with contextlib.ExitStack() as stack:
        home, account = stack.enter_context(folder())
        prefix = programs.runnable_by(account, beside=home)
        server = Server(home / "first", account, prefix, settings, env=env or {})
        if disk:
            stack.enter_context(disks.mounted(server.data, disk))
        server.make(tables=tables)
        try:
            server.start()
            if not tables:
                _make_database(server)
            yield home, server
        finally:
            server.kill()


@contextlib.contextmanager
def pair() -> Iterator[tuple[Path, Server, Server]]:
    """A server and its synchronous stand-in: what is committed is on the disks of both."""
    with alone(synchronous_standby_names=f"FIRST 1 ({NAME})", synchronous_commit="local") as (
        home,
        first,
    ):
        second = Server(home / "second", first.account, first.programs)
        second.copy_of(first)
        try:
            second.start()
            first.settings["synchronous_commit"] = "on"
            first.stop()
            first.start()
            first.wait_until(lambda: is_synchronous(first))
            yield home, first, second
        finally:
            second.kill()


def is_synchronous(primary: Server) -> bool:
    """Whether commits wait for the stand-in now."""
    asked = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
    return primary.ask(asked) == 1


def either(one: Server, other: Server) -> str:
    """The URL of whichever of two accepts writes."""
    return (
        f"postgresql://postgres@127.0.0.1:{one.port},127.0.0.1:{other.port}/resmi"
        "?target_session_attrs=read-write&connect_timeout=3"
    )


def _make_database(server: Server) -> None:
    url = server.url.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("CREATE DATABASE resmi")
