"""Taking a citizen's data away: what tells who they were goes, the log is sealed.

Events are append-only and prove each other, so the log of a conversation can't lose a line: it is
sealed, shown on no screen, and goes with its segment when the retention policy lets it. Everything
beside it goes at once. Somebody erased who writes again is a stranger.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from django.db import OperationalError, transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.channels import media
from resmi.channels.models import DeliveryReport, MediaFile, MediaState, Pace
from resmi.contacts import findable
from resmi.contacts import services as contacts
from resmi.contacts.models import Consent, Contact, Rearrangement
from resmi.conversations import filling
from resmi.conversations.models import Conversation, Draft, Mention
from resmi.operations import retention
from resmi.operations.personal import finding
from resmi.operations.personal.finding import Held, Refused
from resmi.registry.watches.models import Watch

REPEATED = timedelta(days=retention.FEWEST_DAYS)
"""How long the key of an item stays, so that a repeated one is not taken for new."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What goes, and what stays until when. `log_days`: None for ever, after closing."""

    held: Held
    log_days: int | None


def plan(contact_id: int) -> Outcome:
    """What erasing would do. Raises `Refused` when it can't be done, with the reason."""
    found = finding.held(contact_id)
    if found.hold:
        raise Refused(
            _("Everything of this citizen is held: %(reason)s. Release the hold first.")
            % {"reason": found.hold}
        )
    if found.open:
        raise Refused(_("A conversation is still open: close it first."))
    return Outcome(held=found, log_days=retention.policy().conversation_days)


@transaction.atomic
def erase(*, actor: User | None, contact_id: int, reason: str, now: datetime) -> Outcome:
    """Does it, audited with `reason`. Raises `Refused`; then nothing was changed."""
    if not reason.strip():
        raise Refused(_("Say why: the audit trail keeps it."))
    try:
        contacts.rearrange_alone()
    except OperationalError as error:
        raise Refused(_("Much is coming in just now: try again in a moment.")) from error
    people = finding.all_of(contact_id)
    list(Contact.objects.select_for_update().filter(pk__in=people).order_by("pk"))
    done = plan(contact_id)
    talks = list(finding.conversations(contact_id).values_list("pk", flat=True))
    if finding.deliveries(contact_id, talks).filter(pending=1).exists():
        raise Refused(_("A message to them is on its way: try again in a minute."))
    _empty_items(contact_id, now)
    _empty_people(people, now)
    counts = msgspec.to_builtins(done.held)
    agency.record_audit(
        actor=actor,
        action="contact_erased",
        target=f"contact:{contact_id}",
        after={**{name: counts[name] for name in counts if name != "name"}, "reason": reason},
    )
    _empty_talks(contact_id, talks)  # last: files that are gone do not come back
    return done


def _empty_items(contact_id: int, now: datetime) -> None:
    """Items that may still be repeated keep their key; the others go whole."""
    mine = finding.items(contact_id).order_by().exclude(status="new")
    mine.filter(received_at__lt=now - REPEATED).delete()
    mine.update(raw=b"", envelope=b"", contact_key="", error="", status="done")


def _empty_talks(contact_id: int, talks: list[int]) -> None:
    sent = finding.deliveries(contact_id, talks)
    Pace.objects.filter(key__in=set(sent.values_list("lane", flat=True))).delete()
    numbers = list(sent.values_list("pk", flat=True))
    DeliveryReport.objects.filter(conversation__in=talks, delivery__in=numbers).delete()
    sent.delete()
    filling.seal(talks)
    Draft.objects.filter(conversation__in=talks).delete()
    Mention.objects.filter(conversation__in=talks).delete()
    Conversation.objects.filter(pk__in=talks).update(last_preview="")
    files = MediaFile.objects.filter(conversation__in=talks)
    try:
        for row in files:
            media.forget_bytes(row)
    except OSError as error:
        raise Refused(
            _("Some files could not be deleted, so nothing was changed: try again later.")
        ) from error
    files.update(
        state=MediaState.REMOVED, file="", preview="", filename="", provider_id=None,
        sha256="", expected_sha256="", upload_id="", error="",
    )  # fmt: skip


def _empty_people(people: list[int], now: datetime) -> None:
    Watch.objects.filter(contact__in=people).delete()
    Consent.objects.filter(contact__in=people).delete()
    Rearrangement.objects.filter(Q(keep__in=people) | Q(other__in=people)).delete()
    for contact in people:
        finding.identities(contact).update(
            user_id=Concat(Value("erased:"), Cast(F("pk"), CharField())),
            parent_user_id="", phone=None, username="", profile_name="",
        )  # fmt: skip
    Contact.objects.filter(pk__in=people).update(
        name="", language="", tags=[], attributes={}, value=0, note="", opted_out_at=None,
        erased_at=now,
    )  # fmt: skip
    findable.forget(people)
