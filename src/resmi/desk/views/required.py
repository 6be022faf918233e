"""Notices the agency has to give: sent by one key, and proved on a page to print."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import services as agency
from resmi.agency.access import requires, staff
from resmi.conversations import guiding, queries, team
from resmi.desk.board import Board
from resmi.desk.views import acting


@requires("serve_citizens")
@require_POST
def send(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Sends a notice; for a few seconds it can be taken back, for one key is soon pressed."""
    return acting.act(
        request,
        conversation_id,
        lambda: guiding.send_notice(
            actor=staff(request),
            conversation_id=conversation_id,
            notice=request.POST.get("notice", ""),
            hold_s=team.UNDO_S,
        ),
        acting.new_lines,
    )


@requires("read_conversations")
@require_safe
def proof(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """What was sent, by whom, and what the channel reported; that somebody read it is noted."""
    board = Board(staff(request))
    context = {
        "conversation": acting.opened(board, conversation_id),
        "proofs": [
            (one, board.names.guide(one.notice)) for one in queries.notice_proofs(conversation_id)
        ],
        "now": timezone.now(),
    }
    agency.record_read(
        actor=board.user, action="notices_read", target=f"conversation:{conversation_id}"
    )
    return render(request, "desk/proof.html", context)
