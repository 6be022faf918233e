"""Tables cut into segments, so that what is old can be dropped whole instead of deleted row by row.

A segment is a PostgreSQL partition by range. What belongs to no range yet lands in the table's
`TABLE_other` segment, so nothing is ever refused; `lacking` tells that the rooms above are behind.
Everything here runs in the caller's transaction and gives up after `PATIENCE_MS` on a lock, so that
it never holds up work that holds locks longer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection
from psycopg import sql

PATIENCE_MS = 2000
_BOUNDS = re.compile(r"FROM \((?:MINVALUE|'([^']+)')\) TO \('([^']+)'\)")
_SEGMENTS = """
    SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(%s) ORDER BY c.relname
"""
_SIZES = """
    SELECT c.relname, pg_total_relation_size(c.oid)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(%s)
"""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """One segment: from `lower` (None: from the beginning) to below `upper`, as PostgreSQL writes.

    The `TABLE_other` segment has neither bound.
    """

    name: str
    lower: str | None
    upper: str | None

    @property
    def is_other(self) -> bool:
        """Whether it takes what has no segment of its own."""
        return self.upper is None


def of_table(table: str) -> list[Segment]:
    """The segments of a table; empty when it is not cut."""
    return [_read(name, bound) for name, bound in _run(_SEGMENTS, [table])]


def sizes(table: str) -> dict[str, int]:
    """How many bytes each segment of a table takes on disk with its indexes, by name."""
    return dict(_run(_SIZES, [table]))


def _read(name: str, bound: str) -> Segment:
    found = _BOUNDS.search(bound)
    lower, upper = found.groups() if found else (None, None)
    return Segment(name=name, lower=lower, upper=upper)


def be_patient() -> None:
    """Gives up on a lock after `PATIENCE_MS`, until the transaction ends."""
    _run("SELECT set_config('lock_timeout', %s, true)", [f"{PATIENCE_MS}ms"])


def lacking(table: str) -> bool:
    """Whether rows lie in the `other` segment, because theirs was not there when they came."""
    query = sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(_name(f"{table}_other"))
    return bool(_run(query)[0][0])


def add(table: str, name: str, lower: str | None, upper: str) -> None:
    """Adds an empty segment. Raises `IntegrityError` when `other` holds rows that belong in it."""
    _make(table, name)
    _attach(table, name, lower, upper)


def add_with_strays(table: str, name: str, key: str, lower: str, upper: str) -> None:
    """Adds a segment and moves the rows of `other` into it whose `key` lies within its bounds."""
    other = f"{table}_other"
    _make(table, name)
    _run(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(_name(other)))
    _run(
        sql.SQL(
            "WITH moved AS (DELETE FROM {other} WHERE {key} >= {lower} AND {key} < {upper} "
            "RETURNING *) INSERT INTO {made} SELECT * FROM moved"
        ).format(
            other=_name(other),
            key=sql.Identifier(key),
            lower=sql.Literal(lower),
            upper=sql.Literal(upper),
            made=_name(name),
        )
    )
    _attach(table, name, lower, upper)


def turn_other_into(table: str, name: str, lower: str, upper: str) -> None:
    """Makes `other` the segment with these bounds, and adds a new empty `other`; moves no row.

    Raises `IntegrityError` when it holds rows outside the bounds.
    """
    other = f"{table}_other"
    whole = _name(table)
    _run(sql.SQL("ALTER TABLE {} DETACH PARTITION {}").format(whole, _name(other)))
    _run(sql.SQL("ALTER TABLE {} RENAME TO {}").format(_name(other), _name(name)))
    _attach(table, name, lower, upper)
    _run(sql.SQL("CREATE TABLE {} PARTITION OF {} DEFAULT").format(_name(other), whole))


def hold_still(name: str) -> None:
    """Lets nobody write into a segment until the transaction ends; all others stay open."""
    _run(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(_name(name)))


def drop(name: str) -> None:
    """Drops a segment with all its rows."""
    _run(sql.SQL("DROP TABLE {}").format(_name(name)))


def _make(table: str, name: str) -> None:
    _run(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS)").format(_name(name), _name(table)))


def _attach(table: str, name: str, lower: str | None, upper: str) -> None:
    _run(
        sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            _name(table),
            _name(name),
            sql.SQL("MINVALUE") if lower is None else sql.Literal(lower),
            sql.Literal(upper),
        )
    )


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(table)


def _run(statement: str | sql.Composed, parameters: Sequence[Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall()) if cursor.description else []
