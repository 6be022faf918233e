"""Asking a service what a message says, in words or in the reader's language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from resmi.agency.access import requires, staff
from resmi.conversations import machine, tasks
from resmi.desk.board import Board
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused
from resmi.engine.machine import Reading

KINDS: dict[str, Reading] = {"translation": "translation", "transcript": "transcript"}


@requires("write_notes")
@require_POST
def ask(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Has it asked; the answer comes into the thread by itself."""
    board = Board(staff(request))
    acting.opened(board, conversation_id)
    kind = KINDS.get(request.POST.get("kind", ""))
    if kind is None:
        return HttpResponseBadRequest()
    seq = whole_number(request.POST.get("line"))
    language = (get_language() or "en") if kind == "translation" else ""
    try:
        machine.check_possible(conversation_id, seq, kind, language)
    except Refused as refused:
        return acting.refusal(request, conversation_id, refused)
    tasks.ask_machine_soon(
        asker=board.user.pk,
        conversation_id=conversation_id,
        seq=seq,
        kind=kind,
        language=language,
    )
    if acting.is_fragment(request):
        return render(request, "desk/_reading_asked.html")
    return redirect("desk:conversation", conversation_id)
