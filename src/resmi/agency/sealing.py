"""Seals audit entries into their hash chain, and follows the chain again.

Entries and seals are append-only by triggers. An entry that is committed waits in a table of its
own; whoever comes first seals all that wait, in one statement for many. Nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import msgspec
from django.db import connection, transaction

from resmi.agency.chain import GENESIS, Break, Entry, Sealed, Walk, link

LOCK = 0x7265736D_00000006  # "resm", audit
BATCH = 1000
_TAKE = """
    WITH taken AS (
        DELETE FROM agency_auditunsealed WHERE entry_id IN (
            SELECT entry_id FROM agency_auditunsealed ORDER BY entry_id LIMIT %s)
        RETURNING entry_id)
    SELECT e.id, e.at, e.actor_id, e.action, e.target, e.before::text, e.after::text
    FROM taken JOIN agency_auditentry e ON e.id = taken.entry_id ORDER BY e.id
"""
_LAST = "SELECT number, hash FROM agency_auditseal ORDER BY number DESC LIMIT 1"
_SEAL = """
    INSERT INTO agency_auditseal (entry_id, number, hash)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])
"""
_WALK = """
    SELECT s.number, s.entry_id, s.hash,
           e.id, e.at, e.actor_id, e.action, e.target, e.before::text, e.after::text
    FROM agency_auditseal s LEFT JOIN agency_auditentry e ON e.id = s.entry_id
    WHERE s.number > %s ORDER BY s.number LIMIT %s
"""
_NEVER = """
    SELECT e.id FROM agency_auditentry e
    WHERE NOT EXISTS (SELECT FROM agency_auditseal s WHERE s.entry_id = e.id)
      AND NOT EXISTS (SELECT FROM agency_auditunsealed u WHERE u.entry_id = e.id)
    ORDER BY e.id LIMIT 1
"""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What following the chain found: how far it holds, its last hash, and the first break."""

    number: int
    hash: str
    waiting: int
    broken: Break | None


def seal_after_commit() -> None:
    """Seals once the caller's transaction is committed, once for all its entries."""
    if not any(planned[1] == _seal_now for planned in connection.run_on_commit):
        transaction.on_commit(_seal_now, robust=True)


def _seal_now() -> None:
    seal()


def seal() -> int:
    """Seals what waits, unless somebody else is at it; how many entries."""
    sealed = 0
    while (some := _seal_some()) == BATCH:
        sealed += some
    return sealed + some


@transaction.atomic
def _seal_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_TAKE, [BATCH])
        entries = [_entry(row) for row in cursor.fetchall()]
        if not entries:
            return 0
        cursor.execute(_LAST)
        number, last = cursor.fetchone() or (0, GENESIS)
        hashes = list(_hashes(bytes(last), entries))
        numbers = list(range(number + 1, number + 1 + len(entries)))
        cursor.execute(_SEAL, [[entry.id for entry in entries], numbers, hashes])
        return len(entries)


def _hashes(last: bytes, entries: list[Entry]) -> Iterator[bytes]:
    for entry in entries:
        last = link(last, entry)
        yield last


def verify() -> Report:
    """Follows the whole chain, after sealing what waits."""
    seal()
    walk = Walk()
    broken: Break | None = None
    while broken is None and (some := _read(walk.number)):
        broken = walk.first_break(some)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM agency_auditunsealed")
        (waiting,) = cursor.fetchone()
        if broken is None:
            cursor.execute(_NEVER)
            for (entry,) in cursor.fetchall():
                broken = Break(number=0, entry=entry, why="unsealed")
    return Report(number=walk.number, hash=walk.hash.hex(), waiting=waiting, broken=broken)


def hash_of(number: int) -> str:
    """The hash that stands at a place of the chain, empty when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM agency_auditseal WHERE number = %s", [number])
        found = cursor.fetchone()
    return bytes(found[0]).hex() if found else ""


def _read(after: int) -> list[Sealed]:
    with connection.cursor() as cursor:
        cursor.execute(_WALK, [after, BATCH])
        return [
            Sealed(
                number=row[0],
                entry_id=row[1],
                hash=bytes(row[2]),
                entry=None if row[3] is None else _entry(row[3:]),
            )
            for row in cursor.fetchall()
        ]


def _entry(row: tuple[Any, ...]) -> Entry:
    number, at, actor, action, target, before, after = row
    return Entry(
        id=number,
        at=at.astimezone(UTC),
        actor=actor,
        action=action,
        target=target,
        before=msgspec.json.decode(before) if before else None,
        after=msgspec.json.decode(after) if after else None,
    )
