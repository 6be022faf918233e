"""What citizens were asked by the bot and said to it: read for a batch, written with its turn.

Runs in the caller's transaction; the trail names the version, never the words a citizen wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from django.db.models import Exists, OuterRef

from resmi.contacts import consenting
from resmi.contacts.models import Consent, ConsentWording
from resmi.engine import events
from resmi.engine.consent import Known


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event about a contact's consent, and where it happened."""

    contact: int
    conversation: int
    channel: int
    at: datetime
    what: events.ConsentAsked | events.ConsentAnswered


def known(contacts: Collection[int]) -> dict[int, Known]:
    """What is known of each; one query while the agency has written no wording, else two."""
    in_force = consenting.wording()
    if in_force is None:
        return {}
    agreed = Consent.objects.filter(
        contact=OuterRef("contact"), answer="given", withdrawn_at=None
    ).values("pk")
    newest = (
        Consent.objects.filter(contact__in=contacts)
        .select_related("wording")
        .annotate(agreed=Exists(agreed))
        .order_by("contact", "-pk")
        .distinct("contact")
    )
    fresh = Known(version=in_force.version, texts=in_force.texts)
    found = dict.fromkeys(contacts, fresh)
    for row in newest:
        standing = row.standing
        found[row.contact_id] = msgspec.structs.replace(
            fresh,
            asked=row.wording.version,
            at=row.asked_at,
            answer="" if standing == "asked" else standing,
            agreed=row.agreed,
        )
    return found


def record(happened: Iterable[Happened]) -> None:
    """Keeps what happened, in its order."""
    for one in happened:
        if isinstance(one.what, events.ConsentAsked):
            _asked(one, one.what)
        elif one.what.answer == "withdrawn":
            _withdrawn(one)
        else:
            if one.what.answer == "refused":
                _withdrawn(one)  # also what they had agreed to in an older wording
            _answered(one, one.what)


def unask(conversation: int, at: datetime) -> None:
    """Takes back that the bot asked there at that moment: the question never left."""
    rows = Consent.objects.filter(conversation=conversation, asked_at=at, answer="", by=None)
    for made in rows.select_related("wording"):
        consenting.audit(None, "consent_not_asked", made)
        made.delete()


def _asked(one: Happened, what: events.ConsentAsked) -> None:
    made = Consent.objects.create(
        contact_id=one.contact,
        wording=ConsentWording.objects.get(version=what.version),
        language=what.language,
        how=Consent.How.WRITTEN,
        conversation=one.conversation,
        channel=one.channel,
        asked_at=one.at,
    )
    consenting.audit(None, "consent_asked", made)


def _answered(one: Happened, what: events.ConsentAnswered) -> None:
    rows = Consent.objects.filter(contact=one.contact, wording__version=what.version)
    made = rows.select_related("wording").order_by("-pk").first()
    if made is None:
        return
    if made.answer:  # they think otherwise: what they said before stays as it was
        made.pk, made.withdrawn_at, made._state.adding = None, None, True
        made.how, made.by = Consent.How.WRITTEN, None
    made.answer, made.answered_at = what.answer, one.at
    made.conversation, made.channel = one.conversation, one.channel
    made.save()
    consenting.audit(None, f"consent_{what.answer}", made)


def _withdrawn(one: Happened) -> None:
    rows = Consent.objects.filter(contact=one.contact, answer="given", withdrawn_at=None)
    for made in rows.select_related("wording").order_by("pk"):
        made.withdrawn_at = one.at
        made.save(update_fields=["withdrawn_at"])
        consenting.audit(None, "consent_withdrawn", made)
