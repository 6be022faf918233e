"""The queues: what each promises, who serves it, and what happens when the wait is long."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from resmi.agency.access import requires, staff
from resmi.bot import naming
from resmi.conversations import queues as lines
from resmi.desk.settings import preview, saving
from resmi.desk.settings.forms import NewQueueForm, QueueForm
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused
from resmi.routing import queries
from resmi.routing.policy import QueueFacts

STORED = (
    *("name", "skills", "priority", "offer_s", "target_s", "next_target_s", "resolve_target_s"),
    *("overflow_to", "overflow_after_s", "wrap_up_s", "hold_s", "callback_after_s", "region"),
    "around_the_clock",
)


@requires("manage_routing")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All queues, with how many wait in each."""
    waiting = lines.waiting_in()
    found = queries.queues()
    called = naming.names(found.values())
    rows = [
        {
            "fact": fact,
            "name": called[key],
            "waiting": waiting.get(key, 0),
            "behind": called.get(fact.overflow_to),
        }
        for key, fact in found.items()
    ]
    return render(request, "desk/settings/queues.html", {"rows": rows})


@requires("manage_routing")
@require_http_methods(["GET", "POST"])
@saving.in_turn
def create(request: HttpRequest) -> HttpResponse:
    """A new queue."""
    form = NewQueueForm(request.POST or None)
    context = {"title": _("New queue"), "form": form}
    if request.method != "POST" or not form.is_valid():
        return _page(request, context)
    if saving.is_preview(request):
        return _page(request, {**context, "preview": preview.with_queue(_fact(form))})
    return _saved(request, form, form.cleaned_data["key"])


@requires("manage_routing")
@require_http_methods(["GET", "POST"])
@saving.in_turn
def change(request: HttpRequest, key: str) -> HttpResponse:
    """One queue: its settings, and what they would have done to the last day."""
    fact = _known(key)
    form = QueueForm(request.POST or None, initial=_initial(fact), key=key)
    others = naming.names(one for one in queries.queues().values() if one.key != key)
    context = {
        "title": naming.named(key, fact.name),
        "form": form,
        "fact": fact,
        "others": others,
        "waiting": lines.waiting_in().get(key, 0),
    }
    if request.method != "POST" or not form.is_valid():
        return _page(request, context)
    if saving.is_preview(request):
        return _page(request, {**context, "preview": preview.with_queue(_fact(form, key))})
    if saving.is_outdated(request, form):
        return _page(request, context)
    return _saved(request, form, key)


@requires("manage_routing")
@require_POST
@saving.in_turn
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Deletes a queue; those in it go where the form says."""
    _known(key)
    moved: list[int] = []

    def do() -> None:
        to = request.POST.get("move_to", "")
        moved.append(lines.remove(actor=staff(request), key=key, move_to=to))

    try:
        acting.once_only(request, do)
    except Refused as refused:
        messages.error(request, _(refused.reason))
        return redirect("desk:queue", key)
    messages.success(request, _("The queue is deleted."))
    return redirect("desk:routing")


def _known(key: str) -> QueueFacts:
    fact = queries.queues().get(key)
    if fact is None:
        raise Http404("No such queue")
    return fact


def _initial(fact: QueueFacts) -> dict[str, Any]:
    values = {name: getattr(fact, name) for name in STORED}
    name = naming.named(fact.key, fact.name)
    return {**values, "name": name, "skills": ", ".join(fact.skills), "closed": fact.closed}


def _fact(form: QueueForm, key: str = "") -> QueueFacts:
    values = {**form.cleaned_data}
    facts = {name: values[name] for name in (*STORED, "closed")}
    known, now = queries.queues().get(key), timezone.now()
    closings = known.closings if known else ()
    if values["closed"]:
        facts["closed_at"] = (known and known.closed_at) or now
    elif known and known.closed_at:
        closings = (*closings, (known.closed_at, now))
    return QueueFacts(key=key or values.pop("key"), closings=closings, **facts)


def _saved(request: HttpRequest, form: QueueForm, key: str) -> HttpResponse:
    values = {name: form.cleaned_data[name] for name in STORED}
    values["skills"] = list(values["skills"])
    known = queries.queues().get(key)
    if known and values["name"] == naming.named(key, known.name):
        values["name"] = known.name  # shown in the reader's language, not renamed
    if form.cleaned_data["closed"] != bool(known and known.closed):
        values["closed_at"] = timezone.now() if form.cleaned_data["closed"] else None

    def do() -> None:
        lines.change(actor=staff(request), key=key, settings=values)

    acting.once_only(request, do)
    messages.success(request, _("Saved. It counts from now on."))
    return redirect("desk:queue", key)


def _page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return saving.page(request, "desk/settings/queue.html", context)
