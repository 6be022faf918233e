"""What the contract suite needs to know of each kind of channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from resmi.channels import items
from resmi.channels.kinds import ADAPTERS, Adapter
from resmi.channels.whatsapp import splitting
from tests.channels.whatsapp import payloads as wa

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An item as the channel's own intake would store it."""

    kind: str
    raw: bytes
    envelope: bytes


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A channel under test. `items` gives one stored item of every type the channel can bring."""

    name: str
    says: Callable[[str], Stored]
    items: dict[type[Any], Stored]

    @property
    def adapter(self) -> Adapter:
        return ADAPTERS[self.name]

    def read(self, stored: Stored, *, scope: str = "scope") -> items.Item:
        return self.adapter.read(stored.kind, stored.raw, stored.envelope, scope=scope)


def _whatsapp(item: dict[str, Any], part: str = "messages", **change: Any) -> Stored:
    body = wa.one(item, part=part, contacts=[wa.contact(user_id=wa.BSUID)], **change)
    (row,) = splitting.split(body, received=NOW)
    return Stored(kind=row.kind, raw=row.raw, envelope=row.envelope)


WHATSAPP = Subject(
    name="whatsapp",
    says=lambda text: _whatsapp(wa.message(text={"body": text})),
    items={
        items.CitizenMessage: _whatsapp(wa.message()),
        items.DeliveryReported: _whatsapp(wa.status(), "statuses"),
        items.CallEvent: _whatsapp({"id": "wacid.1", "event": "connect"}, "calls"),
        items.Echo: _whatsapp(wa.message(to=wa.CITIZEN), "message_echoes"),
        items.PreferenceChanged: _whatsapp({"value": "stop"}, "user_preferences"),
        items.AccountNotice: _whatsapp({"code": 131031}, "errors"),
        items.IdentityChanged: _whatsapp(
            wa.message(kind="system", system={"type": "user_changed_number", "wa_id": "6281"})
        ),
    },
)
SUBJECTS = {subject.name: subject for subject in (WHATSAPP,)}
