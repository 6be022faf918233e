"""Keeps what the channel reports about deliveries; the furthest status counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import transaction

from resmi.agency import bulk
from resmi.channels import outlets, pausing, rules
from resmi.channels.items import DeliveryReported

_LOCK = """
    SELECT d.id, d.ref, d.provider_id, d.conversation, d.channel_id, c.kind, d.status,
        d.superseded::text
    FROM channels_delivery d JOIN channels_channel c ON c.id = d.channel_id
    WHERE d.ref = ANY(%b) OR d.provider_id = ANY(%b) ORDER BY d.id FOR UPDATE OF d
"""
_MOVE = """
    UPDATE channels_delivery d
    SET status = n.status, rank = n.rank, provider_id = n.provider_id, error_code = n.code,
        error = n.error, updated_at = now()
    FROM unnest(%b::bigint[], %b::text[], %b::smallint[], %b::text[], %b::text[], %b::text[])
        AS n (id, status, rank, provider_id, code, error)
    WHERE d.id = n.id
"""
_KEEP = """
    INSERT INTO channels_deliveryreport (delivery_id, conversation, status, at, data)
    SELECT delivery, conversation, status, at, data::jsonb
    FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %b::timestamptz[], %b::text[])
        AS n (delivery, conversation, status, at, data)
"""


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


def record_report(report: DeliveryReported) -> Recorded | None:
    """Keeps one report; see `record_reports`."""
    return record_reports([report])[0]


@transaction.atomic
def record_reports(reports: Sequence[DeliveryReported]) -> list[Recorded | None]:
    """Keeps every report and moves each delivery to the furthest status reported.

    The delivery is found by our ref, else by the channel's id. The answer is aligned with
    `reports`; None where no delivery was found, so that the caller can note it for people. A report
    about a try that a person's retry superseded is kept but moves nothing. Three statements,
    however many reports. A failure that concerns the whole account pauses the channel.
    """
    if not reports:
        return []
    found = _locked(reports)
    pairs = list(zip(reports, found, strict=True))
    recorded = [_record(delivery, report) for report, delivery in pairs]
    _save([delivery for delivery in found if delivery is not None and delivery.moved])
    _keep([(report, delivery) for report, delivery in pairs if delivery is not None])
    return recorded


def _locked(reports: Sequence[DeliveryReported]) -> list[_Delivery | None]:
    """The delivery of each report; locked in the order of ids, as senders do."""
    refs = {report.ref for report in reports if report.ref}
    providers = {report.provider_id for report in reports if report.provider_id}
    rows = [_read(row) for row in bulk.execute(_LOCK, [list(refs), list(providers)])]
    by_ref = {row.ref: row for row in rows}
    by_provider = {row.provider_id: row for row in rows if row.provider_id}
    return [by_ref.get(report.ref) or by_provider.get(report.provider_id) for report in reports]


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
        superseded=msgspec.json.decode(superseded, type=list[str]),
    )


def _record(delivery: _Delivery | None, report: DeliveryReported) -> Recorded | None:
    if delivery is None:
        return None
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


def _save(moved: Sequence[_Delivery]) -> None:
    rows = {delivery.id: delivery for delivery in moved}
    if not rows:
        return
    values = [
        (d.id, d.status, rules.RANK[d.status], d.provider_id, d.code, d.error)
        for d in rows.values()
    ]
    bulk.execute(_MOVE, [list(column) for column in zip(*values, strict=True)])


def _keep(kept: Sequence[tuple[DeliveryReported, _Delivery]]) -> None:
    if not kept:
        return
    bulk.execute(
        _KEEP,
        [
            [delivery.id for _, delivery in kept],
            [delivery.conversation or 0 for _, delivery in kept],
            [report.status for report, _ in kept],
            [report.at for report, _ in kept],
            [msgspec.json.encode(report).decode() for report, _ in kept],
        ],
    )
