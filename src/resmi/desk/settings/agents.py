"""What each agent can do, serves and works."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from resmi.agency import rules
from resmi.agency.access import requires, staff
from resmi.agency.models import User
from resmi.bot import naming
from resmi.desk.settings import preview, saving
from resmi.desk.settings.forms import AgentForm
from resmi.desk.views import acting
from resmi.routing import errors, queries, services, written

PAGE = 50
SERVING = [role for role in rules.ROLES if rules.can(role, "serve_citizens")]


@requires("manage_routing")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Everybody who serves citizens, by name."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    people = User.objects.filter(is_active=True, role__in=SERVING).order_by("name", "id")
    if text:
        people = people.filter(Q(name__icontains=text) | Q(email__icontains=text))
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    found = queries.settings_of(person.pk for person in page.object_list)
    names = naming.names(queries.in_force().queues.values())
    rows = [
        {
            "person": person,
            "skills": written.skills_text(found[person.pk].skills),
            "queues": [names.get(key, key) for key in found[person.pk].queues],
            "capacity": found[person.pk].capacity,
            "shifts": len(found[person.pk].shifts),
        }
        for person in page.object_list
    ]
    context = {"page_obj": page, "rows": rows, "text": text}
    return render(request, "desk/settings/agents.html", context)


@requires("manage_routing")
@require_http_methods(["GET", "POST"])
@saving.in_turn
def change(request: HttpRequest, agent_id: int) -> HttpResponse:
    """One agent's skills, queues, capacity and weekly shifts."""
    person = get_object_or_404(User, pk=agent_id, is_active=True)
    now = queries.agent_settings(agent_id)
    form = AgentForm(request.POST or None, initial=AgentForm.initial_of(now))
    context = {"person": person, "title": person.name or person.email, "form": form}
    if request.method == "POST" and form.is_valid():
        if saving.is_preview(request):
            context["preview"] = preview.with_agent(agent_id, form.data_of())
        elif not saving.is_outdated(request, form) and _saved(request, form, agent_id):
            return redirect("desk:routing_agent", agent_id)
    return saving.page(request, "desk/settings/agent.html", context)


def _saved(request: HttpRequest, form: AgentForm, agent_id: int) -> bool:
    def do() -> None:
        services.configure_agent(actor=staff(request), agent_id=agent_id, data=form.data_of())

    try:
        acting.once_only(request, do)
    except errors.Overloaded as full:
        said = _("This agent holds %(load)s units now: choose at least that, or wait.")
        form.add_error("capacity", said % {"load": full.load})
        return False
    messages.success(request, _("Saved. It counts from now on."))
    return True
