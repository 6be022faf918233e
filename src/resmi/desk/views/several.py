"""Closing several conversations at once, with one wrap-up reason."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from resmi.agency import services as agency
from resmi.agency.access import can, requires, staff
from resmi.agency.models import User
from resmi.bot import services as bot
from resmi.conversations import queries, services, storing, visibility
from resmi.desk import guiding, shown
from resmi.desk.board import Board
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused

MOST = 100


@requires("serve_citizens")
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """Asks which and how they ended; then ends each for itself, and says which stayed open."""
    board = Board(staff(request))
    if request.method == "GET":
        rows = _closable(board)
        left = any(guiding.of_row(row.row, bot.current_pack(), "").left for row in rows)
        context = {"rows": rows, "reasons": board.names.reasons, "left": left}
        return render(request, "desk/_close_several.html", context)
    stayed: list[str] = []
    try:
        acting.once_only(request, lambda: stayed.extend(_close(request)))
    except Refused as refused:
        return render(request, "desk/_refused.html", {"refused": refused}, status=409)
    if not acting.is_fragment(request):
        return redirect("desk:desk")
    return _lists(request, stayed)


def _lists(request: HttpRequest, stayed: list[str]) -> HttpResponse:
    board = Board(staff(request))
    current = whole_number(request.POST.get("current"))
    context: dict[str, object] = {
        "lists": board.lists,
        "bar": board.bar,
        "current": current,
        "stayed": stayed,
    }
    return render(request, "desk/_closed_several.html", context)


def _closable(board: Board) -> list[shown.ListRow]:
    """One's own, and for who may move conversations also those that wait."""
    rows = [row for row in board.lists.mine if row.row.agent_id == board.user.pk]
    return rows + (board.lists.waiting if board.may_move else [])


def _close(request: HttpRequest) -> list[str]:
    chosen = [whole_number(one) for one in request.POST.getlist("conversation")[:MOST]]
    if not chosen:
        raise Refused("none", _("Choose at least one conversation."))
    actor = staff(request)
    seen = visibility.visible(visibility.sight(actor), chosen)
    storing.lock_by_id(seen)  # all in order, before anything else: who took one over has it
    rows = {row.id: row for row in queries.conversations(sorted(seen))}
    stayed = []
    for conversation_id in dict.fromkeys(chosen):
        try:
            _check_may(actor, rows.get(conversation_id))
            _close_one(request, conversation_id)
        except Refused as refused:
            if refused.code == "no_reason":
                raise
            stayed.append(f"#{conversation_id}: {_(refused.reason)}")
    return stayed


def _check_may(actor: User, row: queries.ConversationRow | None) -> None:
    if row is None:
        raise Refused("gone", _("This conversation does not exist."))
    if row.agent_id != actor.pk and not can(actor, "move_conversations"):
        raise Refused("not_yours", _("You do not hold this conversation: take it over first."))


@transaction.atomic
def _close_one(request: HttpRequest, conversation_id: int) -> None:
    actor, reason = staff(request), request.POST.get("reason", "")
    anyway = request.POST.get("anyway") == "yes"
    services.close(actor=actor, conversation_id=conversation_id, reason=reason, anyway=anyway)
    agency.record_audit(
        actor=actor,
        action="conversation_closed_with_others",
        target=f"conversation:{conversation_id}",
        after={"reason": reason},
    )
