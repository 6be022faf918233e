"""Puts a backup in the place of what is there; what was there is kept aside."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from resmi.cli.keeping import contents, postgres, saving, store
from resmi.cli.keeping.contents import Manifest, Places, Tell
from resmi.cli.keeping.keepers import InFolder, InStore
from resmi.cli.keeping.members import KEYS, MEDIA
from resmi.cli.keeping.sealing import Opener, Unreadable
from resmi.cli.trouble import Trouble

_PROGRAMS = """
    SELECT DISTINCT application_name FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND application_name ~ '^resmi[ -]'
    ORDER BY 1
"""


def restore(
    file: Path, passphrase: str, *, url: str, env: Mapping[str, str], replace: bool, tell: Tell
) -> Manifest:
    """Restores `file` into the installation of `env` whose database is at `url`.

    All is unpacked and proved beside what is there, and only then takes its place. Raises
    `Trouble`; then nothing has changed, unless it says which files are to be moved by hand.
    """
    is_empty = _check_target(url, replace=replace)
    places, stamp = Places.of(env), f"{datetime.now(UTC):%Y%m%d%H%M%S}"
    folder = places.home / f"restore-{stamp}"
    kept = store.of(env.get("RESMI_STORAGE", ""))
    new = postgres.create(url, "restore")
    with tempfile.TemporaryFile("w+") as put:
        keeper = InStore(folder, kept, put) if kept else InFolder(folder)
        try:
            with file.open("rb") as source:
                opener = Opener(source, passphrase)
                manifest, files = contents.take_out(opener, url=new, keeper=keeper, tell=tell)
            saving.prove(manifest, files, new, tell)
            _swap_database(url, new, stamp)
        except BaseException as error:
            postgres.drop(url, new)
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(keeper, InStore):
                keeper.undo()
            if isinstance(error, Unreadable):
                raise Trouble(f"{file} can't be restored: {error}") from error
            raise
        finally:
            if kept:
                kept.close()
    # From here on the restored database is the one in use: nothing that belongs to it is removed.
    _take_files(folder, places, stamp, tell)
    _settle(url, stamp, keep=not is_empty, tell=tell)
    if manifest.media_left_out:
        tell("This backup was made without citizens' files.")
    return manifest


def _check_target(url: str, *, replace: bool) -> bool:
    """Whether nothing is lost there. Raises `Trouble` when programs run or it holds data."""
    with psycopg.connect(url) as link:
        running = [name for (name,) in link.execute(_PROGRAMS).fetchall()]
        if running:
            raise Trouble(
                f"programs use this database ({', '.join(running)}). Stop them first: what they "
                "write now would be lost."
            )
        row = link.execute("SELECT to_regclass('public.agency_user') IS NULL").fetchone()
        if row and row[0]:
            return True
        row = link.execute("SELECT NOT EXISTS (SELECT 1 FROM agency_user)").fetchone()
        is_empty = bool(row and row[0])
    if not is_empty and not replace:
        raise Trouble(
            "this installation holds data. Restore into an empty one (another RESMI_HOME), or give "
            "--replace: what is there is kept aside."
        )
    return is_empty


def _swap_database(url: str, new: str, stamp: str) -> None:
    """Renames: ours aside, the restored one to ours."""
    ours, aside = postgres.name_of(url), f"resmi_before_{stamp}"
    try:
        with psycopg.connect(postgres.beside(url, "postgres"), autocommit=True) as link:
            _rename(link, ours, aside)
            try:
                _rename(link, postgres.name_of(new), ours)
            except psycopg.Error as error:
                _back(url, aside, ours, error)
                raise
    except psycopg.Error as error:
        raise Trouble(
            f"the restored database could not take its place: {str(error).splitlines()[0]}. "
            "Nothing has changed."
        ) from error


def _back(url: str, aside: str, ours: str, why: psycopg.Error) -> None:
    """Gives the database that was there its name again, on a connection of its own."""
    try:
        with psycopg.connect(postgres.beside(url, "postgres"), autocommit=True) as link:
            _rename(link, aside, ours)
    except psycopg.Error as error:
        raise Trouble(
            f"the restored database could not take its place: {str(why).splitlines()[0]}. What "
            f"was there is whole, but is named {aside} now. Once PostgreSQL answers again: "
            f'ALTER DATABASE "{aside}" RENAME TO "{ours}"'
        ) from error


def _settle(url: str, stamp: str, *, keep: bool, tell: Tell) -> None:
    """Says where the database is that was there before; one that held nothing is removed."""
    aside = f"resmi_before_{stamp}"
    if keep:
        tell(
            f"What was there is kept as the database {aside}, until you say: "
            f"resmi database forget {stamp}"
        )
    else:
        postgres.drop(url, postgres.beside(url, aside))


def _rename(link: psycopg.Connection, old: str, new: str) -> None:
    link.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
    )


def _take_files(folder: Path, places: Places, stamp: str, tell: Tell) -> None:
    """Raises `Trouble` when files could not be put in place; they stay in the folder then."""
    try:
        _swap_files(folder, places, stamp, tell)
    except OSError as error:
        raise Trouble(
            f"the database is restored, but not all files could be put in place: {error}. Those "
            f"left are in {folder}: move them to {places.home} by hand before programs start."
        ) from error
    shutil.rmtree(folder, ignore_errors=True)


def _swap_files(folder: Path, places: Places, stamp: str, tell: Tell) -> None:
    moves = [(folder / MEDIA, places.media)]
    moves += [(folder / KEYS / name, path) for name, path in places.keys.items()]
    for source, target in moves:
        if not source.exists():
            continue
        if target.exists():
            aside = target.with_name(f"{target.name}.before-{stamp}")
            target.rename(aside)
            tell(f"What was there is kept as {aside}.")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(source, target)
