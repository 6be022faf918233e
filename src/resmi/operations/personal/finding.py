"""Whose data is meant, and what there is of it."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from resmi.channels.models import Delivery, Inbound, MediaFile
from resmi.contacts.models import Contact, Identity
from resmi.conversations.models import Conversation, Event
from resmi.engine.address import Address
from resmi.operations.models import Hold
from resmi.registry.receipts.models import Receipt
from resmi.registry.watches.models import Watch

SHORTEST_PHONE = 8


class Refused(Exception):
    """It can't be done now; the text says why and what to do."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is of a citizen; `hold` is why everything is kept, empty when nothing is."""

    contact: int
    name: str
    identities: int
    conversations: int
    open: int
    events: int
    items: int
    deliveries: int
    files: int
    watches: int
    receipts: int
    hold: str = ""


def find(text: str) -> list[int]:
    """The citizens meant by a contact's number or a whole phone number; merged ones as one."""
    digits = "".join(sign for sign in text if sign.isdecimal())
    if not digits or len(digits) > 18:
        return []
    if text.strip().startswith("+") or len(digits) >= SHORTEST_PHONE:
        found = Contact.objects.filter(identities__phone=digits)
    else:
        found = Contact.objects.filter(pk=int(digits))
    return sorted({_kept(one) for one in found.filter(erased_at=None)})


def _kept(contact: Contact) -> int:
    while contact.merged_into is not None:
        contact = contact.merged_into
    return int(contact.pk)


def all_of(contact_id: int) -> list[int]:
    """The contact with those that were merged into it."""
    found, near = {contact_id}, {contact_id}
    while near:
        near = set(Contact.objects.filter(merged_into__in=near).values_list("pk", flat=True))
        near -= found
        found |= near
    return sorted(found)


def conversations(contact_id: int) -> QuerySet[Conversation]:
    """All their conversations, oldest first."""
    return Conversation.objects.filter(contact__in=all_of(contact_id)).order_by("pk")


def identities(contact_id: int) -> QuerySet[Identity]:
    """All their identities."""
    return Identity.objects.filter(contact__in=all_of(contact_id)).order_by("pk")


def addresses(contact_id: int) -> list[str]:
    """The keys under which their items may have come in."""
    return [
        Address(kind=one.kind, scope=one.scope, user_id=user_id, phone=phone).key()
        for one in identities(contact_id)
        for user_id, phone in ((one.user_id or "", ""), ("", one.phone or ""))
        if user_id or phone
    ]


def items(contact_id: int) -> QuerySet[Inbound]:
    """What came in from them and is kept as it came; reads all of the table."""
    mine = Inbound.objects.filter(contact_key__in=addresses(contact_id))
    return mine.order_by("received_at", "pk")


def deliveries(contact_id: int, talks: list[int]) -> QuerySet[Delivery]:
    """What was sent to them, oldest first."""
    mine = Q(conversation__in=talks) | Q(conversation=None, contact__in=all_of(contact_id))
    return Delivery.objects.filter(mine).order_by("pk")


def held(contact_id: int) -> Held:
    """Counts everything. Raises `Refused` for nobody, or somebody erased."""
    contact = Contact.objects.filter(pk=contact_id, merged_into=None, erased_at=None).first()
    if contact is None:
        raise Refused(_("There is no such citizen, or they were erased already."))
    talks = list(conversations(contact_id).values_list("pk", "status"))
    ids = [talk for talk, _status in talks]
    counts: dict[str, Any] = {
        "identities": identities(contact_id),
        "events": Event.objects.filter(conversation__in=ids),
        "items": items(contact_id).order_by(),
        "deliveries": deliveries(contact_id, ids),
        "files": MediaFile.objects.filter(conversation__in=ids),
        "watches": Watch.objects.filter(contact__in=all_of(contact_id)),
        "receipts": Receipt.objects.filter(conversation__in=ids),
    }
    return Held(
        contact=contact_id,
        name=contact.name,
        conversations=len(ids),
        open=sum(status != "closed" for _talk, status in talks),
        hold=" · ".join(_holds(contact_id)),
        **{name: rows.count() for name, rows in counts.items()},
    )


def _holds(contact_id: int) -> list[str]:
    """Why it is held: for a court, say. A split-off citizen's hold covers whom they came from."""
    mine = set(all_of(contact_id))
    others = Contact.objects.filter(Q(pk__in=mine) | Q(split_from__in=mine) | Q(split_off__in=mine))
    near = mine | set(others.values_list("pk", flat=True))
    rows = Hold.objects.filter(contact__in=near, released_at=None).order_by("pk")
    return list(rows.values_list("reason", flat=True))
