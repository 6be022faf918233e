"""Reads the report that nearly all are: sent, delivered or read, written as documented. Pure.

Three of four items that come in are such reports, and for them alone it pays to have a shape of
their own. Whatever is odd about one is left to the lenient reader, which says the same of these.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec

from resmi.channels.items import Address, DeliveryReported
from resmi.channels.whatsapp import people, wire

LONGEST_TIME = 10  # digits: later years and milliseconds are left to the lenient reader


class _Pricing(msgspec.Struct, frozen=True):
    category: str = ""


class _Report(msgspec.Struct, frozen=True):
    id: str
    status: Literal["sent", "delivered", "read"]
    timestamp: str
    recipient_id: str = ""
    recipient_user_id: str = ""
    recipient_parent_user_id: str = ""
    biz_opaque_callback_data: str = ""
    pricing: _Pricing | None = None
    errors: None = None


_decode = msgspec.json.Decoder(_Report).decode


def read(raw: bytes, envelope: bytes, scope: str) -> DeliveryReported | None:
    """What a stored status means; None if it is not as plain as that."""
    if b"\\u0000" in raw or b'"contact"' in envelope:
        return None
    try:
        report = _decode(raw)
    except (msgspec.MsgspecError, ValueError):
        return None
    at, recipient = _moment(report.timestamp), _recipient(report, scope)
    if at is None or recipient is None or not (report.id or report.biz_opaque_callback_data):
        return None
    return DeliveryReported(
        ref=report.biz_opaque_callback_data,
        provider_id=report.id,
        status=report.status,
        at=at,
        category=report.pricing.category if report.pricing else "",
        recipient=recipient,
    )


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_TIME):
        return None
    seconds = int(text)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < wire.LATEST else None


def _recipient(report: _Report, scope: str) -> Address | None:
    name, user_id, parent = (
        report.recipient_id,
        report.recipient_user_id,
        report.recipient_parent_user_id,
    )
    if not (name.isascii() and name.isdecimal() and len(name) <= people.LONGEST_PHONE):
        return None
    if max(len(user_id), len(parent)) > people.LONGEST_USER_ID:
        return None
    return Address(
        kind=people.KIND, scope=scope, user_id=user_id, parent_user_id=parent, phone=name
    )
