"""What staff do to a citizen's record: tags, attributes, merging and splitting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from resmi.agency import access
from resmi.agency import services as agency
from resmi.agency.access import requires, staff
from resmi.contacts import finding, noting, rules
from resmi.contacts import queries as contacts
from resmi.contacts.models import AttributeKind, Contact, Identity, Rearrangement
from resmi.conversations import people, visibility
from resmi.desk import shown, wording
from resmi.desk.board import Board
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fact of two citizens side by side, and of the one they become."""

    key: str
    label: str
    keep: Any
    other: Any
    result: Any
    differs: bool


@requires("serve_citizens")
@require_POST
def note(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Adds or takes a tag, or notes an attribute or the value, as the form's button says."""
    return acting.act(
        request, conversation_id, lambda: _note(request, conversation_id), _record_again
    )


def _note(request: HttpRequest, conversation_id: int) -> None:
    actor, contact = staff(request), _contact_of(request, conversation_id)
    given = request.POST
    acts: dict[str, Callable[[], None]] = {
        "add": lambda: noting.add_tag(actor=actor, contact_id=contact, text=given["add"]),
        "remove": lambda: noting.remove_tag(actor=actor, contact_id=contact, tag=given["remove"]),
        "note": lambda: noting.set_note(actor=actor, contact_id=contact, text=given["note"]),
        "value": lambda: noting.set_value(actor=actor, contact_id=contact, text=given["value"]),
        "attribute": lambda: noting.set_attribute(
            actor=actor, contact_id=contact, key=given["attribute"], text=given.get("text", "")
        ),
    }
    try:
        for name, do in acts.items():
            if name in given:
                do()
    except noting.Unfit as unfit:
        raise Refused("unfit", str(unfit)) from unfit


def _record_again(request: HttpRequest, conversation_id: int) -> HttpResponse:
    board = Board(staff(request))
    conversation = acting.opened(board, conversation_id)
    context = {"conversation": conversation, "panel": board.panel(conversation)}
    return render(request, "desk/_record.html", context)


@requires("serve_citizens")
@require_safe
def known_tags(request: HttpRequest) -> HttpResponse:
    """The tags in use, as options to choose from."""
    return render(request, "desk/_known_tags.html", {"tags": contacts.tags()})


@requires("serve_citizens")
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Finds the other citizen, shows what would become of both, then makes them one."""
    if request.method == "POST":
        return acting.act(
            request,
            conversation_id,
            lambda: _merge(request, conversation_id),
            acting.whole_workspace,
        )
    board = Board(staff(request))
    conversation = acting.opened(board, conversation_id)
    context: dict[str, Any] = {"conversation": conversation, "text": request.GET.get("q", "")}
    other = whole_number(request.GET.get("other"))
    if other:
        context |= _preview(request, conversation, other)
        return render(request, "desk/_merge_preview.html", context)
    if "q" in request.GET:
        context["page"] = _found(request, board, conversation)
        context["is_later_page"] = "before" in request.GET
        return render(request, "desk/_merge_found.html", context)
    return render(request, "desk/_merge.html", context)


def _found(request: HttpRequest, board: Board, conversation: shown.Open) -> finding.Page:
    page = finding.find(
        request.GET.get("q", ""),
        but=conversation.row.contact_id,
        before=whole_number(request.GET.get("before")),
        seen=lambda ids: visibility.visible_contacts(board.sight, ids),
    )
    for contact in page.named:  # whoever holds a number learned here whose it is
        agency.record_read(
            actor=board.user, action="contact_found_by_number", target=f"contact:{contact}"
        )
    return page


def _preview(request: HttpRequest, conversation: shown.Open, other_id: int) -> dict[str, Any]:
    other = _seen(request, other_id)
    keep = Contact.objects.get(pk=conversation.row.contact_id)
    agency.record_read(
        actor=staff(request), action="contact_compared", target=f"contact:{other_id}"
    )
    both = people.facts_of(keep), people.facts_of(other)
    one, differing = rules.merged(*both, {}), rules.conflicts(*both)
    labels = {"name": _("Name"), "language": _("Language"), "value": _("Value in routing")}
    rows = [
        Row(
            key=key,
            label=label,
            keep=_worded(key, both[0]),
            other=_worded(key, both[1]),
            result=_worded(key, one),
            differs=key in differing,
        )
        for key, label in labels.items()
    ]
    rows += [
        Row(
            key=f"attribute:{key}",
            label=label,
            keep=both[0].attributes.get(key, ""),
            other=both[1].attributes.get(key, ""),
            result=value,
            differs=f"attribute:{key}" in differing,
        )
        for key, value in one.attributes.items()
        for label in [_attribute_names().get(key, key)]
    ]
    return {
        "rows": rows,
        "keep": keep,
        "other": other,
        "one": one,
        "keep_identities": keep.identities.order_by("id"),
        "other_identities": other.identities.order_by("id"),
    }


def _worded(key: str, facts: rules.Facts) -> Any:
    value = getattr(facts, key)
    return wording.language(value) if key == "language" and value else value


def _attribute_names() -> dict[str, str]:
    return dict(AttributeKind.objects.values_list("key", "name"))


def _merge(request: HttpRequest, conversation_id: int) -> None:
    other = _seen(request, whole_number(request.POST.get("other")))
    people.merge(
        actor=staff(request),
        keep_id=_contact_of(request, conversation_id),
        other_id=other.pk,
        choices={
            name.removeprefix("choose:"): str(value)
            for name, value in request.POST.items()
            if name.startswith("choose:")
        },
    )


@requires("serve_citizens")
@require_POST
def split(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Makes one of the citizen's identities a citizen of its own."""

    def do() -> None:
        identity = Identity.objects.filter(
            pk=whole_number(request.POST.get("identity")),
            contact=_contact_of(request, conversation_id),
        ).first()
        if identity is None:
            raise Refused("changed", _("This citizen was changed a moment ago: look again."))
        people.split(actor=staff(request), identity_id=identity.pk)

    return acting.act(request, conversation_id, do, acting.whole_workspace)


@requires("serve_citizens")
@require_POST
def undo(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Takes the citizen's last merge or split back."""

    def do() -> None:
        contact = _contact_of(request, conversation_id)
        found = Rearrangement.objects.filter(pk=whole_number(request.POST.get("change"))).first()
        if found is None or contact not in (found.keep_id, found.other_id):
            raise Refused("changed", _("This citizen was changed a moment ago: look again."))
        people.undo(actor=staff(request), rearrangement_id=found.pk)

    return acting.act(request, conversation_id, do, acting.whole_workspace)


@requires("manage_routing")
@require_http_methods(["GET", "POST"])
def attributes(request: HttpRequest) -> HttpResponse:
    """What the agency notes of citizens: the list, and adding to it."""
    problem = ""
    if request.method == "POST":
        try:
            _change_attributes(request)
        except noting.Unfit as unfit:
            problem = str(unfit)
        else:
            return redirect("desk:attributes")
    context = {
        "kinds": AttributeKind.objects.order_by("pk"),
        "forms": AttributeKind.Kind.choices,
        "problem": problem,
        "given": request.POST,
    }
    return render(request, "desk/attributes.html", context, status=409 if problem else 200)


def _change_attributes(request: HttpRequest) -> None:
    given, actor = request.POST, staff(request)
    for name, is_shown in (("show", True), ("hide", False)):
        if name in given:
            noting.show_attribute(
                actor=actor, attribute_id=whole_number(given[name]), shown=is_shown
            )
            return
    noting.define_attribute(
        actor=actor,
        name=given.get("name", ""),
        kind=given.get("kind", ""),
        choices=given.get("choices", "").splitlines(),
    )


def _contact_of(request: HttpRequest, conversation_id: int) -> int:
    return acting.opened(Board(staff(request)), conversation_id).row.contact_id


def _seen(request: HttpRequest, contact_id: int) -> Contact:
    """A citizen this person may see, or 404."""
    found = Contact.objects.filter(pk=contact_id, merged_into=None).first()
    if found is None or not access.can_see(staff(request), "contact_id", contact_id):
        raise Http404("No such citizen")
    return found
