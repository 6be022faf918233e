"""Segments by conversation: the log, what was reported of deliveries, and what search knows.

Ids of conversations ascend, so a block of ids is a stretch of time. Every block is one segment in
each of `TABLES`, and a conversation lies in one block whole: reading it touches one segment however
large the log has grown, and a block whose conversations are all too old goes whole. So that blocks
stay short in time, ids jump to the next block once the present one is `LONGEST` old.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction

from resmi.agency import segments

TABLES = ("conversations_event", "channels_deliveryreport", "conversations_searchline")
AHEAD = 2
LONGEST = timedelta(days=31)
NARROWEST = 100_000
LOCK = 0x7265736D_00000003  # "resm", blocks

_SEQUENCE = "pg_get_serial_sequence('conversations_conversation', 'id')"
_NEWEST = f"""
    SELECT greatest(coalesce(pg_sequence_last_value({_SEQUENCE}::regclass), 0),
                    (SELECT max(id) FROM conversations_conversation))
"""  # noqa: S608
_NAMES = f"""
    SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '{TABLES[0]}'::regclass
"""  # noqa: S608
_BEGIN = re.compile(r"_b(\d+)\"?$")
_FIRST = """
    SELECT id, opened_at FROM conversations_conversation WHERE id >= %s ORDER BY id LIMIT 1
"""


class Block(msgspec.Struct, frozen=True, order=True):
    """Conversations with `lower` <= id < `upper`."""

    lower: int
    upper: int


def name_of(table: str, block: Block) -> str:
    """The segment of a block in one of `TABLES`."""
    return f"{table}_b{block.lower}"


def width(begun: int, over: timedelta) -> int:
    """How many ids a new block gets when so many conversations began over that time. Pure.

    A power of ten, enough for as long as ids may stay in one block.
    """
    expected = begun * (LONGEST / max(over, timedelta(days=1)))
    wide = NARROWEST
    while wide < expected:
        wide *= 10
    return wide


def to_add(last: int, newest: int, wide: int) -> list[Block]:
    """The blocks to add after the end `last`, so that `AHEAD` lie beyond the `newest` id. Pure."""
    found: list[Block] = []
    if newest >= last:
        end = (newest // wide + 1) * wide
        found.append(Block(last, end))
        last = end
    ahead = (last - newest - 1) // wide
    for _ in range(max(0, AHEAD - ahead)):
        found.append(Block(last, last + wide))
        last += wide
    return found


def of_table(table: str) -> list[Block]:
    """The blocks a table has, in order."""
    return sorted(
        Block(int(segment.lower or 0), int(segment.upper))
        for segment in segments.of_table(table)
        if segment.upper is not None and f"_b{segment.lower or 0}" in segment.name
    )


def begins() -> list[int]:
    """The first id of each block, ascending, by the names of the segments: a third of the time."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES)
        names = [_BEGIN.search(name) for (name,) in cursor.fetchall()]
    return sorted(int(found[1]) for found in names if found)


def newest_id() -> int:
    """The highest id any conversation was given so far."""
    return int(_row(_NEWEST)[0])


@transaction.atomic
def tend(now: datetime) -> list[Block]:
    """Adds the blocks that are missing, and begins the next when the present one is old enough.

    One process at a time does it; the blocks that were added.
    """
    segments.be_patient()
    if not _row("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])[0]:
        return []
    newest = newest_id()
    here = of_table(TABLES[0])
    begin = max((b.upper for b in here if b.upper <= newest), default=0)
    first, opened = _row(_FIRST, [begin]) or (newest, now)
    added = to_add(here[-1].upper, newest, width(newest - first, now - opened))
    known = [*here, *added]
    for table in TABLES:
        _complete(table, known)
    if opened < now - LONGEST:
        _move_on(known, newest)
    return added


def _complete(table: str, known: Sequence[Block]) -> None:
    there = {block.lower for block in of_table(table)}
    for block in known:
        if block.lower in there:
            continue
        name, bounds = name_of(table, block), (str(block.lower), str(block.upper))
        if segments.lacking(table):
            segments.turn_other_into(table, name, *bounds)
        else:
            segments.add(table, name, *bounds)


def _move_on(known: Sequence[Block], newest: int) -> None:
    """Lets ids jump to the next block; none that was given meanwhile comes again."""
    upper = next(block.upper for block in known if block.lower <= newest < block.upper)
    _row(f"SELECT setval({_SEQUENCE}, greatest({upper}, nextval({_SEQUENCE})))")


def _row(statement: str, parameters: Sequence[Any] = ()) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return cursor.fetchone()
