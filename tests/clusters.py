"""PostgreSQL folders with all tables made, copied instead of made anew.

Migrating takes ten seconds, and dozens of tests start installations of their own. The migrations
run once for each state of them; what comes out is kept in the folder for temporary files.

clusters.lay(home / "postgres")   # as if an earlier start had made it
"""

from __future__ import annotations

import fcntl
import functools
import getpass
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from resmi.config import embedded
from resmi.config.embedded import cluster
from resmi.config.embedded.account import Account

ROOT = Path(__file__).parents[1]
DATABASE = "resmi"
KEPT_S = 24 * 3600


@functools.cache
def folder() -> Path:
    """Where the data of this state of the migrations lies, and the server of test runs."""
    state = hashlib.blake2s(digest_size=6)
    state.update((ROOT / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "src").glob("resmi/*/migrations/*.py")):
        state.update(path.name.encode() + path.read_bytes())
    above = Path(tempfile.gettempdir()) / f"resmi-test-server-{getpass.getuser()}"
    above.mkdir(mode=0o711, exist_ok=True)
    found = above / state.hexdigest()
    found.mkdir(mode=0o711, exist_ok=True)
    return found


@functools.cache
def made() -> Path:
    """The data of a stopped server whose database has all tables."""
    data = folder() / "made" / "postgres"
    with _alone(folder() / "making.lock"):
        if not data.exists():
            part = folder() / "part" / "postgres"
            shutil.rmtree(part.parent, ignore_errors=True)
            _make(part)
            part.parent.rename(data.parent)
    return data


def _make(data: Path) -> None:
    """Lets the migrations run in a new server."""
    data.parent.mkdir(mode=0o711)
    try:
        env = {**os.environ, "RESMI_DATABASE_URL": embedded.start(data)}
        command = [sys.executable, "-m", "resmi.cli.main", "manage", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=env, check=True)
    finally:
        embedded.stop(data)
    data.with_suffix(".log").unlink(missing_ok=True)


def lay(data: Path, account: Account | None = None) -> None:
    """Copies the data to a place where there is none yet, for a server to be started on it."""
    account = account or cluster.prepare(data)
    subprocess.run(["cp", "-a", "--reflink=auto", f"{made()}/.", data], check=True)
    account.own(data)


@contextmanager
def quick() -> Iterator[None]:
    """Inside, servers this process starts on an empty folder have all tables from the start."""
    made()  # now, for it starts a server on an empty folder itself
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "_make", lambda data, prefix, account: lay(data, account))
        yield


def forget_old() -> None:
    """Removes what was kept for other states of the migrations and is not used any more."""
    for other in folder().parent.glob("[0-9a-f]" * 12):
        if other == folder() or time.time() - other.stat().st_mtime < KEPT_S:
            continue
        with suppress(OSError), (other / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            embedded.stop(other / "postgres")
            shutil.rmtree(other, ignore_errors=True)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
