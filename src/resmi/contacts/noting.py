"""What staff note of a citizen: tags, the agency's own attributes, value. All of it is audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.contacts import rules
from resmi.contacts.models import AttributeKind, Contact

LONGEST_TEXT = 500
LONGEST_NOTE = 2000
LEAST_VALUE, MOST_VALUE = -1000, 1000
MOST_KINDS = 40


class Unfit(Exception):
    """A value that cannot be noted; the text says what can."""


def tag_of(text: str) -> str:
    """A tag as it is kept: one line, small letters, no sign in front."""
    return " ".join(text.replace("\0", "").lstrip("# ").split()).lower()[: rules.LONGEST_TAG]


@transaction.atomic
def add_tag(*, actor: User | None, contact_id: int, text: str) -> None:
    """Adds a tag, once. Raises `Unfit`."""
    tag = tag_of(text)
    if not tag:
        raise Unfit(_("Type a word for the tag."))
    contact = _locked(contact_id)
    if tag in contact.tags:
        return
    if len(contact.tags) >= rules.MOST_TAGS:
        raise Unfit(_("A citizen has at most %(most)s tags.") % {"most": rules.MOST_TAGS})
    _set(actor, contact, "tags", [*contact.tags, tag])


@transaction.atomic
def remove_tag(*, actor: User | None, contact_id: int, tag: str) -> None:
    """Takes a tag away, if it is there."""
    contact = _locked(contact_id)
    if tag in contact.tags:
        _set(actor, contact, "tags", [one for one in contact.tags if one != tag])


@transaction.atomic
def set_value(*, actor: User | None, contact_id: int, text: str) -> None:
    """Sets how much the contact weighs in routing. Raises `Unfit`."""
    try:
        value = int(text.strip() or 0)
    except ValueError:
        value = MOST_VALUE + 1
    if not LEAST_VALUE <= value <= MOST_VALUE:
        raise Unfit(
            _("Type a whole number from %(least)s to %(most)s.")
            % {"least": LEAST_VALUE, "most": MOST_VALUE}
        )
    contact = _locked(contact_id)
    if contact.value != value:
        _set(actor, contact, "value", value)


@transaction.atomic
def set_note(*, actor: User | None, contact_id: int, text: str) -> None:
    """Sets what colleagues should know of the citizen; an empty text takes it away."""
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST_NOTE:
        raise Unfit(_("At most %(most)s letters.") % {"most": LONGEST_NOTE})
    contact = _locked(contact_id)
    if contact.note != text:
        _set(actor, contact, "note", text)


@transaction.atomic
def set_attribute(*, actor: User | None, contact_id: int, key: str, text: str) -> None:
    """Notes an attribute the agency defined; an empty text takes it away. Raises `Unfit`."""
    kind = AttributeKind.objects.filter(key=key, is_active=True).first()
    if kind is None:
        raise Unfit(_("The agency no longer notes this."))
    contact = _locked(contact_id)
    text = text.replace("\0", "").strip()
    attributes = {name: value for name, value in contact.attributes.items() if name != key}
    if text:
        attributes[key] = _fitting(kind, text)
    if attributes != contact.attributes:
        _set(actor, contact, "attributes", attributes)


def _fitting(kind: AttributeKind, text: str) -> Any:
    if kind.kind == AttributeKind.Kind.NUMBER:
        return _number(text)
    if kind.kind == AttributeKind.Kind.DATE:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise Unfit(_("Type a date as year-month-day, like 2026-03-31.")) from error
    if kind.kind == AttributeKind.Kind.CHOICE and text not in kind.choices:
        raise Unfit(_("Choose one of: %(choices)s.") % {"choices": ", ".join(kind.choices)})
    if len(text) > LONGEST_TEXT:
        raise Unfit(_("At most %(most)s letters.") % {"most": LONGEST_TEXT})
    return text


def _number(text: str) -> int | float:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise Unfit(_("Type a number.")) from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise Unfit(_("Type a number."))
    return int(number) if number == number.to_integral_value() else float(number)


@transaction.atomic
def define_attribute(
    *, actor: User | None, name: str, kind: str, choices: Sequence[str]
) -> AttributeKind:
    """Adds something to note of citizens. Raises `Unfit`."""
    name = " ".join(name.replace("\0", "").split())[:60]
    key = slugify(name, allow_unicode=True).replace("-", "_")[:50]
    wanted = list(dict.fromkeys(one.strip()[:60] for one in choices if one.strip()))
    if not key or kind not in AttributeKind.Kind.values:
        raise Unfit(_("Give it a name and say what may stand in it."))
    if kind == AttributeKind.Kind.CHOICE and not wanted:
        raise Unfit(_("Type the choices, one in each line."))
    if AttributeKind.objects.filter(key=key).exists():
        raise Unfit(_("There is one of this name already."))
    if AttributeKind.objects.filter(is_active=True).count() >= MOST_KINDS:
        raise Unfit(_("There are as many as a screen can hold; take one away first."))
    made = AttributeKind.objects.create(
        key=key, name=name, kind=kind, choices=wanted if kind == AttributeKind.Kind.CHOICE else []
    )
    agency.record_audit(
        actor=actor,
        action="attribute_defined",
        target=f"attribute:{made.pk}",
        after={"name": name, "kind": kind, "choices": made.choices},
    )
    return made


@transaction.atomic
def show_attribute(*, actor: User | None, attribute_id: int, shown: bool) -> None:
    """Shows an attribute on the desk, or hides it; what was noted is kept."""
    changed = AttributeKind.objects.filter(pk=attribute_id, is_active=not shown)
    if changed.update(is_active=shown):
        agency.record_audit(
            actor=actor,
            action="attribute_changed",
            target=f"attribute:{attribute_id}",
            before={"shown": not shown},
            after={"shown": shown},
        )


def _locked(contact_id: int) -> Contact:
    found = Contact.objects.select_for_update().filter(pk=contact_id).first()
    if found is None:
        raise Unfit(_("This citizen is no longer there."))
    return found


def _set(actor: User | None, contact: Contact, name: str, value: Any) -> None:
    before = getattr(contact, name)
    setattr(contact, name, value)
    contact.save(update_fields=[name])
    agency.record_audit(
        actor=actor,
        action="contact_changed",
        target=f"contact:{contact.pk}",
        before={name: before},
        after={name: value},
    )
