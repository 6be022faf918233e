"""Making two citizens one, and one two, with all that is theirs; both can be undone.

The worker and this never overlap (`contacts.services.rearrange_alone`), so a message that comes
meanwhile is handled before or after, never half. Conversations go first: who acts on one holds its
row, so that what the act left behind is seen by the tables that follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import OperationalError, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from resmi.agency import live
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.contacts import rules
from resmi.contacts import services as contacts
from resmi.contacts.models import Consent, Contact, Identity, Rearrangement
from resmi.contacts.rules import Facts
from resmi.conversations.models import Conversation
from resmi.engine.lifecycle import Refused
from resmi.registry.watches.models import Watch
from resmi.routing.models import Handled

Moved = dict[str, list[int]]
# What belongs to a contact, by name: the table and the column that says whose it is.
TABLES: dict[str, tuple[type[Model], str]] = {
    "conversations": (Conversation, "contact_id"),
    "identities": (Identity, "contact_id"),
    "watches": (Watch, "contact"),
    "handled": (Handled, "contact"),
    "consents": (Consent, "contact_id"),
    "absorbed": (Contact, "merged_into_id"),
}


def facts_of(contact: Contact) -> Facts:
    """What we noted on a contact."""
    return Facts(
        name=contact.name,
        language=contact.language,
        value=contact.value,
        tags=tuple(contact.tags),
        attributes=contact.attributes,
        note=contact.note,
        opted_out_at=contact.opted_out_at,
        created_at=contact.created_at,
    )


@transaction.atomic
def merge(
    *, actor: User | None, keep_id: int, other_id: int, choices: Mapping[str, str]
) -> Rearrangement:
    """Makes `other_id` and `keep_id` one contact, `keep_id`.

    `choices` says for each of `rules.conflicts` whose value stays: `keep` or `other`. Raises
    `Refused` when one of them was merged already, or both have a conversation open on one channel.
    """
    keep, other = _locked(keep_id, other_id)
    _check_apart(keep, other)
    _check_one_open(keep_id, other_id)
    before = {"keep": facts_of(keep), "other": facts_of(other)}
    moved = {name: _move(name, _mine(name, other_id, keep_id), keep_id) for name in TABLES}
    after = rules.merged(before["keep"], before["other"], choices)
    _note(keep, after)
    other.merged_into = keep
    other.save(update_fields=["merged_into"])
    done = _record(actor, "merge", keep, other, moved, before, {"keep": after})
    _tell(moved)
    return done


@transaction.atomic
def split(*, actor: User | None, identity_id: int) -> Rearrangement:
    """Makes an identity a contact of its own, with the conversations held through it.

    Raises `Refused` when it is the contact's only one.
    """
    contacts_of = Identity.objects.filter(pk=identity_id).values_list("contact_id", flat=True)
    identity = Identity.objects.filter(pk=identity_id).first()
    if identity is None:
        raise Refused("gone", _("This way to reach the citizen is no longer there."))
    keep, *_rest = _locked(*contacts_of)
    identity.refresh_from_db()
    if identity.contact_id != keep.pk:
        raise Refused("changed", _("This citizen was changed a moment ago: look again."))
    if keep.identities.count() < 2:
        raise Refused("only_one", _("The citizen has only this one: there is nothing to split."))
    before = {"keep": facts_of(keep)}
    other = Contact.objects.create(
        name=identity.profile_name or identity.username,
        language=keep.language,
        opted_out_at=keep.opted_out_at,
        split_from=keep,
    )
    mine = {
        "conversations": Q(identity=identity),
        "identities": Q(pk=identity.pk),
        "watches": _watches_of(identity, keep),
        "handled": Q(conversation__in=Conversation.objects.filter(identity=identity).values("pk")),
        "consents": Q(conversation__in=Conversation.objects.filter(identity=identity).values("pk")),
    }
    moved = {
        name: _move(name, _rows(name, keep.pk).filter(chosen), other.pk)
        for name, chosen in mine.items()
    }
    after = {"keep": facts_of(keep), "other": facts_of(other)}
    done = _record(actor, "split", keep, other, moved, before, after)
    _tell(moved)
    return done


@transaction.atomic
def undo(*, actor: User | None, rearrangement_id: int) -> None:
    """Takes a merge or a split back; what was edited since stays as edited.

    Raises `Refused` when it was undone already, or a later one has to be undone first.
    """
    found = Rearrangement.objects.filter(pk=rearrangement_id).first()
    if found is None:
        raise Refused("gone", _("There is nothing to undo."))
    keep, other = _locked(found.keep_id, found.other_id)
    found.refresh_from_db()
    _check_last(found)
    if found.kind == "merge":
        _unmerge(found, keep, other)
    else:
        _check_one_open(keep.pk, other.pk)
        moved = {name: _move(name, _mine(name, other.pk, keep.pk), keep.pk) for name in TABLES}
        if facts_of(other) != _facts(found.after)["other"]:
            _note(keep, rules.merged(facts_of(keep), facts_of(other), {}))
        other.merged_into = keep
        other.save(update_fields=["merged_into"])
        _tell(moved)
    found.undone_at = datetime.now(UTC)
    found.save(update_fields=["undone_at"])
    agency.record_audit(
        actor=actor,
        action=f"contact_{found.kind}_undone",
        target=f"contact:{keep.pk}",
        after={"other": other.pk},
    )


def last_of(contact_id: int) -> Rearrangement | None:
    """The newest merge or split of a contact that can be undone."""
    either = Q(keep=contact_id) | Q(other=contact_id)
    found = Rearrangement.objects.filter(either).order_by("-id")
    newest = found.filter(undone_at=None).select_related("keep", "other", "by").first()
    if newest is None or newest.other.merged_into_id not in (None, newest.keep_id):
        return None
    return newest if _is_last(newest) else None


def _unmerge(found: Rearrangement, keep: Contact, other: Contact) -> None:
    moved: Moved = found.moved
    # What began since through a number that goes back goes with it.
    since = _rows("conversations", keep.pk).filter(identity__in=moved["identities"])
    # A merge of long ago knows nothing of tables that came later.
    back = {name: _rows(name, keep.pk).filter(pk__in=moved.get(name, [])) for name in TABLES}
    back["conversations"] = back["conversations"] | since
    begun = list(since.values_list("pk", flat=True))
    for name in ("handled", "consents"):
        back[name] = back[name] | _rows(name, keep.pk).filter(conversation__in=begun)
    _tell({name: _move(name, rows, other.pk) for name, rows in back.items()})
    before, after = _facts(found.before), _facts(found.after)
    _note(keep, rules.restored(before["keep"], after["keep"], facts_of(keep)))
    other.merged_into = None
    other.save(update_fields=["merged_into"])


def _locked(*ids: int) -> list[Contact]:
    try:
        contacts.rearrange_alone()
        rows = Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        found = {row.pk: row for row in rows}
    except OperationalError as error:
        raise Refused("busy", _("Much is coming in just now: try again in a moment.")) from error
    if set(ids) - set(found):
        raise Refused("gone", _("This citizen is no longer there."))
    return [found[one] for one in ids]


def _check_apart(keep: Contact, other: Contact) -> None:
    if keep.pk == other.pk:
        raise Refused("same", _("This is the same citizen already."))
    if keep.merged_into_id or other.merged_into_id:
        raise Refused("merged", _("One of them was merged already: look again."))


def _check_one_open(keep_id: int, other_id: int) -> None:
    """Nobody has two conversations open on one channel; closing one is for people to decide."""
    held = Conversation.objects.exclude(status="closed").select_for_update(of=("self",))
    rows = list(
        held.filter(contact__in=(keep_id, other_id)).order_by("pk").select_related("channel")
    )
    channels = {row.channel_id for row in rows if row.contact_id == keep_id}
    for row in rows:
        if row.contact_id == other_id and row.channel_id in channels:
            raise Refused(
                "both_open",
                _(
                    "Both have an open conversation on %(channel)s. "
                    "Close one of them, then try again."
                )
                % {"channel": row.channel.name},
            )


def _check_last(found: Rearrangement) -> None:
    if found.undone_at is not None:
        raise Refused("undone", _("This was undone already."))
    if not _is_last(found):
        raise Refused("later", _("One of them was changed again later: undo that first."))


def _is_last(found: Rearrangement) -> bool:
    pair = (found.keep_id, found.other_id)
    later = Rearrangement.objects.filter(pk__gt=found.pk, undone_at=None)
    return not later.filter(Q(keep__in=pair) | Q(other__in=pair)).exists()


def _rows(name: str, contact_id: int) -> QuerySet[Any]:
    model, column = TABLES[name]
    rows: QuerySet[Any] = model._default_manager.filter(**{column: contact_id})
    return rows


def _mine(name: str, contact_id: int, other_id: int) -> QuerySet[Any]:
    """Everything of a contact that may go to the other: what both watch stays where it is."""
    rows = _rows(name, contact_id)
    if name != "watches":
        return rows
    same = Watch.objects.filter(
        contact=other_id, channel=OuterRef("channel"), subject=OuterRef("subject")
    )
    return rows.exclude(Exists(same))


def _watches_of(identity: Identity, keep: Contact) -> Q:
    """The watches on the channels that only this identity reaches."""
    others = keep.identities.exclude(pk=identity.pk)
    if others.filter(kind=identity.kind, scope=identity.scope).exists():
        return Q(pk=0)
    used = Conversation.objects.filter(identity=identity).values("channel")
    return Q(channel__in=used)


def _move(name: str, rows: QuerySet[Any], contact_id: int) -> list[int]:
    model, column = TABLES[name]
    ids = sorted(rows.values_list("pk", flat=True))
    model._default_manager.filter(pk__in=ids).update(**{column: contact_id})
    return ids


def _note(contact: Contact, facts: Facts) -> None:
    for name in Facts.__struct_fields__:
        value = getattr(facts, name)
        setattr(contact, name, list(value) if name == "tags" else value)
    contact.save(update_fields=list(Facts.__struct_fields__))


def _record(
    actor: User | None,
    kind: str,
    keep: Contact,
    other: Contact,
    moved: Moved,
    before: Mapping[str, Facts],
    after: Mapping[str, Facts],
) -> Rearrangement:
    kept = {"before": msgspec.to_builtins(before), "after": msgspec.to_builtins(after)}
    agency.record_audit(
        actor=actor,
        action=f"contact_{kind}",
        target=f"contact:{keep.pk}",
        before=kept["before"],
        after={**kept["after"], "with": other.pk},
    )
    return Rearrangement.objects.create(
        kind=kind, keep=keep, other=other, by=actor, moved=moved, **kept
    )


def _facts(kept: Mapping[str, Any]) -> dict[str, Facts]:
    return msgspec.convert(kept, dict[str, Facts])


def _tell(moved: Mapping[str, Iterable[int]]) -> None:
    for conversation in moved["conversations"]:
        live.announce(f"conversation:{conversation}")
