"""The audit trail: searched, paged and carried away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from resmi.agency import access, exporting, queries, services, streaming, telling
from resmi.agency.models import AuditEntry

PAGE = 50


class Filter(forms.Form):
    """What the page is narrowed to; what can't be read narrows nothing."""

    q = forms.CharField(required=False, max_length=200, label=_("Find by person or target"))
    action = forms.CharField(required=False, max_length=60, label=_("What was done"))
    since = forms.DateField(
        required=False, label=_("From"), widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(required=False, label=_("To"), widget=forms.DateInput({"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)


def _filtered(request: HttpRequest) -> tuple[QuerySet[AuditEntry], dict[str, Any]]:
    form = Filter(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    rows = queries.audit(
        str(chosen.get("q") or ""),
        action=str(chosen.get("action") or ""),
        since=chosen.get("since"),
        until=chosen.get("until"),
    )
    return rows, chosen


@access.requires("see_audit")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Who did what and when, newest first."""
    rows, chosen = _filtered(request)
    if chosen.get("before"):
        rows = rows.filter(id__lt=chosen["before"])
    page = list(rows[: PAGE + 1])
    if chosen.get("q"):
        services.record_read(
            actor=access.staff(request), action="audit_searched", after={"q": chosen["q"]}
        )
    values = {
        "entries": telling.told(page[:PAGE]),
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "paged": bool(chosen.get("before")),
        "filter": chosen,
        "search": chosen.get("q") or "",
        "action": chosen.get("action") or "",
        "actions": queries.audit_actions(),
    }
    return render(request, "agency/audit.html", values)


@access.requires("see_audit")
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """What the page is narrowed to, as a file; that it was carried away is written down."""
    rows, chosen = _filtered(request)
    kind = "jsonl" if request.GET.get("format") == "jsonl" else "csv"
    told = {name: str(value) for name, value in chosen.items() if value and name != "before"}
    services.record_audit(
        actor=access.staff(request), action="audit_exported", after={"format": kind, **told}
    )
    lines = exporting.jsonl(rows) if kind == "jsonl" else exporting.comma_separated(rows)
    mime = "application/x-ndjson" if kind == "jsonl" else "text/csv; charset=utf-8"
    name = f"audit-{timezone.localdate():%Y-%m-%d}.{kind}"
    return streaming.attachment(request, lines, name=name, mime=mime)
