"""Bringing in staff by a file: hand it over, look at what would change, confirm, undo; export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import services as agency
from resmi.agency.access import requires, staff
from resmi.agency.models import Role, User
from resmi.conversations import departing
from resmi.routing import written
from resmi.routing.models import StaffImport
from resmi.routing.staffing import errors, exporting, queries, reading, rules, services, wording

SHOWN = 200
LATEST = 10
FIELDS = {
    "name": gettext_lazy("Name"),
    "role": gettext_lazy("Role"),
    "active": gettext_lazy("May sign in"),
    "pseudonym": gettext_lazy("Name shown to citizens"),
    "language": gettext_lazy("Language"),
    "time_zone": gettext_lazy("Time zone"),
    "queues": gettext_lazy("Queues"),
    "skills": gettext_lazy("Skills"),
    "capacity": gettext_lazy("Capacity"),
}
KINDS = {
    "created": (gettext_lazy("New"), "healthy"),
    "changed": (gettext_lazy("Changed"), "plain"),
    "switched_off": (gettext_lazy("Switched off"), "waiting"),
    "switched_on": (gettext_lazy("Switched on"), "healthy"),
}


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("CSV in UTF-8, at most 2 MB.")
    )


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One person of the preview. `held`: conversations that go back to their queues."""

    step: rules.Step
    word: Any
    tone: str
    changes: list[tuple[Any, str, str]]
    held: int = 0


@requires("manage_staff")
def begin(request: HttpRequest) -> HttpResponse:
    """Takes a file; shows how it is written, and the latest imports."""
    form = FileForm(request.POST or None, request.FILES or None)
    problems: tuple[rules.Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        file: Any = form.cleaned_data["file"]
        try:
            staged = services.hand_over(
                actor=staff(request),
                name=file.name or "",
                data=file.read(reading.MOST_BYTES + 1),
            )
        except errors.Wrong as wrong:
            problems = wrong.problems
        else:
            return redirect("desk:staff_file", staged.pk)
    for problem in problems:
        form.add_error("file", wording.said(problem))
    context = {
        "form": form,
        "columns": reading.COLUMNS,
        "latest": StaffImport.objects.exclude(applied_at=None)
        .select_related("by")
        .defer("text", "steps")
        .order_by("-applied_at")[:LATEST],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/staff/import_new.html", context, status=status)


@requires("manage_staff")
@require_safe
def one(request: HttpRequest, staged_id: int) -> HttpResponse:
    """What the file would change, everything wrong in it, or what became of it."""
    return _page(request, get_object_or_404(StaffImport, pk=staged_id))


def _page(request: HttpRequest, staged: StaffImport, refused: str = "") -> HttpResponse:
    context: dict[str, Any] = {"staged": staged, "refused": refused}
    if staged.applied_at is None:
        plan = services.plan_of(staged, actor=staff(request))
        context |= {
            "plan": plan,
            "seen": services.digest(plan),
            "problems": [(problem.line, wording.said(problem)) for problem in plan.problems],
            "people": _people(plan.steps[:SHOWN]),
            "more": max(0, len(plan.steps) - SHOWN),
            "counts": _counts(plan),
        }
    else:
        steps = services.steps_of(staged)
        context |= {"people": _people(steps[:SHOWN]), "more": max(0, len(steps) - SHOWN)}
    return render(request, "desk/staff/import.html", context, status=409 if refused else 200)


def _counts(plan: rules.Plan) -> list[tuple[Any, int]]:
    kinds = [step.kind for step in plan.steps]
    found = [(word, kinds.count(kind)) for kind, (word, _tone) in KINDS.items()]
    return [*((word, count) for word, count in found if count), (_("Unchanged"), plan.same)]


def _people(steps: tuple[rules.Step, ...]) -> list[Shown]:
    leaving = {
        step.account
        for step in steps
        if step.account and (not step.after.active or step.after.role not in departing.SERVING)
    }
    held = departing.held_by(leaving)
    return [
        Shown(
            step=step,
            word=KINDS[step.kind][0],
            tone=KINDS[step.kind][1],
            changes=[_change(change) for change in step.changes],
            held=held.get(step.account, 0),
        )
        for step in steps
    ]


def _change(change: rules.Change) -> tuple[Any, str, str]:
    before, after = (_cell(change.name, value) for value in (change.before, change.after))
    return FIELDS[change.name], before, after


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "active":
        return _("yes") if value else _("no")
    if name == "role":
        return str(Role(value).label) if value in Role.values else str(value)
    if name == "skills":
        return written.skills_text(value)
    return ", ".join(value) if name == "queues" else str(value)


@requires("manage_staff")
@require_POST
def confirm(request: HttpRequest, staged_id: int) -> HttpResponse:
    """Puts what was shown in force."""
    staged = get_object_or_404(StaffImport, pk=staged_id)
    try:
        plan = services.apply(
            actor=staff(request), staged_id=staged_id, seen=request.POST.get("seen", "")
        )
    except (errors.Wrong, errors.Changed):
        return _page(request, staged, _("Staff changed meanwhile: this is what it would do now."))
    except errors.Done:
        return redirect("desk:staff_file", staged_id)
    count = len(plan.steps)
    said = ngettext("%(count)s person changed.", "%(count)s people changed.", count)
    messages.success(request, said % {"count": count})
    return redirect("desk:staff_file", staged_id)


@requires("manage_staff")
@require_POST
def undo(request: HttpRequest, staged_id: int) -> HttpResponse:
    """Takes an import back."""
    staged = get_object_or_404(StaffImport, pk=staged_id)
    try:
        count = services.undo(actor=staff(request), staged_id=staged_id)
    except errors.Wrong as wrong:
        return _page(request, staged, " ".join(wording.said(one) for one in wrong.problems))
    except errors.Done:
        return redirect("desk:staff_file", staged_id)
    said = ngettext("Taken back for %(count)s person.", "Taken back for %(count)s people.", count)
    messages.success(request, said % {"count": count})
    return redirect("desk:staff_file", staged_id)


@requires("manage_staff")
@require_POST
def discard(request: HttpRequest, staged_id: int) -> HttpResponse:
    """Forgets a file that is not in force."""
    services.discard(actor=staff(request), staged_id=staged_id)
    return redirect("desk:staff_import")


@requires("manage_staff")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """All staff as a file that can be imported again; that it was carried away is written down."""
    agency.record_audit(
        actor=staff(request), action="staff_exported", after={"people": User.objects.count()}
    )
    text = exporting.comma_separated(queries.known())
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"staff-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
