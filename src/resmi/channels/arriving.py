"""What comes in is stored, and what plainly reports on a delivery is done in the same statement.

Three of four items say that a message was sent, delivered or read. Whoever stores them knows what
they mean, so that a worker need not claim, read and mark each. Whatever is less plain (a delivery
that somebody else holds just now, one we do not know by our ref, a failure) is left to the workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from resmi.agency import arrays, live
from resmi.channels import rules
from resmi.channels.items import DeliveryReported
from resmi.channels.models import InboundStatus
from resmi.channels.partitions import partition_of

LONGEST_CONTACT_KEY = 200


class NewInbound(msgspec.Struct, frozen=True, kw_only=True):
    """One row to store; the fields are those of `models.Inbound`.

    The same item must come with the same `occurred_at` each time: it is its `stamp`. `report` is
    what the item says about a delivery, when it is known and neither a failure nor odd.
    """

    channel: int | None
    kind: str
    subkind: str
    key: str
    contact_key: str
    occurred_at: datetime | None
    raw: bytes
    envelope: bytes
    status: str = InboundStatus.NEW.value
    error: str = ""
    report: DeliveryReported | None = None


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """One report as `Delivery.statuses` keeps it; `heard` is when we worked on it."""

    status: str
    at: datetime
    heard: datetime
    code: str = ""
    reason: str = ""
    category: str = ""


# Ordinality keeps ids, and so the order of a citizen's items, as they stood in the batch.
PLAIN = """
    INSERT INTO channels_inbound
        (channel_id, kind, subkind, key, contact_key, partition, occurred_at, raw, envelope,
         status, error, attempts, stamp)
    SELECT channel_id, kind, subkind, key, contact_key, partition, occurred_at, raw, envelope,
           status, error, 0, coalesce(occurred_at, '1970-01-01 00:00:00+00')
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::smallint[],
                %s::timestamptz[], %s::bytea[], %s::bytea[], %s::text[], %s::text[])
         WITH ORDINALITY AS given(channel_id, kind, subkind, key, contact_key, partition,
                                  occurred_at, raw, envelope, status, error, position)
    ORDER BY position
    ON CONFLICT (key, stamp) DO NOTHING
    RETURNING key, status = 'new'
"""

# A delivery that somebody writes at this moment is passed over, so that nothing waits here.
_REPORTING = """
    WITH given AS MATERIALIZED (
        SELECT *, coalesce(occurred_at, '1970-01-01 00:00:00+00') AS stamp
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::smallint[],
                    %s::timestamptz[], %s::bytea[], %s::bytea[], %s::text[], %s::text[],
                    %s::text[], %s::text[], %s::smallint[], %s::text[])
             WITH ORDINALITY AS given(channel_id, kind, subkind, key, contact_key, partition,
                                      occurred_at, raw, envelope, status, error,
                                      ref, provider_id, rank, report, position)
    ), found AS MATERIALIZED (
        SELECT id, ref, conversation, rank, superseded FROM channels_delivery
        WHERE ref = ANY(%s) FOR UPDATE SKIP LOCKED
    ), stored AS (
        INSERT INTO channels_inbound
            (channel_id, kind, subkind, key, contact_key, partition, occurred_at, raw, envelope,
             status, error, attempts, done_at, stamp)
        SELECT channel_id, kind, subkind, key, contact_key, partition, occurred_at, raw, envelope,
               CASE WHEN f.id IS NULL THEN status ELSE 'done' END, error,
               (f.id IS NOT NULL)::int, CASE WHEN f.id IS NOT NULL THEN now() END, stamp
        FROM given LEFT JOIN found f USING (ref) ORDER BY position
        ON CONFLICT (key, stamp) DO NOTHING
        RETURNING key, stamp, status
    ), heard AS (
        SELECT f.id, f.conversation, f.rank AS before,
            max(provider_id) FILTER (WHERE NOT f.superseded ? provider_id) AS provider_id,
            coalesce(max(g.rank) FILTER (WHERE NOT f.superseded ? provider_id), 0) AS rank,
            '[' || string_agg(report, ',' ORDER BY position) || ']' AS statuses
        FROM stored JOIN given g USING (key, stamp) JOIN found f USING (ref)
        GROUP BY f.id, f.conversation, f.rank
    ), moved AS (
        UPDATE channels_delivery d
        SET statuses = d.statuses || h.statuses::jsonb,
            provider_id = coalesce(d.provider_id, h.provider_id),
            status = CASE WHEN h.rank <= d.rank THEN d.status WHEN h.rank = 20 THEN 'sent'
                          WHEN h.rank = 30 THEN 'delivered' ELSE 'read' END,
            rank = greatest(d.rank, h.rank),
            error_code = CASE WHEN h.rank > d.rank THEN '' ELSE d.error_code END,
            error = CASE WHEN h.rank > d.rank THEN '' ELSE d.error END,
            updated_at = CASE WHEN h.rank > d.rank THEN now() ELSE d.updated_at END
        FROM heard h WHERE d.id = h.id
        RETURNING d.conversation, d.status, h.before < d.rank AS is_news
    ), hints AS (
        SELECT conversation, jsonb_build_object('status', status) AS hint FROM moved WHERE is_news
    ),
"""
_STORED = " SELECT key, status = 'new' FROM stored, (SELECT count(*) FROM told) AS said"
REPORTING = _REPORTING + live.TELLING + _STORED


def columns(rows: Sequence[NewInbound]) -> list[object]:
    """The parameters of `PLAIN`."""
    contact_keys = [row.contact_key[:LONGEST_CONTACT_KEY] for row in rows]
    return [
        arrays.bigints([row.channel for row in rows]),
        arrays.texts([row.kind for row in rows]),
        arrays.texts([row.subkind for row in rows]),
        arrays.texts([row.key for row in rows]),
        arrays.texts(contact_keys),
        arrays.smallints([partition_of(key) for key in contact_keys]),
        arrays.moments([row.occurred_at for row in rows]),
        arrays.byte_strings([row.raw for row in rows]),
        arrays.byte_strings([row.envelope for row in rows]),
        arrays.texts([row.status for row in rows]),
        arrays.texts([row.error for row in rows]),
    ]


def reporting_columns(rows: Sequence[NewInbound], heard: datetime) -> list[object]:
    """The parameters of `REPORTING`; an item that comes twice in the batch reports once."""
    reports = [*_reports(rows)]
    refs = [report.ref if report else None for report in reports]
    return [
        *columns(rows),
        arrays.texts(refs),
        arrays.texts([report.provider_id if report else None for report in reports]),
        arrays.smallints([rules.RANK[report.status] if report else 0 for report in reports]),
        arrays.byte_texts([_kept(report, heard) if report else b"" for report in reports]),
        arrays.texts({ref for ref in refs if ref}),
    ]


def _reports(rows: Sequence[NewInbound]) -> list[DeliveryReported | None]:
    seen: set[tuple[str, datetime | None]] = set()
    reports: list[DeliveryReported | None] = []
    for row in rows:
        mark = row.key, row.occurred_at
        is_first = mark not in seen
        seen.add(mark)
        reports.append(row.report if is_first and reports_plainly(row) else None)
    return reports


def reports_plainly(row: NewInbound) -> bool:
    """Whether the row says something about a delivery that is named by our ref."""
    report = row.report
    return report is not None and bool(report.ref) and row.status == InboundStatus.NEW


def _kept(report: DeliveryReported, heard: datetime) -> bytes:
    return msgspec.json.encode(
        Kept(report.status, report.at, heard, report.code, report.reason, report.category)
    )
