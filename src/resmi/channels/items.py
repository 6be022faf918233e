"""What an inbound item means, once a channel's adapter has read it.

Adapters turn stored bytes into one of these; the conversation worker knows nothing else. Times are
aware UTC datetimes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from resmi.engine.address import Address as Address
from resmi.engine.content import Inbound


class CitizenMessage(msgspec.Struct, frozen=True, kw_only=True, tag="message"):
    """A citizen wrote. `reply_to` is the channel's id of the message answered, or empty."""

    sender: Address
    provider_id: str
    content: Inbound
    sent_at: datetime
    reply_to: str = ""
    forwarded: bool = False


class DeliveryReported(msgspec.Struct, frozen=True, kw_only=True, tag="report"):
    """The channel says how far a delivery got. `ref` is ours when the channel echoed it."""

    ref: str
    provider_id: str
    status: Literal["sent", "delivered", "read", "failed", "played"]
    at: datetime
    code: str = ""
    reason: str = ""
    category: str = ""
    recipient: Address | None = None


class IdentityChanged(msgspec.Struct, frozen=True, kw_only=True, tag="identity_changed"):
    """A citizen has a new number or user id; `before` holds what is known of the old one."""

    before: Address
    after: Address
    at: datetime


class PreferenceChanged(msgspec.Struct, frozen=True, kw_only=True, tag="preference_changed"):
    """A citizen stopped or resumed messages we start."""

    sender: Address
    stop: bool
    at: datetime


class AccountNotice(msgspec.Struct, frozen=True, kw_only=True, tag="account_notice"):
    """The channel tells us about our account, a template, a limit. `pauses` stops sending."""

    field: str
    summary: str
    at: datetime
    pauses: bool = False


class CallEvent(msgspec.Struct, frozen=True, kw_only=True, tag="call"):
    """Something about a call; kept until calls are carried."""

    call_id: str
    event: str
    caller: Address | None
    at: datetime


class Echo(msgspec.Struct, frozen=True, kw_only=True, tag="echo"):
    """A message our own side sent with another tool on the same number."""

    recipient: Address
    provider_id: str
    content: Inbound
    at: datetime


class TimerDue(msgspec.Struct, frozen=True, kw_only=True, tag="timer"):
    """A conversation asked to be woken. `kind`: see `resmi.conversations.citizen_turn`."""

    conversation: int
    kind: str
    due_at: datetime


class MediaFetched(msgspec.Struct, frozen=True, kw_only=True, tag="media_fetched"):
    """A citizen's file is stored (`media` set), or can't be had for good (`reason` set)."""

    conversation: int
    provider_id: str
    media: str = ""
    mime: str = ""
    size: int = 0
    reason: str = ""


class DeliveryFailed(msgspec.Struct, frozen=True, kw_only=True, tag="delivery_failed"):
    """Sending gave up before the channel took the message; the thread must show why."""

    conversation: int
    ref: str
    code: str
    reason: str


Item = (
    CitizenMessage
    | DeliveryReported
    | IdentityChanged
    | PreferenceChanged
    | AccountNotice
    | CallEvent
    | Echo
    | TimerDue
    | MediaFetched
    | DeliveryFailed
)

_decoder = msgspec.json.Decoder(Item)


def encode(item: Item) -> bytes:
    """JSON of an item: how our own items (timers, results) are stored as `Inbound.raw`."""
    return msgspec.json.encode(item)


def decode(raw: bytes) -> Item:
    """Reads an item we encoded. Raises `msgspec.ValidationError` if it is none."""
    item: Item = _decoder.decode(raw)
    return item
