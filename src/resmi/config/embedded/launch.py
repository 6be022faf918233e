"""Starting the server's process, and its log."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from resmi.config.embedded import cluster, postmaster, programs, sockets, waiting
from resmi.config.embedded.account import Account
from resmi.config.embedded.errors import Unusable, explain
from resmi.config.embedded.postmaster import Postmaster

SETTLE_WAIT_S = 60.0
LEFTOVER_WAIT_S = 20.0
LOG_BYTES = 10_000_000
OPTIONS = {
    "listen_addresses": "",
    "port": str(sockets.PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    # Small statements by key: to compile one takes longer than to run it.
    "jit": "off",
    # After a checkpoint each page touched is logged whole: under load not more often than needed.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "log_line_prefix": "%m [%p] ",
}
# What PostgreSQL says while processes of a killed server are still ending.
LEFTOVER_MARKS = ("pre-existing shared memory", "lock file")


def launch(data: Path, account: Account) -> Postmaster:
    """Starts a server that outlives us; raises `Unusable` with its own words when it won't."""
    prefix = programs.runnable_by(account, beside=data.parent)
    cluster.ensure(data, prefix, account)
    rotate(log_of(data))
    folder = sockets.folder_for(data, account)
    deadline = time.monotonic() + LEFTOVER_WAIT_S
    while True:
        postmaster.clear_stale(data)
        server, words = _attempt(prefix, data, folder, account)
        if server:
            return server
        leftover = any(mark in words for mark in LEFTOVER_MARKS)
        if not leftover or time.monotonic() > deadline:
            raise Unusable(f"The embedded PostgreSQL in {data} did not start: {explain(words)}")
        time.sleep(0.5)


def log_of(data: Path) -> Path:
    """The server's log, beside its data."""
    return data.with_name(f"{data.name}.log")


def rotate(log: Path) -> None:
    """Puts a log that has grown aside, in the place of the one put aside before."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        shutil.move(log, log.with_suffix(".log.1"))


def _attempt(
    prefix: Path, data: Path, folder: Path, account: Account
) -> tuple[Postmaster | None, str]:
    """Starts once. The server when it stayed, and what it wrote to its log meanwhile."""
    log = log_of(data)
    log.touch(mode=0o600)
    begin = log.stat().st_size
    pid = _spawn(prefix, data, folder, account)
    waiting.until(lambda: _settled(data, pid), SETTLE_WAIT_S)
    return postmaster.running(data), log.read_text(errors="replace")[begin:]


def _spawn(prefix: Path, data: Path, folder: Path, account: Account) -> int:
    """Starts the server through a shell that ends at once, so that it is nobody's child.

    As our own child it would linger as a zombie when it dies, and a zombie's pid looks alive.
    """
    quoted = str(folder).replace('"', '""')
    options = {**OPTIONS, "unix_socket_directories": f'"{quoted}"'}
    arguments = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
    command = [str(prefix / "bin" / "postgres"), "-D", str(data), *arguments]
    with log_of(data).open("ab") as output:
        started = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *command],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            cwd="/",
            env=cluster.ENVIRONMENT,
            umask=0o077,
            start_new_session=True,
            **account.identity(),
        )
    return int(started.stdout)


def _settled(data: Path, pid: int) -> bool:
    """Whether the started process has either written its pid file or died."""
    server = postmaster.running(data)
    return (server is not None and server.pid == pid) or not postmaster.lives(pid)
