"""Collects what browsers load, hashed and compressed; again only when something changed.

Somebody may load a file at that very moment, and keeps for ever what came. So a name that is there
already is left alone, as its hash says what it holds, and a new one appears whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.core.management import call_command

from resmi.cli.trouble import Trouble
from resmi.config import statics

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
    with tempfile.TemporaryDirectory(prefix="resmi-static-") as made:
        command = collectstatic.Command()
        command.storage = statics.Storage(location=made)
        call_command(command, interactive=False, verbosity=0, ignore_patterns=list(UNUSED))
        _take_over(Path(made), folder)
    _put(wanted.encode(), folder / STAMP)
    return True


def _take_over(made: Path, folder: Path) -> None:
    """Adds what is new; the list of names comes last, when all it names is there."""
    listing = statics.Storage.manifest_name
    for source in sorted(made.rglob("*")):
        target = folder / source.relative_to(made)
        if source.is_file() and source.name != listing and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _put(source.read_bytes(), target)
    _put((made / listing).read_bytes(), folder / listing)


def _put(content: bytes, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(content)
    part.replace(target)


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
