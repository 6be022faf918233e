"""Finding an entity, its page, and correcting it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from resmi.agency.access import requires, staff
from resmi.desk.numbers import whole_number
from resmi.desk.register import doing
from resmi.registry import browsing, correcting, freshness, services
from resmi.registry.models import CorrectionField, EntityStatus

PAGE = 25
LONGEST = 200


@requires("see_register")
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search box, what citizens would be told, and the entities found."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    status = request.GET.get("status", "")
    status = status if status in EntityStatus.values else ""
    register = whole_number(request.GET.get("list"))
    context = {
        "text": text,
        "status": status,
        "statuses": EntityStatus.choices,
        "register": register,
    }
    if text or status or register:
        found = browsing.search(text, status=status, register=register)
        page = Paginator(found, PAGE).get_page(request.GET.get("page"))
        context["page_obj"] = page
        context["cut"] = bool(text) and page.paginator.count >= browsing.MOST_FOUND
        context["verdicts"] = services.current_index().verify(text, whole=True) if text else ()
    else:
        context["standings"] = freshness.standings()
    return render(request, "desk/register/search.html", context)


@requires("see_register")
@require_safe
def entity(request: HttpRequest) -> HttpResponse:
    """Everything about one entity."""
    page = browsing.page(request.GET.get("id", "").replace("\0", ""))
    if page is None:
        raise Http404("No such entity")
    context = {"page": page, "one": page.entity, "fields": CorrectionField.choices}
    return render(request, "desk/register/entity.html", context)


@requires("manage_register")
@require_POST
def correct(request: HttpRequest) -> HttpResponse:
    """Adds a name or identifier, or hides one."""
    entity_id = request.POST.get("entity", "")
    kind, hides = request.POST.get("field", ""), request.POST.get("hides") == "1"
    value = request.POST.get("value", "").replace("\0", "")[:300]
    if kind not in CorrectionField.values:
        raise Http404("No such field")

    def do() -> None:
        correcting.correct(
            actor=staff(request),
            entity=entity_id,
            field=kind,
            value=value,
            reason=request.POST.get("reason", ""),
            hides=hides,
        )

    said = _("“%(value)s” no longer counts.") if hides else _("“%(value)s” counts from now on.")
    doing.done(request, do, said % {"value": value})
    return _back(entity_id)


@requires("manage_register")
@require_POST
def undo(request: HttpRequest, correction_id: int) -> HttpResponse:
    """Takes a correction back."""

    def do() -> None:
        correcting.undo_correction(actor=staff(request), correction_id=correction_id)

    doing.done(request, do, _("The correction is taken back."))
    return _back(request.POST.get("entity", ""))


def _back(entity_id: str) -> HttpResponse:
    return redirect(f"{reverse('desk:entity')}?{urlencode({'id': entity_id})}")
