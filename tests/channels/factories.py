"""Plain makers of what tests of sending need."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from resmi.channels.items import DeliveryReported
from resmi.channels.models import Channel, Delivery
from resmi.channels.outgoing import Outgoing
from resmi.engine import content
from resmi.engine.address import Address

OPEN = datetime(2026, 1, 6, 3, tzinfo=UTC)

_number = itertools.count(1)


def channel(**fields: Any) -> Channel:
    address = f"10{next(_number):04}"
    given = {"kind": "whatsapp", "name": "Counter", "address": address, "portfolio": "p1", **fields}
    return Channel.objects.create(**given)


def citizen(number: int = 1) -> Address:
    return Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}", phone=f"62811{number:06}")


def outgoing(channel_id: int, **fields: Any) -> Outgoing:
    conversation = fields.get("conversation", 1)
    given: dict[str, Any] = {
        "ref": f"{conversation}.{next(_number)}.1",
        "conversation": conversation,
        "contact": conversation,
        "recipient": citizen(conversation),
        "author": "bot",
        "content": content.Text("Halo"),
        **fields,
    }
    return Outgoing(channel=channel_id, **given)


def report(ref: str, status: Any, provider_id: str = "wamid.1", **fields: Any) -> DeliveryReported:
    return DeliveryReported(
        ref=ref, provider_id=provider_id, status=status, at=fields.pop("at", OPEN), **fields
    )


def status_of(ref: str) -> str:
    return Delivery.objects.get(ref=ref).status
