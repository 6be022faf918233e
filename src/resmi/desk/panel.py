"""What the right column says of the citizen beyond the conversation that is open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from resmi.contacts import consenting
from resmi.contacts import queries as contacts
from resmi.contacts.models import (
    AttributeKind,
    Consent,
    ConsentWording,
    Contact,
    Identity,
    Rearrangement,
)
from resmi.conversations import people
from resmi.registry.receipts.models import Receipt

IDENTITIES_SHOWN = 10
TOLD_SHOWN = 5
VULNERABLE = "vulnerable"
"""The tag that is shown wherever the citizen is, and that routing rules may name."""


@dataclass(frozen=True, kw_only=True)
class Noted:
    """An attribute the agency defined, and what is noted in it."""

    kind: AttributeKind
    value: Any


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One citizen, as the right column shows them."""

    contact: Contact
    identities: list[Identity]
    noted: list[Noted]
    told: list[Receipt]
    last_change: Rearrangement | None
    consents: list[Consent]
    wording: ConsentWording | None

    @property
    def may_ask(self) -> bool:
        """Whether there is a wording in force that they have not agreed to."""
        if self.wording is None:
            return False
        agreed = {one.wording_id for one in self.consents if one.standing == "given"}
        return self.wording.pk not in agreed

    @property
    def words(self) -> tuple[str, str]:
        """The wording in force in the language they are read it in, and that language."""
        if self.wording is None:
            return "", ""
        language, text = consenting.in_language(self.wording, self.contact.language)
        return text, language

    @property
    def is_vulnerable(self) -> bool:
        """Whether colleagues flagged them as in need of care."""
        return VULNERABLE in self.contact.tags


def of_contact(contact_id: int, conversations: Collection[int]) -> Panel:
    """The citizen, with answers given in `conversations`; a fixed number of queries."""
    contact = Contact.objects.get(pk=contact_id)
    return Panel(
        contact=contact,
        identities=list(contact.identities.order_by("id")[:IDENTITIES_SHOWN]),
        noted=[
            Noted(kind=kind, value=contact.attributes.get(kind.key, ""))
            for kind in contacts.attribute_kinds()
        ],
        told=list(
            Receipt.objects.filter(conversation__in=conversations)
            .defer("statement", "signature")
            .order_by("-answered_at")[:TOLD_SHOWN]
        ),
        last_change=people.last_of(contact_id),
        consents=consenting.of_contact(contact_id),
        wording=consenting.wording(),
    )
