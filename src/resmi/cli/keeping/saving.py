"""Makes a backup and proves it by restoring it into a throw-away database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec
import psycopg

from resmi.cli.keeping import checking, contents, members, postgres, store
from resmi.cli.keeping.contents import Files, Manifest, Named, Places, Tell
from resmi.cli.keeping.sealing import Opener, Sealer, Unreadable
from resmi.cli.trouble import Trouble

# Everything the database names that is kept beside it.
_NAMES = """
    SELECT file, CASE state WHEN 'stored' THEN sha256 ELSE '' END FROM channels_mediafile
    WHERE file <> ''
    UNION ALL SELECT preview, '' FROM channels_mediafile WHERE preview <> ''
    UNION ALL SELECT file, '' FROM registry_staged WHERE file <> ''
"""


def save(
    file: Path,
    passphrase: str,
    *,
    url: str,
    env: Mapping[str, str],
    trial: bool,
    files: bool,
    tell: Tell,
) -> Manifest:
    """Writes the backup `file`; it appears under its name only once it is whole and proved.

    Programs may run meanwhile: the database is saved as of one moment. Without `files` those of
    citizens are left out. Raises `Trouble`.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        with open(part, "wb", opener=_private) as target:
            manifest = _write(target, passphrase, url, env, files, tell)
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


def _write(
    target: IO[bytes], passphrase: str, url: str, env: Mapping[str, str], files: bool, tell: Tell
) -> Manifest:
    places = Places.of(env)
    kept = store.of(env.get("RESMI_STORAGE", "")) if files else None
    sealer = Sealer(target, passphrase)
    with tempfile.TemporaryFile() as names:
        rows = _put_database(sealer, url, names if kept else None, tell)
        keys = contents.put_keys(sealer, places)
        put = Files()
        if kept:
            with closing(kept):
                put = contents.put_stored(sealer, kept, _listed(names), tell)
        elif files:
            put = contents.put_folder(sealer, places.media)
    tell(f"Files: {put.told() if files else 'left out'}. Keys: {', '.join(keys) or 'none'}.")
    manifest = Manifest(
        made_at=datetime.now(UTC),
        rows=rows,
        media=put.count,
        media_bytes=put.size,
        media_left_out=not files,
        keys=keys,
    )
    members.write(sealer, contents.MANIFEST, [msgspec.json.encode(manifest)])
    members.end(sealer)
    sealer.finish()
    target.flush()
    os.fsync(target.fileno())
    return manifest


def _put_database(sealer: Sealer, url: str, names: IO[bytes] | None, tell: Tell) -> dict[str, int]:
    """Writes the database as of one moment; its rows by table. `names` gets those of its files.

    Files are read only afterwards: the moment must not be held on to for hours.
    """
    with psycopg.connect(url) as link:
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        link.read_only = True
        row = link.execute("SELECT pg_export_snapshot()").fetchone()
        assert row
        dump = contents.told(postgres.dump(url, row[0]), "Database", tell)
        members.write(sealer, contents.DATABASE, dump)
        if names:
            with link.cursor("names") as cursor:
                for name, sha256 in cursor.execute(_NAMES):
                    names.write(msgspec.json.encode(Named(name, sha256)) + b"\n")
        return checking.tables(link)


def _listed(names: IO[bytes]) -> Iterator[Named]:
    names.seek(0)
    return (msgspec.json.decode(line, type=Named) for line in names)


def try_out(file: Path, passphrase: str, *, url: str, tell: Tell) -> Manifest:
    """Restores a backup beside the database at `url`, compares, and removes the copy again.

    Raises `Trouble` naming what differs.
    """
    try:
        with postgres.throw_away(url, "trial") as copy, file.open("rb") as source:
            opener = Opener(source, passphrase)
            manifest, files = contents.take_out(opener, url=copy, keeper=None, tell=_silent)
            prove(manifest, files, copy, tell)
    except Unreadable as error:
        raise Trouble(f"{file} can't be restored: {error}") from error
    return manifest


def prove(manifest: Manifest, files: Files, url: str, tell: Tell) -> None:
    """Holds a restored database and the files against the manifest. Raises `Trouble`."""
    with psycopg.connect(url) as link:
        wrong = checking.differences(manifest.rows, checking.tables(link))
        proved, broken = checking.broken_logs(link)
    size = files.size if manifest.media_bytes is None else manifest.media_bytes
    saved = Files(manifest.media, size)
    if files != saved:
        wrong.append(f"{saved.told()} were saved; {files.told()} came back")
    wrong += [f"the log of conversation {one} does not prove itself" for one in broken]
    if wrong:
        raise Trouble("the backup is not what was saved:\n" + "\n".join(f"  - {w}" for w in wrong))
    tell(
        f"Proved: {sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables, "
        f"{files.told()}, the logs of {proved} conversations."
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
