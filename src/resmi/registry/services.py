"""Imports lists into the register and hands out the index that answers from it."""

from __future__ import annotations

import io
import threading
import time
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from resmi.agency.models import User
from resmi.registry import queries, shelf
from resmi.registry.errors import ImportRefused, Problem
from resmi.registry.importing import comparing, confirming, staging
from resmi.registry.index import Index
from resmi.registry.models import Release, Staged, StagedState

_CHECK_EVERY_S = 1.0


@transaction.atomic
def import_csv(
    *, actor: User | None, file: Path | BinaryIO, source: str, authority: str, as_of: date
) -> Release:
    """Replaces the list `source` by the rows of a CSV file of ours and returns the new release.

    For programs that know what they do: nobody is asked, the brake is not looked at. All or
    nothing: raises `ImportRefused` with the faulty rows and columns, and the register stays as it
    was. An `as_of` older than that of the list in force is refused too. `actor` is None for
    imports by the command line.
    """
    content = io.BytesIO(file.read_bytes() if isinstance(file, Path) else file.read())
    staged = staging.stage(
        actor=actor,
        file=content,
        filename=file.name if isinstance(file, Path) else "list.csv",
        source=source,
        authority=authority,
        as_of=as_of,
        form="own",
        keep=False,
    )
    staged = comparing.read(staged.pk, file=content)
    check_read(staged)
    reason = "import without preview" if staged.brakes else ""
    return confirming.confirm(actor=actor, staged_id=staged.pk, reason=reason)


def check_read(staged: Staged) -> None:
    """Raises `ImportRefused` with the faults of a file that was refused."""
    if staged.state == StagedState.REFUSED:
        found = [
            Problem(row, column, text, values) for row, column, text, values in staged.problems
        ]
        raise ImportRefused(found)


class _Cache:
    """The index of this process and when it was last compared with the database."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.index: Index | None = None
        self.stamp: tuple[int, str] = (-1, "")
        self.checked_at = 0.0


_cache = _Cache()


def current_index() -> Index:
    """The index of the register in force, shared by the process.

    The database is asked for its version at most once a second; only a new version rebuilds the
    index. Other threads go on with the old one meanwhile.
    """
    now = time.monotonic()
    index = _cache.index
    if index is not None and now - _cache.checked_at < _CHECK_EVERY_S:
        return index
    if not _cache.lock.acquire(blocking=index is None):
        assert index is not None
        return index
    try:
        return _refresh(now)
    finally:
        _cache.lock.release()


def forget_index() -> None:
    """Makes the next `current_index` ask the database again, and rebuild if need be."""
    _cache.checked_at = 0.0


def _refresh(now: float) -> Index:
    stamp = queries.stamp()
    if _cache.index is None or stamp != _cache.stamp:
        _cache.index = _index(*stamp)
        _cache.stamp = (_cache.index.version, _cache.index.edition)
    _cache.checked_at = now
    return _cache.index


def _index(version: int, edition: str) -> Index:
    if not version:
        return Index(())
    return shelf.obtain(settings.HOME / "index", version, edition, _built)


def _built() -> Index:
    """The index of the register as it is by now, under the version that this is."""
    picture = queries.picture()
    return Index(picture.entries, version=picture.version, edition=picture.edition)
