"""Collects what browsers load, hashed and compressed; again only when something changed."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

from resmi.cli.trouble import Trouble

STAMP = "stamp"
# Of htmx we load one file; it ships many.
UNUSED = ("htmx-4*", "htmax*", "htmx-2.js", "ext")


def ensure() -> bool:
    """Collects the files unless the folder holds those of this version; True if it did.

    Several processes may ask at once; one collects, the others wait. Raises `Trouble` when the
    folder can't be written to.
    """
    if settings.STATIC_ROOT is None:
        return False
    folder, wanted = Path(settings.STATIC_ROOT), digest()
    if _stamp(folder) == wanted:
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _collect(folder, wanted)
    except PermissionError as error:
        raise Trouble(
            f"the files browsers load can't be put into {folder}: run `resmi static` as the "
            "account that installed Resmi, or name another folder with RESMI_STATIC."
        ) from error


def _collect(folder: Path, wanted: str) -> bool:
    if _stamp(folder) == wanted:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=list(UNUSED))
    (folder / STAMP).write_text(wanted)
    return True


def _stamp(folder: Path) -> str:
    try:
        return (folder / STAMP).read_text()
    except FileNotFoundError:
        return ""


def digest() -> str:
    """What the files of this version come to: their names and contents."""
    found = hashlib.blake2b(digest_size=16)
    for finder in finders.get_finders():
        for name, storage in finder.list(list(UNUSED)):
            with storage.open(name) as file:
                found.update(f"{name}\0".encode())
                found.update(hashlib.blake2b(file.read()).digest())
    return found.hexdigest()
