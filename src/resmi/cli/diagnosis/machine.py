"""The machine: Python, the home folder, disk space, the keys of receipts."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from resmi.cli.diagnosis.finding import Finding, error, ok, warning
from resmi.cli.keeping import store
from resmi.cli.trouble import Trouble
from resmi.config import environment
from resmi.registry.receipts import keyring

MEGABYTE = 1_000_000
DISK_ERROR_MB = 300
DISK_WARNING_MB = 2_000


def examine(env: Mapping[str, str]) -> Iterator[Finding]:
    """Python's version, a home folder with room on its disk, and keys to sign with."""
    yield python(sys.version_info[:3])
    home = environment.home(env)
    yield folder(home)
    yield disk(home)
    yield receipt_keys(env)
    if url := env.get("RESMI_STORAGE"):
        yield files(url)


def python(version: tuple[int, ...]) -> Finding:
    """Resmi is made for one minor version, so that its pinned packages fit."""
    text = "Python " + ".".join(map(str, version))
    if version[:2] == (3, 11):
        return ok("python", text)
    return error("python", f"{text} is not 3.11", "Make the virtualenv anew with python3.11.")


def folder(home: Path) -> Finding:
    """The home folder, or the nearest one above in which it would be made, can be written to."""
    nearest = _nearest(home)
    if not nearest.is_dir():
        return error("home", f"{nearest} is not a folder", "Name another one with RESMI_HOME.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        return error(
            "home",
            f"{nearest} can't be written to by this account",
            f"Give it to this account (chown), or name another folder with RESMI_HOME. {home} is "
            "where data goes.",
        )
    if nearest != home:
        return warning("home", f"{home} does not exist yet", "Run: resmi init")
    if home.stat().st_mode & 0o004:
        return warning(
            "home", f"{home} can be listed by every account of this machine", f"chmod o-r {home}"
        )
    return ok("home", str(home))


def disk(home: Path) -> Finding:
    """Room for the database to grow."""
    free = shutil.disk_usage(_nearest(home)).free // MEGABYTE
    text = f"{free:,} MB free on the disk of {home}"
    mend = "Free some space, or move RESMI_HOME to another disk."
    if free < DISK_ERROR_MB:
        return error("disk", text, mend)
    if free < DISK_WARNING_MB:
        return warning("disk", text, mend)
    return ok("disk", text)


def receipt_keys(env: Mapping[str, str]) -> Finding:
    """Answers can be signed; without keys citizens are answered, but get no receipts."""
    file = environment.receipt_keys(env, environment.home(env))
    try:
        ring = keyring.load(file)
    except FileNotFoundError:
        return warning("receipt keys", f"{file} is missing: no receipts", "Run: resmi init")
    except keyring.Unusable as wrong:
        return error("receipt keys", "can't be used", str(wrong))
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        mend = f"Run: chmod 600 {file}"
        return warning("receipt keys", f"{file} may be read by other accounts", mend)
    return ok("receipt keys", f"{ring.signing.id} signs")


def files(url: str) -> Finding:
    """The store of citizens' files answers. While it does not, only files wait: no error."""
    try:
        with closing(store.Store(url, tries=1, connect_s=2.0)) as kept:
            kept.check()
    except environment.WrongSetting as wrong:
        return error("files", "RESMI_STORAGE can't be used", str(wrong))
    except store.NotInstalled as missing:
        return error("files", "RESMI_STORAGE can't be used", str(missing))
    except Trouble as wrong:
        return warning("files", str(wrong), "Look at RESMI_STORAGE and at the store itself.")
    return ok("files", "the store of citizens' files answers")


def _nearest(home: Path) -> Path:
    return next(path for path in (home, *home.parents) if path.exists())
