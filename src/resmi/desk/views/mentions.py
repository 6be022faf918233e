"""Colleagues to call in a note, and the notes that call oneself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from resmi.agency.access import requires, staff
from resmi.agency.models import User
from resmi.conversations import companions
from resmi.desk.views import acting

LISTED = 30
COLLEAGUES = 500


@requires("write_notes")
@require_safe
def colleagues(request: HttpRequest) -> HttpResponse:
    """Whom `@` can call; the browser filters them as one types."""
    people = User.objects.filter(is_active=True).exclude(pk=staff(request).pk).order_by("name")
    return render(request, "desk/_colleagues.html", {"colleagues": people[:COLLEAGUES]})


@requires("read_conversations")
@require_safe
def mentions(request: HttpRequest) -> HttpResponse:
    """The newest notes that call one, the unread ones marked."""
    context = {"mentions": companions.mentions_of(staff(request).pk, limit=LISTED)}
    fragment = acting.is_fragment(request)
    return render(request, "desk/_mentions.html" if fragment else "desk/mentions.html", context)
