"""What `postmaster.pid` says, and whether it is true."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

FILE = "postmaster.pid"


@dataclass(frozen=True)
class Postmaster:
    """A running server: its process, and the folder and port number of its socket."""

    pid: int
    sockets: Path
    port: int


def running(folder: Path) -> Postmaster | None:
    """The server now running on `folder`, or None. A file left by a dead one counts as none."""
    recorded = _read(folder)
    return recorded if recorded and _serves(recorded.pid, folder) else None


def clear_stale(folder: Path) -> None:
    """Removes the pid file of a dead server where PostgreSQL itself would be fooled by it.

    PostgreSQL overwrites the file of a process that is gone. When the number lives on as a zombie
    or as a process of something else, it refuses to start instead. The file guards against two
    servers on one folder, so it is removed only when no process works in the folder.
    """
    recorded = _read(folder)
    if recorded and psutil.pid_exists(recorded.pid) and not _workers(folder):
        (folder / FILE).unlink(missing_ok=True)


def lives(pid: int) -> bool:
    """Whether the process exists and is more than a zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _read(folder: Path) -> Postmaster | None:
    """The file's lines: pid, data folder, start time, port, socket folder, and more.

    None while a server is still writing it, which it does in two goes.
    """
    try:
        lines = (folder / FILE).read_text().splitlines()
        sockets = lines[4].strip()
        if not sockets:
            return None
        return Postmaster(pid=int(lines[0]), port=int(lines[3]), sockets=Path(sockets))
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _workers(folder: Path) -> list[int]:
    return [process.pid for process in psutil.process_iter() if _serves(process.pid, folder)]


def _serves(pid: int, folder: Path) -> bool:
    """Whether the process is a live PostgreSQL on `folder`: all of its processes work in there."""
    try:
        process = psutil.Process(pid)
        if not lives(pid) or not process.name().startswith("postgres"):
            return False
        return Path(process.cwd()) == folder
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
