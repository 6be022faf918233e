"""Who a webhook is about: by business-scoped user id, by phone, or by both.

Since 2026 `from`, `wa_id` and `recipient_id` may be absent for people with a username, and the
business-scoped ids may be absent in older and failed items (Meta, "Business-scoped user ids").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from resmi.channels.items import Address
from resmi.channels.whatsapp import wire

KIND = "whatsapp"
LONGEST_PHONE = 20
LONGEST_USER_ID = 150
LONGEST_NAME = 200
LONGEST_USERNAME = 100

_CHANGED = re.compile(r"changed from (\S{1,150}) to (\S{1,150})$")


class Naming(msgspec.Struct, frozen=True):
    """Under which keys an item names its person: a phone (or any name), a user id, a parent's."""

    name: str
    user_id: str
    parent: str


FROM = Naming("from", "from_user_id", "from_parent_user_id")
TO = Naming("to", "to_user_id", "to_parent_user_id")
RECIPIENT = Naming("recipient_id", "recipient_user_id", "recipient_parent_user_id")
OWN = Naming("wa_id", "user_id", "parent_user_id")


def naming(kind: str, item: Mapping[str, Any], our_number: str) -> Naming:
    """Which keys name the citizen in an item of this kind; `our_number` is in digits."""
    if kind == "call":
        return _naming_of_call(item, our_number)
    return {"status": RECIPIENT, "echo": TO, "preference": OWN}.get(kind, FROM)


def _naming_of_call(call: Mapping[str, Any], our_number: str) -> Naming:
    """The citizen's side of a call, whoever dialled; not every call says who did."""
    if "status" in call and ("recipient_id" in call or "recipient_user_id" in call):
        return RECIPIENT
    direction = wire.text(call, "direction")
    if direction:
        return TO if direction == "BUSINESS_INITIATED" else FROM
    return TO if our_number and wire.text(call, "from") == our_number else FROM


class Contact(msgspec.Struct, frozen=True):
    """One of a change's `contacts[]`: the bytes as they came and what they say."""

    raw: msgspec.Raw
    node: dict[str, Any]


class Contacts:
    """A change's `contacts[]`, found by what an item says of its person."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self._all = tuple(contacts)
        self._by_id: dict[str, Contact] = {}
        for contact in self._all:
            for key in (wire.text(contact.node, "user_id"), wire.text(contact.node, "wa_id")):
                if key:
                    self._by_id.setdefault(key, contact)

    def find(self, item: Mapping[str, Any], names: Naming) -> Contact | None:
        """The contact of the person the item names.

        When there is one contact only, it is taken unless it is somebody else: two phones, or two
        user ids, that differ.
        """
        user_id, name = wire.text(item, names.user_id), wire.text(item, names.name)
        found = self._by_id.get(user_id) or self._by_id.get(name)
        if found or len(self._all) != 1:
            return found
        only = self._all[0]
        return None if _differs(only.node, user_id, phone(name)) else only


def _differs(contact: Mapping[str, Any], user_id: str, number: str) -> bool:
    their_number = phone(wire.text(contact, "wa_id"))
    if their_number and number:
        return their_number != number
    their_id = wire.text(contact, "user_id")
    return bool(their_id and user_id and their_id != user_id)


def phone(name: str) -> str:
    """The digits of a phone number as WhatsApp writes it; empty when `name` is none."""
    digits = name.removeprefix("+")
    return digits if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_PHONE else ""


def person(
    item: Mapping[str, Any], contact: Mapping[str, Any], names: Naming, *, scope: str
) -> Address | None:
    """Who an item is about, from what it says and their contact entry; `None` when nobody is named.

    A name that is not all digits is taken as the user id, so that whoever wrote can be answered.
    """
    name = wire.text(item, names.name) or wire.text(contact, "wa_id")
    number = phone(name) or phone(wire.text(contact, "wa_id"))
    user_id = _identifier(
        wire.text(item, names.user_id) or wire.text(contact, "user_id") or ("" if number else name)
    )
    if not number and not user_id:
        return None
    profile = wire.table(contact, "profile")
    return Address(
        kind=KIND,
        scope=scope,
        user_id=user_id,
        parent_user_id=_identifier(
            wire.text(item, names.parent) or wire.text(contact, "parent_user_id")
        ),
        phone=number,
        username=wire.text(profile, "username").removeprefix("@")[:LONGEST_USERNAME],
        profile_name=wire.text(profile, "name")[:LONGEST_NAME],
    )


def _identifier(user_id: str) -> str:
    # Cut, two people's ids could become one; WhatsApp's are 135 characters at most.
    return user_id if len(user_id) <= LONGEST_USER_ID else ""


def before_and_after(
    item: Mapping[str, Any], contact: Mapping[str, Any], *, scope: str
) -> tuple[Address | None, Address | None]:
    """Who a person was and is, from a `system` message about a new number or user id.

    The old user id is not always a field of its own; then the body, "User X changed from A to B",
    has it.
    """
    system = wire.table(item, "system")
    old, new = _named_in(wire.text(system, "body"))
    names = {**item, "from": wire.text(item, "from") or (phone(old) and old)}
    names["from_user_id"] = (
        wire.text(system, "previous_user_id")
        or wire.text(item, "from_user_id")
        or ("" if phone(old) else old)
    )
    after = {
        "wa_id": wire.text(system, "wa_id", "new_wa_id") or (phone(new) and new),
        "user_id": wire.text(system, "user_id") or ("" if phone(new) else new),
        "parent_user_id": wire.text(system, "parent_user_id"),
    }
    profile = {"profile": wire.table(contact, "profile")}
    return person(names, profile, FROM, scope=scope), person(after, profile, OWN, scope=scope)


def _named_in(body: str) -> tuple[str, str]:
    found = _CHANGED.search(body)
    return (found[1], found[2]) if found else ("", "")
