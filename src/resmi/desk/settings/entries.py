"""The lists of the policy: priority rules, breaks, regions. One kind of page serves the three."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import structs

from resmi.agency.access import requires, staff
from resmi.bot import naming
from resmi.desk.settings import preview, saving
from resmi.desk.settings.forms import BreakForm, EntryForm, PriorityForm, RegionForm
from resmi.desk.views import acting
from resmi.routing import errors, queries, services
from resmi.routing.policy import Policy


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One of the lists: its field in the policy, its form, its words."""

    field: str
    form: type[EntryForm]
    title: str | Promise
    new: str | Promise
    why: str | Promise
    icon: str
    plays: bool


KINDS = {
    "priorities": Kind(
        field="priorities",
        form=PriorityForm,
        title=gettext_lazy("Priorities"),
        new=gettext_lazy("New rule"),
        why=gettext_lazy(
            "Nobody goes ahead yet. A rule moves people ahead by words they write, "
            "what the assistant collected, or what is known of them."
        ),
        icon="flag",
        plays=True,
    ),
    "breaks": Kind(
        field="breaks",
        form=BreakForm,
        title=gettext_lazy("Breaks"),
        new=gettext_lazy("New reason"),
        why=gettext_lazy("Agents are simply away. Reasons let them say lunch, prayer or training."),
        icon="clock",
        plays=False,
    ),
    "regions": Kind(
        field="regions",
        form=RegionForm,
        title=gettext_lazy("Regions"),
        new=gettext_lazy("New region"),
        why=gettext_lazy(
            "All queues keep the agency’s hours. A region has its own time zone, "
            "hours and holidays."
        ),
        icon="globe",
        plays=False,
    ),
}


@requires("manage_routing")
@require_safe
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    """All entries of a list."""
    one = _kind(kind)
    context = {
        "kind": one,
        "tab": kind,
        "entries": [one.form.row_of(entry) for entry in getattr(queries.policy(), one.field)],
    }
    return render(request, "desk/settings/entries.html", context)


@requires("manage_routing")
@require_http_methods(["GET", "POST"])
@saving.in_turn
def create(request: HttpRequest, kind: str) -> HttpResponse:
    """A new entry."""
    one = _kind(kind)
    form = one.form(request.POST or None, new=True)
    return _answer(request, kind, form, {"title": one.new})


@requires("manage_routing")
@require_http_methods(["GET", "POST"])
@saving.in_turn
def change(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """One entry."""
    one = _kind(kind)
    entry = _entry(one, key)
    form = one.form(request.POST or None, initial=one.form.initial_of(entry))
    return _answer(request, kind, form, {"title": one.form.row_of(entry).name, "key": key})


@requires("manage_routing")
@require_POST
@saving.in_turn
def remove(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Takes an entry out; a region only when no queue keeps its hours."""
    one = _kind(kind)
    _entry(one, key)
    kept = (fact for fact in queries.queues().values() if fact.region == key)
    used = naming.names(kept).values()
    if kind == "regions" and used:
        messages.error(
            request, _("These queues keep its hours: %(queues)s") % {"queues": ", ".join(used)}
        )
        return redirect("desk:entry", kind, key)

    def do() -> None:
        policy = queries.policy()
        left = tuple(entry for entry in getattr(policy, one.field) if entry.key != key)
        services.put_policy(actor=staff(request), data=structs.replace(policy, **{one.field: left}))

    acting.once_only(request, do)
    messages.success(request, _("Taken out."))
    return redirect("desk:routing_entries", kind)


def _answer(
    request: HttpRequest, kind: str, form: EntryForm, context: dict[str, Any]
) -> HttpResponse:
    one, key = _kind(kind), str(context.get("key", ""))
    shown = {"kind": one, "tab": kind, "form": form, **context}
    if request.method == "POST" and form.is_valid():
        wanted = _with(one, queries.policy(), form.entry_of(key), key)
        if one.plays and saving.is_preview(request):
            shown["preview"] = preview.with_policy(wanted)
        elif not saving.is_outdated(request, form) and _saved(request, form, wanted):
            return redirect("desk:routing_entries", kind)
    return saving.page(request, "desk/settings/entry.html", shown)


def _saved(request: HttpRequest, form: EntryForm, wanted: Policy) -> bool:
    try:
        acting.once_only(request, lambda: services.put_policy(actor=staff(request), data=wanted))
    except errors.BadPolicy as bad:
        for problem in bad.problems:
            form.add_error(None, form.in_words(problem))
        return False
    messages.success(request, _("Saved. It counts from now on."))
    return True


def _with(one: Kind, policy: Policy, entry: Any, key: str) -> Policy:
    """The policy with the entry in its place, or at the end."""
    old = getattr(policy, one.field)
    new = tuple(entry if known.key == key else known for known in old) if key else (*old, entry)
    changed: Policy = structs.replace(policy, **{one.field: new})
    return changed


def _kind(kind: str) -> Kind:
    if kind not in KINDS:
        raise Http404("No such list")
    return KINDS[kind]


def _entry(one: Kind, key: str) -> Any:
    found = [entry for entry in getattr(queries.policy(), one.field) if entry.key == key]
    if not found:
        raise Http404("No such entry")
    return found[0]
