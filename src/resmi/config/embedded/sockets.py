"""Where the server's socket goes: a folder only its account can enter, with a path short enough."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

from resmi.config.embedded.account import Account
from resmi.config.embedded.errors import Unusable

PORT = 5432
SUPERUSER = "postgres"
DATABASE = "resmi"
# A socket's path may have 103 bytes on macOS, 107 on Linux (sun_path in sys/un.h).
PATH_BYTES = 103


def folder_for(data: Path, account: Account) -> Path:
    """The data folder itself, or a private one elsewhere when no socket can be in it.

    Raises `Unusable` when no place is short enough or somebody else has taken it.
    """
    if fits(data):
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    places = ["" if account.switch else os.environ.get("XDG_RUNTIME_DIR", "")]
    places += [tempfile.gettempdir(), "/tmp"]
    for place in filter(None, places):
        candidate = Path(place) / f"resmi-{account.uid}-{digest}"
        if fits(candidate) and Path(place).is_dir():
            return _private(candidate, account)
    raise Unusable(
        f"The path {data} is too long for PostgreSQL's socket (or has a comma in it). Choose "
        "another RESMI_HOME."
    )


def fits(folder: Path) -> bool:
    """Whether a socket can be in this folder: a short path, and no comma.

    Clients take a comma for the border between two hosts.
    """
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= PATH_BYTES and "," not in str(folder)


def url(folder: Path, database: str = DATABASE) -> str:
    """The URL of a database behind the socket in `folder`."""
    return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(folder), safe='')}"


def forget(folder: Path, data: Path) -> None:
    """Removes a socket folder that is not the data's own, when nothing is left in it."""
    if folder != data:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _private(folder: Path, account: Account) -> Path:
    """Makes a folder only the account can enter; refuses one somebody else has laid there."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
        account.own(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise Unusable(
            f"{folder}, where PostgreSQL's socket should go, is not a private folder of the "
            f"account {account.name}. Remove it, or choose a shorter RESMI_HOME."
        )
    return folder
