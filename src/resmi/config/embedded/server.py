"""Starts, joins and stops the embedded PostgreSQL of a folder."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg

from resmi.config import environment
from resmi.config.embedded import cluster, launch, postmaster, sockets, waiting
from resmi.config.embedded.errors import Unusable, explain
from resmi.config.embedded.postmaster import Postmaster

LOCK_WAIT_S = 120.0
READY_WAIT_S = 300.0


@dataclass(frozen=True)
class Status:
    """How the server of a folder is. `url` and `pid` only while it runs."""

    state: Literal["absent", "stopped", "running"]
    folder: Path
    version: str = ""
    pid: int = 0
    url: str = ""


def ensure_database_url(env: MutableMapping[str, str] = os.environ) -> str:
    """The database to use; starts or joins the embedded server when none is configured.

    Sets `RESMI_DATABASE_URL` in `env`, so that processes started from here share the server.
    Raises `Unusable`.
    """
    if url := env.get("RESMI_DATABASE_URL"):
        return url
    env["RESMI_DATABASE_URL"] = url = start(environment.home(env) / "postgres")
    return url


def start(folder: Path) -> str:
    """Starts (or joins) the server whose data is in `folder`; the URL of its database.

    The folder is made when missing. Raises `Unusable`, naming the reason and the mend.
    """
    data = folder.expanduser().absolute()
    try:
        account = cluster.prepare(data)
        with _alone(data):
            while True:
                server = postmaster.running(data) or launch.launch(data, account)
                if _gets_ready(data, server):
                    return sockets.url(server.sockets)
    except OSError as error:
        raise Unusable(
            f"The database folder {data} can't be used: {error}. Mend that, run Resmi as the "
            "owner of the folder, or choose another folder with RESMI_HOME."
        ) from error


def stop(folder: Path) -> bool:
    """Stops the server of `folder`, waiting for a clean shutdown; False when none was running."""
    data = folder.expanduser().absolute()
    server = postmaster.running(data)
    if server is None:
        return False
    for word, wait_s in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)):
        os.kill(server.pid, word)
        if waiting.until(lambda: postmaster.running(data) is None, wait_s):
            sockets.forget(server.sockets, data)
            return True
    raise Unusable(f"PostgreSQL (process {server.pid}) in {data} does not stop.")


def status(folder: Path) -> Status:
    """How the server of `folder` is, without starting it. Raises `Unusable` when barred."""
    data = folder.expanduser().absolute()
    try:
        version = cluster.version(data)
        server = postmaster.running(data)
    except PermissionError as error:
        raise Unusable(f"The database folder {data} belongs to another account.") from error
    if version is None:
        return Status("absent", data)
    if server is None:
        return Status("stopped", data, version)
    return Status("running", data, version, server.pid, sockets.url(server.sockets))


def _gets_ready(data: Path, server: Postmaster) -> bool:
    """Waits for recovery after a crash to end; makes our database in a new server.

    False when the server was on its way down and is gone now. Raises `Unusable`.
    """
    deadline = time.monotonic() + READY_WAIT_S
    while postmaster.running(data) == server:
        try:
            with psycopg.connect(sockets.url(server.sockets, "postgres"), autocommit=True) as link:
                _ensure_database(link)
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                words = explain(launch.log_of(data).read_text(errors="replace")) or str(error)
                raise Unusable(f"The PostgreSQL in {data} does not get ready: {words}") from error
            time.sleep(0.05)
        else:
            return True
    return False


def _ensure_database(link: psycopg.Connection) -> None:
    name = sockets.DATABASE
    known = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    if known.fetchone() is None:
        link.execute(f"CREATE DATABASE {name}")


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Lets one process at a time start the server of a folder."""
    with data.with_name(f"{data.name}.lock").open("a") as lock:
        if not waiting.until(lambda: _locks(lock.fileno()), LOCK_WAIT_S):
            raise Unusable(
                f"Another process has been starting PostgreSQL in {data} for "
                f"{LOCK_WAIT_S:.0f} seconds. Look at it, or end it, and try again."
            )
        yield


def _locks(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
