"""Where the files and keys of a backup go when it is restored."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from resmi.cli.keeping.members import KEYS, MEDIA
from resmi.cli.keeping.sealing import Unreadable
from resmi.cli.keeping.store import Store
from resmi.cli.trouble import Trouble


class Keeper(Protocol):
    """Takes the members of a backup that are neither the database nor the account of it."""

    def keep(self, name: str, parts: Iterator[bytes]) -> None:
        """Keeps one. Raises `Unreadable`, `Trouble`."""
        ...


class InFolder:
    """Keeps all in a folder made for it, beside what is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, name: str, parts: Iterator[bytes]) -> None:
        """Writes one file. Raises `Unreadable` for a name that would lead elsewhere."""
        target = self.folder / _checked(name)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(target, "xb", opener=_private) as file:
            for part in parts:
                file.write(part)


class InStore:
    """Keeps keys in the folder and citizens' files in the store, under the names they had.

    A file that is there already, of the same size, stays as it is. `put` names what was added, so
    that a restore that fails leaves the store as it was.
    """

    def __init__(self, folder: Path, store: Store, put: IO[str]) -> None:
        self._rest = InFolder(folder)
        self._store = store
        self._put = put

    def keep(self, name: str, parts: Iterator[bytes]) -> None:
        """Puts one there. Raises `Unreadable`, `Trouble`."""
        if not name.startswith(MEDIA):
            self._rest.keep(name, parts)
            return
        place = _checked(name).relative_to(MEDIA).as_posix()
        there = self._store.size(place)
        if there is None:
            self._put.write(f"{place}\n")
            self._store.write(place, parts)
            return
        size = sum(len(part) for part in parts)
        if size != there:
            raise Trouble(
                f"the store holds another file named {place} ({there} bytes instead of {size}): "
                "move it away, or name an empty store in RESMI_STORAGE."
            )

    def undo(self) -> None:
        """Takes away again what was added."""
        self._put.seek(0)
        for line in self._put:
            self._store.remove(line.rstrip("\n"))


def _checked(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not name.startswith((KEYS, MEDIA)):
        raise Unreadable(f"it holds a file with an impossible name: {name!r}.")
    return path


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
