"""What a backup holds: the database, the files of citizens and staff, the keys, and an account."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from resmi.cli.keeping import members, postgres
from resmi.cli.keeping.keepers import Keeper
from resmi.cli.keeping.members import KEYS, MEDIA, PART
from resmi.cli.keeping.sealing import Opener, Sealer, Unreadable
from resmi.cli.keeping.store import Store
from resmi.config import environment

DATABASE = "database.dump"
MANIFEST = "manifest.json"
MEGABYTE = 1_000_000
NAMED = 5
TELL_EVERY_S = 5.0

Tell = Callable[[str], None]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was put in, written last: rows by table as of the dump's own snapshot, and files.

    `media_bytes` is None in backups that did not count them; `media_left_out` says that files were
    left out on purpose.
    """

    made_at: datetime
    rows: dict[str, int]
    media: int
    keys: tuple[str, ...]
    media_bytes: int | None = None
    media_left_out: bool = False


class Named(msgspec.Struct, frozen=True, array_like=True):
    """A file the database names; `sha256` (hex) is empty where none is known."""

    name: str
    sha256: str


@dataclass
class Files:
    """How many files, and how large together."""

    count: int = 0
    size: int = 0

    def add(self, size: int) -> None:
        """Counts one."""
        self.count += 1
        self.size += size

    def told(self) -> str:
        """In words."""
        return f"{self.count:,} files, {self.size / MEGABYTE:,.1f} MB"


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


def put_keys(sealer: Sealer, places: Places) -> tuple[str, ...]:
    """Writes the keys; which there were."""
    keys = []
    for name, path in places.keys.items():
        if path.exists():
            members.write(sealer, KEYS + name, [path.read_bytes()])
            keys.append(name)
    return tuple(keys)


def put_folder(sealer: Sealer, folder: Path) -> Files:
    """Writes all files of a folder.

    One that vanishes meanwhile was not yet, or no longer, part of the database's snapshot.
    """
    files = Files()
    for path in _files(folder):
        relative = path.relative_to(folder).as_posix()
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            files.add(members.write(sealer, MEDIA + relative, _parts(file)))
    return files


def put_stored(sealer: Sealer, store: Store, names: Iterable[Named], tell: Tell) -> Files:
    """Writes the files of a store that the database names.

    Tells which are not there, or damaged; no refusal would bring those back. Raises `Trouble`.
    """
    files, missing, changed = Files(), [], []
    due = time.monotonic() + TELL_EVERY_S
    for named in names:
        parts = store.read(named.name)
        if parts is None:
            missing.append(named.name)
            continue
        digest = hashlib.sha256()
        files.add(members.write(sealer, MEDIA + named.name, _hashed(parts, digest)))
        if named.sha256 and digest.hexdigest() != named.sha256:
            changed.append(named.name)
        if time.monotonic() > due:
            tell(f"Files: {files.told()} so far")
            due = time.monotonic() + TELL_EVERY_S
    _tell_of(missing, "are named by the database and not in the store", tell)
    _tell_of(changed, "are in the store otherwise than they were received", tell)
    return files


def _tell_of(names: list[str], what: str, tell: Tell) -> None:
    if names:
        more = " …" if len(names) > NAMED else ""
        tell(f"{len(names)} files {what}: {', '.join(names[:NAMED])}{more}")


def _hashed(parts: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    for part in parts:
        digest.update(part)
        yield part


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


def take_out(
    opener: Opener, *, url: str, keeper: Keeper | None, tell: Tell
) -> tuple[Manifest, Files]:
    """Loads the database into the empty one at `url`; hands files and keys to `keeper`, if given.

    Returns the manifest and the files there were. Raises `Unreadable`, `Trouble`.
    """
    manifest, files = b"", Files()
    for name, parts in members.read(opener):
        if name == DATABASE:
            postgres.load(url, told(parts, "Database", tell))
        elif name == MANIFEST:
            manifest = b"".join(parts)
        else:
            counted = _Counted(parts)
            if keeper is not None:
                keeper.keep(name, counted)
            for _ in counted:
                pass
            if name.startswith(MEDIA):
                files.add(counted.size)
    try:
        return msgspec.json.decode(manifest, type=Manifest), files
    except msgspec.MsgspecError as error:
        raise Unreadable("it holds no account of its contents.") from error


class _Counted:
    """The same parts, and how many bytes they were."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        part = next(self._parts)
        self.size += len(part)
        return part
