"""What restores put aside: the databases and files that were there before."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from resmi.cli.keeping import postgres
from resmi.cli.keeping.contents import Places
from resmi.cli.trouble import Trouble

DATABASE = "resmi_before_"
FILE = ".before-"
_KEPT = """
    SELECT datname, pg_database_size(oid) FROM pg_database
    WHERE datname ~ '^resmi_before_[0-9]{14}$' ORDER BY datname
"""


@dataclass(frozen=True, kw_only=True)
class Aside:
    """What one restore put aside. `stamp` is its time (UTC); no `bytes` without a database."""

    stamp: str
    bytes: int | None
    files: tuple[Path, ...]


def kept(url: str, env: Mapping[str, str]) -> list[Aside]:
    """All of it, oldest first."""
    with psycopg.connect(url) as link:
        sizes = {name.removeprefix(DATABASE): size for name, size in link.execute(_KEPT)}
    files: dict[str, list[Path]] = {}
    places = Places.of(env)
    for place in (places.media, *places.keys.values()):
        for path in place.parent.glob(f"{place.name}{FILE}*"):
            stamp = path.name.rpartition(FILE)[2]
            if re.fullmatch(r"\d{14}", stamp):
                files.setdefault(stamp, []).append(path)
    return [
        Aside(stamp=stamp, bytes=sizes.get(stamp), files=tuple(sorted(files.get(stamp, ()))))
        for stamp in sorted({*sizes, *files})
    ]


def find(stamp: str, url: str, env: Mapping[str, str]) -> Aside:
    """What was put aside at one time. Raises `Trouble` when nothing was."""
    for aside in kept(url, env):
        if aside.stamp == stamp:
            return aside
    raise Trouble(f"nothing was put aside at {stamp!r}: resmi database kept lists what was.")


def forget(aside: Aside, url: str) -> None:
    """Removes one for good."""
    if aside.bytes is not None:
        postgres.drop(url, postgres.beside(url, DATABASE + aside.stamp))
    for path in aside.files:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
