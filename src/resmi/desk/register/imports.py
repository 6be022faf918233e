"""Bringing a file into the register: hand it over, name its columns, look, confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from resmi.agency.access import requires, staff
from resmi.desk.numbers import whole_number
from resmi.desk.register import doing
from resmi.desk.register.naming import FIELDS
from resmi.desk.views import acting
from resmi.registry import reading, tasks
from resmi.registry.errors import ImportRefused, NotNow, Problem
from resmi.registry.importing import comparing, confirming, formats, preview, staging
from resmi.registry.models import EntityStatus, Register, Staged, StagedState

PAGE = 25
SHOWN = 3


class ImportForm(forms.Form):
    """A file and what list it is."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, XLSX or JSON, also packed as .gz or .zip."),
    )
    source = forms.CharField(
        label=gettext_lazy("Name of the list"),
        max_length=200,
        help_text=gettext_lazy("Citizens see it beside every answer. A known name replaces it."),
        widget=forms.TextInput(attrs={"list": "known-lists", "autocomplete": "off"}),
    )
    authority = forms.CharField(label=gettext_lazy("Who keeps it"), max_length=200)
    as_of = forms.DateField(
        label=gettext_lazy("The list is of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@dataclass(frozen=True)
class Column:
    """A column of the file, what we take it for, and what stands in it."""

    at: int
    name: str
    field: str
    sample: tuple[str, ...]


@requires("manage_register")
def begin(request: HttpRequest) -> HttpResponse:
    """Takes a file."""
    known = Register.objects.filter(pk=whole_number(request.GET.get("list"))).first()
    initial: dict[str, Any] = {"as_of": timezone.localdate()}
    if known:
        initial |= {"source": known.source, "authority": known.authority}
    form = ImportForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        staged = _stage(request, form)
        if staged is not None:
            _go_on(staged)
            return redirect("desk:import", staged.pk)
    context = {"form": form, "registers": Register.objects.order_by("source")}
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/register/import_new.html", context, status=status)


def _stage(request: HttpRequest, form: ImportForm) -> Staged | None:
    file: Any = form.cleaned_data["file"]
    try:
        return staging.stage(
            actor=staff(request),
            file=file.file,
            filename=file.name or "list",
            source=form.cleaned_data["source"],
            authority=form.cleaned_data["authority"],
            as_of=form.cleaned_data["as_of"],
        )
    except ImportRefused as refused:
        for problem in refused.problems:
            form.add_error(problem.column if problem.column in form.fields else "file",
                           doing.in_words(problem))  # fmt: skip
        return None


def _go_on(staged: Staged) -> None:
    """Reads a small file at once, leaves a large one to a job."""
    if staged.state != StagedState.READING:
        return
    if staged.size <= staging.INLINE:
        comparing.read(staged.pk)
    else:
        tasks.read_import.defer(staged_id=staged.pk)


@requires("manage_register")
@require_safe
def staged(request: HttpRequest, staged_id: int) -> HttpResponse:
    """The import as it stands: columns, progress, comparison, or what came of it."""
    one = get_object_or_404(Staged.objects.select_related("release__register"), pk=staged_id)
    if acting.is_fragment(request):
        if one.state != StagedState.READING:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "desk/register/_progress.html", {"staged": one})
    return _page(request, one)


@requires("manage_register")
@require_POST
def columns(request: HttpRequest, staged_id: int) -> HttpResponse:
    """Takes what the columns mean and reads the file."""
    one = get_object_or_404(Staged, pk=staged_id)
    names = request.POST.getlist("column")
    mapping = dict(zip(names, request.POST.getlist("field"), strict=False))
    options = {name: request.POST.get(name, "").strip()[:40] for name in ("status", "prefix")}
    try:
        one = staging.name_columns(
            actor=staff(request), staged_id=staged_id, mapping=mapping, options=options
        )
    except ImportRefused as refused:
        one.mapping, one.options = {k: v for k, v in mapping.items() if v}, options
        return _page(request, one, refused.problems)
    except NotNow as refused:
        messages.error(request, _(str(refused)))
    else:
        _go_on(one)
    return redirect("desk:import", staged_id)


@requires("manage_register")
@require_POST
def confirm(request: HttpRequest, staged_id: int) -> HttpResponse:
    """Puts the import in force."""
    reason = request.POST.get("reason", "")
    try:
        acting.once_only(
            request,
            lambda: confirming.confirm(actor=staff(request), staged_id=staged_id, reason=reason),
        )
    except NotNow as refused:
        messages.error(request, _(str(refused)))
        if refused.why == "outdated":
            _go_on(staging.start_again(staged_id))
    else:
        messages.success(request, _("The list is in force."))
    return redirect("desk:import", staged_id)


@requires("manage_register")
@require_POST
def discard(request: HttpRequest, staged_id: int) -> HttpResponse:
    """Drops the import."""
    doing.done(
        request,
        lambda: staging.discard(actor=staff(request), staged_id=staged_id),
        _("The file is dropped; the register is as it was."),
    )
    return redirect("desk:lists_of_register")


def _page(request: HttpRequest, one: Staged, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    context: dict[str, Any] = {
        "staged": one,
        "problems": [(problem, doing.in_words(problem)) for problem in problems],
        "form_name": formats.FORMATS.get(one.format, one.format),
    }
    if one.state == StagedState.COLUMNS:
        context |= _columns(one)
    elif one.state == StagedState.READY:
        context |= _comparison(request.GET, one)
    if one.state in (StagedState.REFUSED, StagedState.READY):
        context["faults"] = _faults(one.problems)
        context["remarks"] = _faults(one.remarks)
    return render(request, "desk/register/import.html", context, status=422 if problems else 200)


def _faults(kept: list[Any]) -> list[tuple[Problem, str]]:
    problems = [Problem(*parts) for parts in kept]
    return [(problem, doing.in_words(problem)) for problem in problems]


def _columns(one: Staged) -> dict[str, Any]:
    with one.file.open("rb") as file:
        look = formats.look(file)
    found = [
        Column(
            at=at,
            name=name,
            field=one.mapping.get(name, ""),
            sample=tuple(dict.fromkeys(row[at] for row in look.sample if row[at]))[:SHOWN],
        )
        for at, name in enumerate(look.heading if one.format == "table" else ())
    ]
    return {
        "columns": found,
        "fields": [(field, FIELDS[field]) for field in (*reading.COLUMNS, *reading.OPTIONAL)],
        "statuses": EntityStatus.choices,
    }


def _comparison(asked: Mapping[str, str], one: Staged) -> dict[str, Any]:
    counts = {kind: getattr(one, kind) for kind in preview.CHANGES}
    first = next((kind for kind in ("vanished", "changed", "added") if counts[kind]), "added")
    change = asked.get("change", "")
    change = change if change in preview.CHANGES else first
    page = Paginator(preview.changes(one, change), PAGE).get_page(asked.get("page"))
    return {"change": change, "page_obj": page, "same": one.rows - one.added - one.changed}
