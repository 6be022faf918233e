"""What citizens consent to: the agency's wording in versions, and what each of them said to it.

All of it is audited; the trail names the version, never the words a citizen wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.contacts.models import Consent, ConsentWording, Contact
from resmi.contacts.noting import Unfit
from resmi.engine import consent

LONGEST = 1_000
SHOWN = 5


def wording() -> ConsentWording | None:
    """The wording in force; None until the agency wrote one."""
    return ConsentWording.objects.order_by("-version").first()


def in_language(wording: ConsentWording, language: str) -> tuple[str, str]:
    """The language somebody of `language` is asked in (else English, else any), and the text."""
    return consent.in_language(wording.texts, language)


def of_contact(contact_id: int) -> list[Consent]:
    """What they were asked and said, newest first."""
    rows = Consent.objects.filter(contact=contact_id).select_related("wording", "by")
    return list(rows.order_by("-pk")[:SHOWN])


@transaction.atomic
def put_wording(*, actor: User | None, texts: Mapping[str, str]) -> ConsentWording:
    """Makes a new version, by language; what was asked before stays as it was.

    Raises `Unfit` when a language is empty or too long, or nothing differs.
    """
    clean = {
        language: text.replace("\0", "").replace("\r\n", "\n").strip()
        for language, text in texts.items()
    }
    if not clean or not all(clean.values()):
        raise Unfit(_("Write it in each language: citizens are asked in theirs."))
    if max(map(len, clean.values())) > LONGEST:
        raise Unfit(_("At most %(most)s letters.") % {"most": LONGEST})
    with connection.cursor() as cursor:  # two who write at once take turns
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('consent_wording'))")
    before = wording()
    if before is not None and before.texts == clean:
        raise Unfit(_("Nothing differs from the wording in force."))
    last = ConsentWording.objects.aggregate(last=Max("version"))["last"] or 0
    made = ConsentWording.objects.create(version=last + 1, texts=clean, by=actor)
    agency.record_audit(
        actor=actor,
        action="consent_wording_set",
        target=f"consent_wording:{made.version}",
        before={"version": before.version, "texts": before.texts} if before else None,
        after={"version": made.version, "texts": clean},
    )
    return made


@transaction.atomic
def ask(*, actor: User | None, contact_id: int, conversation: int, language: str) -> str:
    """Notes that they are asked now, in this conversation; the text to send them.

    Raises `Unfit` without a wording, or when they consented to it already.
    """
    return _begun(actor, contact_id, conversation, language, Consent.How.WRITTEN).text


@transaction.atomic
def note(
    *,
    actor: User | None,
    contact_id: int,
    conversation: int,
    language: str,
    version: int,
    how: str,
    answer: str,
) -> None:
    """Notes an answer given on another way, to the wording's `version` in `language`.

    Raises `Unfit`, also when the wording changed meanwhile: they were asked with another one.
    """
    if how not in (Consent.How.SPOKEN, Consent.How.PAPER):
        raise Unfit(_("Say how they were asked."))
    in_force = wording()
    if in_force is not None and in_force.version != version:
        raise Unfit(_("The wording was changed a moment ago: read them the new one."))
    made = _begun(actor, contact_id, conversation, language, how)
    _answer(actor, made, answer)


@transaction.atomic
def answer(*, actor: User | None, contact_id: int, consent_id: int, answer: str) -> None:
    """Notes what they said to a question of `ask`; once. Raises `Unfit`."""
    found = _locked(contact_id, consent_id)
    if found.answer:
        raise Unfit(_("Their answer is noted already."))
    _answer(actor, found, answer)


@transaction.atomic
def withdraw(*, actor: User | None, contact_id: int, consent_id: int) -> None:
    """Notes that they took their consent back; it counts from now on. Raises `Unfit`."""
    found = _locked(contact_id, consent_id)
    if found.standing != "given":
        raise Unfit(_("There is no consent to withdraw."))
    found.withdrawn_at = datetime.now(UTC)
    found.save(update_fields=["withdrawn_at"])
    audit(actor, "consent_withdrawn", found)


def _begun(
    actor: User | None, contact_id: int, conversation: int, language: str, how: str
) -> Consent:
    in_force = wording()
    if in_force is None:
        raise Unfit(_("The agency has not written what citizens consent to."))
    contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
    if contact is None:
        raise Unfit(_("This citizen is no longer there."))
    asked = Consent.objects.filter(contact=contact, wording=in_force, answer="given")
    if asked.filter(withdrawn_at=None).exists():
        raise Unfit(_("They consented to this wording already."))
    made = Consent.objects.create(
        contact=contact,
        wording=in_force,
        language=in_language(in_force, language)[0],
        how=how,
        conversation=conversation,
        asked_at=datetime.now(UTC),
        by=actor,
    )
    if how == Consent.How.WRITTEN:
        audit(actor, "consent_asked", made)
    return made


def _answer(actor: User | None, consent: Consent, answer: str) -> None:
    if answer not in Consent.Answer.values:
        raise Unfit(_("Say whether they agreed or declined."))
    consent.answer, consent.answered_at = answer, datetime.now(UTC)
    consent.save(update_fields=["answer", "answered_at"])
    audit(actor, f"consent_{answer}", consent)


def _locked(contact_id: int, consent_id: int) -> Consent:
    rows = Consent.objects.select_for_update(of=("self",)).select_related("wording")
    found = rows.filter(pk=consent_id, contact=contact_id).first()
    if found is None:
        raise Unfit(_("This was changed a moment ago: look again."))
    return found


def audit(actor: User | None, action: str, consent: Consent) -> None:
    """Writes down what was asked or said, by `actor` or (None) the citizen themselves."""
    agency.record_audit(
        actor=actor,
        action=action,
        target=f"contact:{consent.contact_id}",
        after={
            "version": consent.wording.version,
            "language": consent.language,
            "how": consent.how,
            "conversation": consent.conversation,
        },
    )
