"""What a database holds, so that a copy can be held against it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import psycopg
from psycopg import sql

from resmi.engine import chain, events

SAMPLE = 200
_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY c.relname
"""
# The newest, and some from anywhere: damage does not choose.
_SAMPLE = """
    (SELECT id FROM conversations_conversation ORDER BY id DESC LIMIT %(half)s)
    UNION
    (SELECT id FROM conversations_conversation ORDER BY md5(id::text) LIMIT %(half)s)
    ORDER BY id
"""
_EVENTS = """
    SELECT conversation_id, seq, at, actor::text, data::text, hash FROM conversations_event
    WHERE conversation_id = %s ORDER BY seq
"""


def tables(link: psycopg.Connection) -> dict[str, int]:
    """Rows by table."""
    return {name: _count(link, name) for (name,) in link.execute(_TABLES).fetchall()}


def _count(link: psycopg.Connection, table: str) -> int:
    row = link.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row
    return int(row[0])


def broken_logs(link: psycopg.Connection) -> tuple[int, list[int]]:
    """How many conversations' logs were proved by their hashes, and which of them are broken."""
    ids = [row[0] for row in link.execute(_SAMPLE, {"half": SAMPLE // 2}).fetchall()]
    broken = [one for one in ids if chain.first_break(_log(link, one)) is not None]
    return len(ids), broken


def _log(link: psycopg.Connection, conversation: int) -> Iterator[events.Event]:
    for key, seq, at, actor, data, link_hash in link.execute(_EVENTS, [conversation]).fetchall():
        yield events.Event(
            conversation=key,
            seq=seq,
            at=at,
            actor=msgspec.json.decode(actor, type=events.Actor),
            data=events.decode_payload(data),
            hash=bytes(link_hash),
        )


def differences(wanted: dict[str, int], found: dict[str, int]) -> list[str]:
    """Where row counts differ, in words."""
    return [
        f"{name}: {wanted.get(name, 0)} rows were saved, {found.get(name, 0)} came back"
        for name in sorted({*wanted, *found})
        if wanted.get(name) != found.get(name)
    ]
