"""Makes a backup and proves it by restoring it into a throw-away database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec
import psycopg

from resmi.cli.keeping import checking, contents, members, postgres
from resmi.cli.keeping.contents import Manifest, Places, Tell
from resmi.cli.keeping.sealing import Opener, Sealer, Unreadable
from resmi.cli.trouble import Trouble


def save(
    file: Path, passphrase: str, *, url: str, env: Mapping[str, str], trial: bool, tell: Tell
) -> Manifest:
    """Writes the backup `file`; it appears under its name only once it is whole and proved.

    Programs may run meanwhile: the database is saved as of one moment. Raises `Trouble`.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        with open(part, "wb", opener=_private) as target:
            manifest = _write(target, passphrase, url, Places.of(env), tell)
        if trial:
            tell("Trial: restoring it into a throw-away database")
            try_out(part, passphrase, url=url, tell=tell)
        part.rename(file)
        _sync_folder(file.parent)
    except (OSError, psycopg.Error) as error:
        raise Trouble(f"no backup was made: {str(error).splitlines()[0]}") from error
    finally:
        with suppress(OSError):
            part.unlink()
    return manifest


def _write(target: IO[bytes], passphrase: str, url: str, places: Places, tell: Tell) -> Manifest:
    sealer = Sealer(target, passphrase)
    with psycopg.connect(url) as link:
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        link.read_only = True
        row = link.execute("SELECT pg_export_snapshot()").fetchone()
        assert row
        dump = contents.told(postgres.dump(url, row[0]), "Database", tell)
        members.write(sealer, contents.DATABASE, dump)
        rows = checking.tables(link)
    media, keys = contents.put_files(sealer, places, tell)
    manifest = Manifest(made_at=datetime.now(UTC), rows=rows, media=media, keys=keys)
    members.write(sealer, contents.MANIFEST, [msgspec.json.encode(manifest)])
    members.end(sealer)
    sealer.finish()
    target.flush()
    os.fsync(target.fileno())
    return manifest


def try_out(file: Path, passphrase: str, *, url: str, tell: Tell) -> Manifest:
    """Restores a backup beside the database at `url`, compares, and removes the copy again.

    Raises `Trouble` naming what differs.
    """
    try:
        with postgres.throw_away(url, "trial") as copy, file.open("rb") as source:
            opener = Opener(source, passphrase)
            manifest, media = contents.take_out(opener, url=copy, folder=None, tell=_silent)
            prove(manifest, media, copy, tell)
    except Unreadable as error:
        raise Trouble(f"{file} can't be restored: {error}") from error
    return manifest


def prove(manifest: Manifest, media: int, url: str, tell: Tell) -> None:
    """Holds a restored database against the manifest. Raises `Trouble`."""
    with psycopg.connect(url) as link:
        wrong = checking.differences(manifest.rows, checking.tables(link))
        proved, broken = checking.broken_logs(link)
    if media != manifest.media:
        wrong.append(f"{manifest.media} files were saved, {media} came back")
    wrong += [f"the log of conversation {one} does not prove itself" for one in broken]
    if wrong:
        raise Trouble("the backup is not what was saved:\n" + "\n".join(f"  - {w}" for w in wrong))
    tell(
        f"Proved: {sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables, "
        f"{media} files, the logs of {proved} conversations."
    )


def _silent(words: str) -> None:
    pass


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
