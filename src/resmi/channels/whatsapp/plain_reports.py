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


class Plain(msgspec.Struct, frozen=True):
    """A status of that shape. What is no text, or says more, does not fit it."""

    id: str
    status: Literal["sent", "delivered", "read"]
    timestamp: str
    recipient_id: str = ""
    recipient_user_id: str = ""
    recipient_parent_user_id: str = ""
    biz_opaque_callback_data: str = ""
    pricing: _Pricing | None = None
    type: Literal["message", ""] = ""
    errors: None = None
    recipient_participant_id: None = None
    participant_recipient_id: None = None

    def report(self, at: datetime, recipient: Address | None = None) -> DeliveryReported:
        """What it tells."""
        return DeliveryReported(
            ref=self.biz_opaque_callback_data,
            provider_id=self.id,
            status=self.status,
            at=at,
            category=self.pricing.category if self.pricing else "",
            recipient=recipient,
        )


_decode = msgspec.json.Decoder(Plain).decode


def glance(raw: bytes) -> tuple[Plain, datetime] | None:
    """A status and its time; None if it is not as plain as that."""
    if b"\\u0000" in raw:
        return None
    try:
        plain = _decode(raw)
    except (msgspec.MsgspecError, ValueError):
        return None
    at = _moment(plain.timestamp)
    return (plain, at) if at is not None and plain.id else None


def read(raw: bytes, envelope: bytes, scope: str) -> DeliveryReported | None:
    """What a stored status means; None if it is not as plain as that."""
    seen = None if b'"contact"' in envelope else glance(raw)
    if seen is None:
        return None
    plain, at = seen
    recipient = _recipient(plain, scope)
    return plain.report(at, recipient) if recipient is not None else None


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_TIME):
        return None
    seconds = int(text)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < wire.LATEST else None


def _recipient(report: Plain, scope: str) -> Address | None:
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
