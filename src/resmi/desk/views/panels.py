"""Small parts the composer asks for: canned replies and templates."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from resmi.agency.access import requires, staff
from resmi.channels.whatsapp.catalogue import Unavailable
from resmi.desk import approved, ready
from resmi.desk.board import Board
from resmi.desk.views import acting


@requires("serve_citizens")
@require_safe
def canned(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Canned replies in the conversation's language; the browser filters them as one types."""
    conversation = acting.opened(Board(staff(request)), conversation_id)
    values = ready.values(conversation, staff(request))
    found = ready.replies(conversation.row.language, values)
    return render(request, "desk/_canned.html", {"replies": found})


@requires("serve_citizens")
@require_safe
def templates(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """The approved templates to choose from."""
    try:
        context = {"templates": approved.for_conversation(conversation_id), "failed": False}
    except Unavailable:
        context = {"templates": [], "failed": True}
    return render(request, "desk/_templates.html", context)
