"""What holds for all queues: costs of channels, continuity, missed offers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from msgspec import structs

from resmi.agency.access import requires, staff
from resmi.desk.settings import preview, saving
from resmi.desk.settings.forms import WholeForm
from resmi.desk.views import acting
from resmi.routing import queries, services


@requires("manage_routing")
@require_http_methods(["GET", "POST"])
@saving.in_turn
def change(request: HttpRequest) -> HttpResponse:
    """The form, its preview, and saving it."""
    now = queries.policy()
    form = WholeForm(request.POST or None, initial=WholeForm.initial_of(now))
    context = {"title": _("For all queues"), "form": form}
    if request.method == "POST" and form.is_valid():
        wanted = structs.replace(now, **form.changes())
        if not (saving.is_preview(request) or saving.is_outdated(request, form)):

            def do() -> None:
                services.put_policy(actor=staff(request), data=wanted)

            acting.once_only(request, do)
            messages.success(request, _("Saved. It counts from now on."))
            return redirect("desk:routing_whole")
        if saving.is_preview(request):
            context["preview"] = preview.with_policy(wanted)
    return saving.page(request, "desk/settings/whole.html", context)
