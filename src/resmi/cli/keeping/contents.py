"""What a backup holds: the database, the files of citizens and staff, the keys, and an account."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from resmi.cli.keeping import members, postgres
from resmi.cli.keeping.members import PART
from resmi.cli.keeping.sealing import Opener, Sealer, Unreadable
from resmi.config import environment

DATABASE = "database.dump"
MANIFEST = "manifest.json"
KEYS = "keys/"
MEDIA = "media/"
MEGABYTE = 1_000_000
TELL_EVERY_S = 5.0

Tell = Callable[[str], None]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was put in, written last: rows by table as of the dump's own snapshot, and files."""

    made_at: datetime
    rows: dict[str, int]
    media: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Places:
    """Where the files of this installation are."""

    home: Path
    keys: Mapping[str, Path]

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Places:
        """As the settings say."""
        home = environment.home(env)
        keys = {
            environment.KEY_FILE: home / environment.KEY_FILE,
            environment.RECEIPT_KEYS_FILE: environment.receipt_keys(env, home),
        }
        return cls(home, keys)

    @property
    def media(self) -> Path:
        """The folder of files."""
        return self.home / "media"


def put_files(sealer: Sealer, places: Places, tell: Tell) -> tuple[int, tuple[str, ...]]:
    """Writes keys and files; how many files, and which keys there were.

    A file that vanishes meanwhile was not yet, or no longer, part of the database's snapshot.
    """
    keys = []
    for name, path in places.keys.items():
        if path.exists():
            members.write(sealer, KEYS + name, [path.read_bytes()])
            keys.append(name)
    count = 0
    for path in _files(places.media):
        relative = path.relative_to(places.media).as_posix()
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            members.write(sealer, MEDIA + relative, _parts(file))
        count += 1
    tell(f"Files: {count}. Keys: {', '.join(keys) or 'none'}.")
    return count, tuple(keys)


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(PART):
        yield part


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place) / name for name in sorted(names))


def told(parts: Iterable[bytes], what: str, tell: Tell) -> Iterator[bytes]:
    """The same parts; says now and then how far it is."""
    size, due = 0, time.monotonic() + TELL_EVERY_S
    for part in parts:
        size += len(part)
        if time.monotonic() > due:
            tell(f"{what}: {size / MEGABYTE:,.0f} MB so far")
            due = time.monotonic() + TELL_EVERY_S
        yield part
    tell(f"{what}: {size / MEGABYTE:,.1f} MB")


def take_out(opener: Opener, *, url: str, folder: Path | None, tell: Tell) -> tuple[Manifest, int]:
    """Loads the database into the empty one at `url` and writes files into `folder`, if given.

    Returns the manifest and the number of files. Raises `Unreadable`, `Trouble`.
    """
    manifest, media = b"", 0
    for name, parts in members.read(opener):
        if name == DATABASE:
            postgres.load(url, told(parts, "Database", tell))
        elif name == MANIFEST:
            manifest = b"".join(parts)
        else:
            media += name.startswith(MEDIA)
            if folder is not None:
                _write(folder, name, parts)
    try:
        return msgspec.json.decode(manifest, type=Manifest), media
    except msgspec.MsgspecError as error:
        raise Unreadable("it holds no account of its contents.") from error


def _write(folder: Path, name: str, parts: Iterable[bytes]) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not name.startswith((KEYS, MEDIA)):
        raise Unreadable(f"it holds a file with an impossible name: {name!r}.")
    target = folder / path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(target, "xb", opener=_private) as file:
        for part in parts:
            file.write(part)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
