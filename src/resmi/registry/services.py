"""Imports lists into the register and hands out the index that answers from it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.db import connection, transaction
from django.db.models import Max

from resmi.agency.models import AuditEntry, User
from resmi.registry import queries, reading
from resmi.registry.errors import ImportRefused, Problem
from resmi.registry.index import Index
from resmi.registry.models import (
    Entity,
    EntityKind,
    EntityName,
    Identifier,
    IdentifierKind,
    NameKind,
    Register,
    Release,
)

_BATCH = 2000
_IMPORT_LOCK = 0x7265676973747279  # "registry": imports run one after the other
_CHECK_EVERY_S = 1.0


def import_csv(
    *, actor: User | None, file: Path | BinaryIO, source: str, authority: str, as_of: date
) -> Release:
    """Replaces the list `source` by the rows of a CSV file and returns the new release.

    All or nothing: raises `ImportRefused` with every faulty row and column, and the register stays
    as it was. An `as_of` older than that of the list in force is refused too. `actor` is None for
    imports by the command line.
    """
    content = file.read_bytes() if isinstance(file, Path) else file.read()
    rows = reading.read(content)
    _check_heading(source, authority)
    with transaction.atomic():
        return _Import(actor, source.strip(), authority.strip(), as_of, content).run(rows)


def _check_heading(source: str, authority: str) -> None:
    problems = [
        Problem(0, name, "Say it: citizens see it beside every answer.")
        for name, value in (("source", source), ("authority", authority))
        if not value.strip()
    ]
    if problems:
        raise ImportRefused(problems)


class _Import:
    """One import, inside a transaction."""

    def __init__(
        self, actor: User | None, source: str, authority: str, as_of: date, content: bytes
    ) -> None:
        self.actor = actor
        self.as_of = as_of
        self.sha256 = hashlib.sha256(content).hexdigest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])
        self.register, _ = Register.objects.update_or_create(
            source=source, defaults={"authority": authority}
        )

    def run(self, rows: list[reading.Row]) -> Release:
        """Writes what changed; returns the release."""
        self._check_age()
        self._check_ids(rows)
        in_force = dict(
            Entity.objects.filter(register=self.register, until=None).values_list(
                "external_id", "digest"
            )
        )
        new = [row for row in rows if in_force.get(row.id) != row.digest]
        changed = [row.id for row in new if row.id in in_force]
        vanished = list(in_force.keys() - {row.id for row in rows})
        release = self._release(rows, len(new) - len(changed), len(changed), len(vanished))
        self._close(release, changed + vanished)
        for batch in _batches(new):
            self._insert(release, batch)
        self._audit(release)
        return release

    def _check_age(self) -> None:
        newest = self.register.releases.aggregate(newest=Max("as_of"))["newest"]
        if newest and self.as_of < newest:
            reason = f"The list in force is of {newest}, newer than {self.as_of}: check the date."
            raise ImportRefused([Problem(0, "as_of", reason)])

    def _check_ids(self, rows: list[reading.Row]) -> None:
        elsewhere = dict(
            Entity.objects.filter(until=None)
            .exclude(register=self.register)
            .values_list("external_id", "register__source")
        )
        problems = [
            Problem(row.number, "id", f"“{row.id}” already stands in the list {elsewhere[row.id]}.")
            for row in rows
            if row.id in elsewhere
        ]
        if problems:
            raise ImportRefused(problems)

    def _release(self, rows: list[reading.Row], added: int, changed: int, vanished: int) -> Release:
        counts = Counter(row.status for row in rows)
        return Release.objects.create(
            version=(Release.objects.aggregate(last=Max("version"))["last"] or 0) + 1,
            register=self.register,
            as_of=self.as_of,
            imported_by=self.actor,
            sha256=self.sha256,
            rows=len(rows),
            licensed=counts["licensed"],
            revoked=counts["revoked"],
            illegal=counts["illegal"],
            added=added,
            changed=changed,
            vanished=vanished,
        )

    def _close(self, release: Release, ids: list[str]) -> None:
        in_force = Entity.objects.filter(register=self.register, until=None)
        for start in range(0, len(ids), _BATCH):
            in_force.filter(external_id__in=ids[start : start + _BATCH]).update(until=release)

    def _insert(self, release: Release, rows: list[reading.Row]) -> None:
        entities = Entity.objects.bulk_create(_entity(row, self.register, release) for row in rows)
        pairs = list(zip(entities, rows, strict=True))
        EntityName.objects.bulk_create(
            EntityName(entity=entity, name=name, kind=kind)
            for entity, row in pairs
            for name, kind in _names(row)
        )
        Identifier.objects.bulk_create(
            Identifier(entity=entity, kind=kind, value=value)
            for entity, row in pairs
            for kind, value in _identifiers(row)
        )

    def _audit(self, release: Release) -> None:
        AuditEntry.objects.create(
            actor=self.actor,
            action="import_register",
            target=f"release:{release.version}",
            after={
                "source": self.register.source,
                "as_of": str(self.as_of),
                "rows": release.rows,
                "added": release.added,
                "changed": release.changed,
                "vanished": release.vanished,
            },
        )


def _batches(rows: list[reading.Row]) -> Iterator[list[reading.Row]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _entity(row: reading.Row, register: Register, release: Release) -> Entity:
    return Entity(
        register=register,
        since=release,
        external_id=row.id,
        kind=EntityKind.ILLEGAL if row.status == "illegal" else EntityKind.LICENSED,
        status=row.status,
        name=row.name,
        legal_form=row.legal_form,
        licence_no=row.licence_no,
        licence_date=row.licence_date,
        scope=row.scope,
        website=row.website[0] if row.website else "",
        note=row.note,
        owner=row.owner,
        digest=row.digest,
    )


def _names(row: reading.Row) -> Iterator[tuple[str, NameKind]]:
    yield row.name, NameKind.LEGAL
    for names, kind in (
        (row.brands, NameKind.BRAND),
        (row.aliases, NameKind.ALIAS),
        (row.former_names, NameKind.FORMER),
    ):
        for name in names:
            yield name[:300], kind


def _identifiers(row: reading.Row) -> Iterator[tuple[IdentifierKind, str]]:
    for values, kind in (
        (row.website, IdentifierKind.DOMAIN),
        (row.emails, IdentifierKind.EMAIL),
        (row.phones, IdentifierKind.PHONE),
        (row.app_packages, IdentifierKind.APP),
    ):
        for value in values:
            yield kind, value


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
        _cache.index = Index(queries.entries(), version=stamp[0])
        _cache.stamp = stamp
    _cache.checked_at = now
    return _cache.index
