"""What a POST is cut into: rows to store, and what the items of one change share. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from resmi.channels.items import Address, DeliveryReported
from resmi.channels.whatsapp import people, plain_reports


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One item to store. `number` (phone number id) and `account` (WABA id) say whose it is.

    `person` has no scope yet: which portfolio a number is in is not in the webhook. `error` is set
    on `unparsed` rows only. `display` is the number as people dial it. `report` is what a plain
    status means, known already.
    """

    kind: str
    subkind: str
    key: str
    number: str
    account: str
    display: str
    person: Address | None
    occurred_at: datetime | None
    raw: bytes
    envelope: bytes
    error: str = ""
    report: DeliveryReported | None = None


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stood round an item. `received` is when we got it, Unix seconds.

    `part` names the list or key of the value the item comes from, when the field does not tell.
    `rest` is whatever else the value held, given to the change's first item only.
    """

    entry: str = ""
    time: str = ""
    field: str = ""
    part: str = ""
    received: float = 0
    metadata: msgspec.Raw | None = None
    contact: msgspec.Raw | None = None
    rest: dict[str, msgspec.Raw] = {}


class Told(msgspec.Struct, frozen=True):
    """Whom a status is about, their entry among the contacts, and the envelope with it."""

    person: Address | None
    contact: msgspec.Raw | None
    envelope: bytes


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What the items of one change share. `seen` fills while they are read."""

    received: datetime
    account: str = ""
    time: str = ""
    field: str = ""
    number: str = ""
    display: str = ""
    metadata: msgspec.Raw | None = None
    contacts: people.Contacts = people.Contacts(())
    seen: dict[tuple[str, str, str], Told] = {}

    def told(self, plain: plain_reports.Plain) -> Told:
        """Whom a plain status is about: mostly the same three times in a row."""
        ids = plain.recipient_id, plain.recipient_user_id, plain.recipient_parent_user_id
        if (told := self.seen.get(ids)) is None:
            names = people.RECIPIENT
            node = dict(zip((names.name, names.user_id, names.parent), ids, strict=True))
            contact = self.contacts.find(node, names)
            raw = contact.raw if contact else None
            told = self.seen[ids] = Told(
                people.person(node, contact.node if contact else {}, names, scope=""),
                raw,
                self.envelope(contact=raw, rest={}),
            )
        return told

    def envelope(self, **more: Any) -> bytes:
        """What stands round an item; `more` are further fields of `Envelope`."""
        return msgspec.json.encode(
            Envelope(
                entry=self.account,
                time=self.time,
                field=self.field,
                received=self.received.timestamp(),
                metadata=self.metadata,
                **more,
            )
        )
