"""Keeps what the channel reports about deliveries; the furthest status counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import transaction

from resmi.agency import arrays, bulk
from resmi.channels import outlets, pausing, rules
from resmi.channels.arriving import Kept
from resmi.channels.items import DeliveryReported

_LOCK = """
    SELECT d.id, d.ref, d.provider_id, d.conversation, d.channel_id, c.kind, d.status,
        d.superseded::text
    FROM channels_delivery d JOIN channels_channel c ON c.id = d.channel_id
    WHERE d.{} = ANY(%b) ORDER BY d.id FOR UPDATE OF d
"""
_LOCK_REFS = _LOCK.format("ref")
_LOCK_NAMES = _LOCK.format("provider_id")
# Naming the rows twice keeps a plan made for a small table from joining it whole.
_MOVE = """
    UPDATE channels_delivery d
    SET status = n.status, rank = n.rank, provider_id = n.provider_id, error_code = n.code,
        error = n.error, updated_at = now(), statuses = d.statuses || n.statuses::jsonb
    FROM unnest(%b::bigint[], %b::text[], %b::smallint[], %b::text[], %b::text[], %b::text[],
        %b::text[]) AS n (id, status, rank, provider_id, code, error, statuses)
    WHERE d.id = n.id AND d.id = ANY(%b)
"""
_KEEP = """
    UPDATE channels_delivery d SET statuses = d.statuses || n.statuses::jsonb
    FROM unnest(%b::bigint[], %b::text[]) AS n (id, statuses)
    WHERE d.id = n.id AND d.id = ANY(%b)
"""


_names = msgspec.json.Decoder(list[str]).decode


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What a report did to its delivery.

    `status` is the delivery's status now and `changed` whether this report moved it. `failed` is
    true if it did so by failing; then `code` and `reason` (in words) say why.
    """

    conversation: int | None
    ref: str
    status: str
    changed: bool
    failed: bool = False
    code: str = ""
    reason: str = ""


class _Delivery(msgspec.Struct, kw_only=True):
    """A locked row, moved in memory by the reports in their order."""

    id: int
    ref: str
    provider_id: str | None
    conversation: int | None
    channel: int
    kind: str
    status: str
    superseded: list[str]
    moved: bool = False
    code: str = ""
    error: str = ""
    reports: list[Kept] = []


def record_report(report: DeliveryReported) -> Recorded | None:
    """Keeps one report; see `record_reports`."""
    return record_reports([report])[0]


@transaction.atomic
def record_reports(reports: Sequence[DeliveryReported]) -> list[Recorded | None]:
    """Keeps every report and moves each delivery to the furthest status reported.

    The delivery is found by our ref, else by the channel's id. The answer is aligned with
    `reports`; None where no delivery was found, so that the caller can note it for people. A report
    about a try that a person's retry superseded is kept but moves nothing. Two statements as a
    rule, however many reports. A failure that concerns the whole account pauses the channel.
    """
    if not reports:
        return []
    heard = datetime.now(UTC)
    found = _locked(reports)
    recorded = [
        _record(delivery, report, heard) for report, delivery in zip(reports, found, strict=True)
    ]
    _save({delivery.id: delivery for delivery in found if delivery is not None}.values())
    return recorded


def _locked(reports: Sequence[DeliveryReported]) -> list[_Delivery | None]:
    """The delivery of each report; locked in the order of ids, as senders do."""
    rows = _rows(_LOCK_REFS, {report.ref for report in reports if report.ref})
    by_ref = {row.ref: row for row in rows}
    strangers = {r.provider_id for r in reports if r.provider_id and r.ref not in by_ref}
    by_name = {row.provider_id: by_ref.get(row.ref, row) for row in _rows(_LOCK_NAMES, strangers)}
    return [by_ref.get(report.ref) or by_name.get(report.provider_id) for report in reports]


def _rows(sql: str, names: set[str]) -> list[_Delivery]:
    return [_read(row) for row in bulk.execute(sql, [arrays.texts(names)])] if names else []


def _read(row: tuple[Any, ...]) -> _Delivery:
    key, ref, provider_id, conversation, channel, kind, status, superseded = row
    return _Delivery(
        id=key,
        ref=ref,
        provider_id=provider_id,
        conversation=conversation,
        channel=channel,
        kind=kind,
        status=status,
        superseded=_names(superseded) if superseded != "[]" else [],
    )


def _record(
    delivery: _Delivery | None, report: DeliveryReported, heard: datetime
) -> Recorded | None:
    if delivery is None:
        return None
    delivery.reports.append(
        Kept(report.status, report.at, heard, report.code, report.reason, report.category)
    )
    before = delivery.status
    if report.provider_id not in delivery.superseded:
        _move(delivery, report)
    changed = delivery.status != before
    failed = changed and delivery.status == "failed"
    return Recorded(
        conversation=delivery.conversation,
        ref=delivery.ref,
        status=delivery.status,
        changed=changed,
        failed=failed,
        code=delivery.code if failed else "",
        reason=delivery.error if failed else "",
    )


def _move(delivery: _Delivery, report: DeliveryReported) -> None:
    if delivery.provider_id is None and report.provider_id:
        delivery.provider_id, delivery.moved = report.provider_id, True
    status = rules.advance(delivery.status, report.status)
    if status == delivery.status:
        return
    delivery.status, delivery.moved = status, True
    delivery.code = delivery.error = ""
    if status == "failed":
        _explain(delivery, report)


def _explain(delivery: _Delivery, report: DeliveryReported) -> None:
    problem = outlets.explain(delivery.kind, report.code, report.reason)
    delivery.code, delivery.error = report.code[:20], problem.words()
    if problem.kind == "account":
        pausing.pause_channel(channel_id=delivery.channel, reason=problem.words())


def _save(found: Collection[_Delivery]) -> None:
    """Writes what moved whole, and of the others only what was reported."""
    moved = [
        (d.id, d.status, rules.RANK[d.status], d.provider_id, d.code, d.error, _reports(d))
        for d in found
        if d.moved
    ]
    kept = [(d.id, _reports(d)) for d in found if not d.moved]
    for sql, encoders, rows in ((_MOVE, _MOVED, moved), (_KEEP, _KEPT, kept)):
        if rows:
            columns = arrays.columns(encoders, rows)
            bulk.execute(sql, [*columns, columns[0]])


_MOVED: Sequence[arrays.Encode] = (
    *(arrays.bigints, arrays.texts, arrays.smallints),
    *(arrays.texts,) * 3,
    arrays.byte_texts,
)
_KEPT: Sequence[arrays.Encode] = (arrays.bigints, arrays.byte_texts)


def _reports(delivery: _Delivery) -> bytes:
    return msgspec.json.encode(delivery.reports)
