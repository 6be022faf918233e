"""The index files of this installation: one for the register in force, built once, mapped by all
processes.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from resmi.registry.index import Index
from resmi.registry.matching.storing import Unusable

_log = logging.getLogger(__name__)


def obtain(folder: Path, version: int, edition: str, build: Callable[[], Index]) -> Index:
    """The index of a register version: from its file, else built and written for the others.

    What `build` returns may be of a newer version by then, and is kept as that. One process builds
    while the others wait for its file. Where the folder can't be written the index is built in
    memory, and a warning logged. Files of other versions are removed; whoever still has one mapped
    keeps it.
    """
    path = folder / f"{version}.idx"
    if index := _opened(path, version, edition):
        return index
    try:
        with _alone(folder):
            if index := _opened(path, version, edition):
                return index
            index = build()
            return _shelved(folder / f"{index.version}.idx", index)
    except OSError as error:
        _log.warning("The index can't be kept in %s (%s): built in memory.", folder, error)
    return build()


def _opened(path: Path, version: int, edition: str) -> Index | None:
    try:
        index = Index.open(path)
    except OSError:
        return None
    except Unusable as error:
        _log.warning("Building the index anew: %s.", error)
        return None
    return index if (index.version, index.edition) == (version, edition) else None


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds the folder's lock; it ends with the process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)  # a process forked meanwhile holds the file open


def _shelved(path: Path, index: Index) -> Index:
    """The index, now in its file; as it was built when it can't be written."""
    try:
        index.save(path)
        shelved = Index.open(path)
    except (OSError, Unusable) as error:
        _log.warning("The index can't be kept in %s (%s): it stays in memory.", path, error)
        return index
    for other in (*path.parent.glob("*.idx"), *path.parent.glob(".*.idx.*")):
        if other != path:
            other.unlink(missing_ok=True)
    return shelved
