"""Telling open screens that something changed, from inside a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import connection

from resmi.agency import arrays, bulk
from resmi.agency.live import rules

CHANNEL = "resmi_live"
MAX_DATA = 6_000  # bytes; PostgreSQL carries notices below 8,000
FEW = 5  # announcements of one kind that are not worth bundling

_GIVEN = """
    WITH news AS (
        SELECT topic, data::jsonb FROM unnest(%b::text[], %b::text[]) AS given (topic, data)
"""
# Bundles of a hundred stay below what a notice carries.
_OF_HINTS = """
    news AS (
        SELECT 'conversation:*' AS topic, jsonb_object_agg(conversation, hint) AS data
        FROM (SELECT *, row_number() OVER () / 100 AS bundle FROM hints
              WHERE conversation IS NOT NULL) AS numbered
        GROUP BY bundle
"""
_KEPT_AND_TOLD = """
    ), kept AS (
        INSERT INTO agency_liveevent (topic, data, at) SELECT topic, data, now() FROM news
        RETURNING topic, data
    ), told AS (
        SELECT pg_notify('resmi_live', json_build_object(
            'topic', topic, 'data', data,
            'position', pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        )::text) FROM kept
    )
"""
_DONE = " SELECT count(*) FROM told"
_ANNOUNCE = _GIVEN + _KEPT_AND_TOLD + _DONE

TELLING = _OF_HINTS + _KEPT_AND_TOLD
"""The end of a WITH by which a statement announces what it did to conversations.

Before it stands a part `hints` with the columns `conversation` (id) and `hint` (a short `jsonb`);
after it the statement must read the last part, `told`.
"""


def announce(topic: str, **data: Any) -> None:
    """Tells every screen that listens to `topic`, once the caller's transaction commits.

    `data` is a hint such as `seq=12`, never content: the screen fetches what it may see. Raises
    `ValueError` when it is longer than `MAX_DATA` bytes of JSON.
    """
    announce_all([(topic, data)])


def announce_all(events: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Many announcements in one round trip. An empty iterable does nothing.

    Many on topics of one kind travel together: a notice each would cost more than what it tells of.
    """
    topics, bodies = [], []
    for topic, data in rules.bundled(list(events), FEW, MAX_DATA):
        body = msgspec.json.encode(data)
        if len(body) > MAX_DATA:
            raise ValueError(f"The announcement on {topic!r} is too long: announce a hint.")
        topics.append(topic)
        bodies.append(body)
    if topics:
        bulk.execute(_ANNOUNCE, [arrays.texts(topics), arrays.byte_texts(bodies)])


def position() -> int:
    """Where a page that is about to read the database must resume its stream to miss nothing.

    It is the oldest transaction still running: all before it are visible to the page's reads.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])
