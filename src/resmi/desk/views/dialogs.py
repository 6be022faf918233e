"""Dialogs that end an agent's work on a conversation: transfer and close."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from resmi.agency.access import can, requires, staff
from resmi.agency.models import User
from resmi.conversations import queries, services
from resmi.desk import shown
from resmi.desk.board import Board, guide
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused


@requires("serve_citizens")
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Where the conversation can go; then sends it there."""
    if request.method == "POST":
        return acting.act(
            request,
            conversation_id,
            lambda: _transfer(request, conversation_id),
            acting.whole_workspace,
        )
    board = Board(staff(request))
    conversation = acting.opened(board, conversation_id)
    floor = queries.floor()
    context = {
        "conversation": conversation,
        "queues": [
            (queue, board.names.queue(queue.key))
            for queue in floor.queues
            if _elsewhere(queue.key, conversation)
        ],
        "agents": [
            shown.Colleague(agent, board.names)
            for agent in floor.agents
            if agent.user_id not in (board.user.pk, conversation.row.agent_id)
        ],
    }
    return render(request, "desk/_transfer.html", context)


def _elsewhere(queue: str, conversation: shown.Open) -> bool:
    return conversation.row.status != "waiting" or conversation.row.queue != queue


def _transfer(request: HttpRequest, conversation_id: int) -> None:
    actor = staff(request)
    _check_may_move(actor, conversation_id)
    kind, _colon, key = request.POST.get("to", "").partition(":")
    note = request.POST.get("note", "").strip()
    if kind == "queue" and key:
        services.transfer_to_queue(
            actor=actor, conversation_id=conversation_id, queue=key, note=note
        )
    elif kind == "agent" and (agent := whole_number(key)):
        services.transfer_to_agent(
            actor=actor, conversation_id=conversation_id, agent_id=agent, note=note
        )
    elif kind == "bot":
        services.return_to_bot(actor=actor, conversation_id=conversation_id, note=note)
    else:
        raise Refused("no_target", _("Choose where the conversation goes."))


def _check_may_move(actor: User, conversation_id: int) -> None:
    """Under the row's lock: whoever took it over in this moment has it."""
    conversation = acting.locked(Board(actor), conversation_id)
    if not conversation.mine and not can(actor, "move_conversations"):
        raise Refused("not_yours", _("You do not hold this conversation: take it over first."))


@requires("serve_citizens")
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Asks how it ended; then ends it."""
    if request.method == "POST":
        return acting.act(
            request,
            conversation_id,
            lambda: _close(request, conversation_id),
            acting.whole_workspace,
        )
    board = Board(staff(request))
    conversation = acting.opened(board, conversation_id)
    context = {
        "conversation": conversation,
        "reasons": board.names.reasons,
        "left": guide(conversation).left,
    }
    return render(request, "desk/_close.html", context)


def _close(request: HttpRequest, conversation_id: int) -> None:
    actor = staff(request)
    _check_may_move(actor, conversation_id)
    services.close(
        actor=actor,
        conversation_id=conversation_id,
        reason=request.POST.get("reason", ""),
        comment=request.POST.get("comment", "").strip(),
        anyway=request.POST.get("anyway") == "yes",
    )
