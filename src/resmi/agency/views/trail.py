"""The audit trail."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from resmi.agency import access, queries

PAGE = 50


@access.requires("see_audit")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Who did what and when, newest first, searchable."""
    search = request.GET.get("q", "").strip()
    action = request.GET.get("action", "")
    rows = queries.audit(search, action=action)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    values = {
        "page_obj": page,
        "search": search,
        "action": action,
        "actions": queries.audit_actions(),
    }
    return render(request, "agency/audit.html", values)
