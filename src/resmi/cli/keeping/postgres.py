"""PostgreSQL's own programs and databases, for backups and their trial."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote

import psycopg
from psycopg import sql

from resmi.cli.keeping.members import PART
from resmi.cli.trouble import Trouble
from resmi.config.embedded import programs
from resmi.config.environment import database_parts

# libpq's variables for the parts of a URL, so that no password stands in a list of processes.
VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}

KNOWS_ALL_SETTINGS = 17_00_00
NEWER_SETTING = "Command was: SET transaction_timeout = 0;"


def environment(url: str, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment in which PostgreSQL's programs use the database at `url`."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    kept = {name: value for name, value in env.items() if not name.startswith(("PG", "RESMI_"))}
    named = {VARIABLES[key]: str(value) for key, value in parts.items() if key in VARIABLES}
    return {**kept, **named, "LC_ALL": "C"}


def dump(url: str, snapshot: str) -> Iterator[bytes]:
    """The database as of an exported snapshot, in pg_dump's custom format. Raises `Trouble`."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    with tempfile.TemporaryFile() as words:
        with subprocess.Popen(
            [str(_program("pg_dump")), *options],
            env=environment(url),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
        ) as child:
            assert child.stdout
            try:
                while part := child.stdout.read(PART):
                    yield part
            except BaseException:
                child.kill()
                raise
        if child.returncode:
            raise Trouble(f"the database could not be dumped: {_last_words(words)}")


def load(url: str, parts: Iterable[bytes]) -> None:
    """Restores a dump into an empty database. Raises `Trouble`."""
    is_old = _version(url) < KNOWS_ALL_SETTINGS
    options = ["--no-owner", "--no-privileges", *([] if is_old else ["--exit-on-error"])]
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with tempfile.TemporaryFile() as words:
        with subprocess.Popen(
            [str(_program("pg_restore")), *options, f"--dbname={name}"],
            env=environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=words,
        ) as child:
            assert child.stdin
            try:
                for part in parts:
                    child.stdin.write(part)
                child.stdin.close()
            except BrokenPipeError:
                pass
            except BaseException:
                child.kill()
                raise
        if child.returncode and not (is_old and stumbled_only_over_a_setting(_all_words(words))):
            raise Trouble(f"the dump could not be loaded: {_last_words(words)}")


def _version(url: str) -> int:
    with psycopg.connect(url) as link:
        return link.info.server_version


def stumbled_only_over_a_setting(words: str) -> bool:
    """Whether all that pg_restore complained of is the one setting an older server lacks.

    Our pg_restore switches off a time limit that servers before 17 don't know; without it they
    have none.
    """
    complaints = [line for line in words.splitlines() if line.startswith("pg_restore: error:")]
    return len(complaints) == 1 and NEWER_SETTING in words


def _all_words(words: IO[bytes]) -> str:
    words.seek(0)
    return words.read(20_000).decode(errors="replace")


def _last_words(words: IO[bytes]) -> str:
    lines = _all_words(words).strip().splitlines()
    return " ".join(lines[:3])[:600] or "it left no word."


def _program(name: str) -> Path:
    return programs.locate() / "bin" / name


def create(url: str, purpose: str) -> str:
    """Makes an empty database beside that of `url`; its URL. Raises `Trouble`."""
    name = f"resmi_{purpose}_{secrets.token_hex(4)}"
    try:
        with psycopg.connect(url, autocommit=True) as link:
            link.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
            )
    except psycopg.errors.InsufficientPrivilege as error:
        raise Trouble(
            f"the account of RESMI_DATABASE_URL may not make the database {name} that a {purpose} "
            "needs: ALTER ROLE … CREATEDB, and try again."
        ) from error
    return beside(url, name)


def drop(url: str, other: str) -> None:
    """Removes the database at `other`, asked for from that at `url`."""
    name = str(psycopg.conninfo.conninfo_to_dict(other)["dbname"])
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


@contextmanager
def throw_away(url: str, purpose: str) -> Iterator[str]:
    """The URL of an empty database beside that of `url`, removed at the end."""
    made = create(url, purpose)
    try:
        yield made
    finally:
        drop(url, made)


def beside(url: str, name: str) -> str:
    """The same server's database of another name."""
    parts = database_parts(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"postgresql://{parts.netloc}/{quote(name)}{query}"


def name_of(url: str) -> str:
    """The name of the database at a URL."""
    return unquote(database_parts(url).path.lstrip("/"))
