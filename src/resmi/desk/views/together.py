"""Colleagues in one conversation: bringing one in, leaving, a raised hand."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from resmi.agency.access import requires, staff
from resmi.conversations import queries, team
from resmi.desk import shown
from resmi.desk.board import Board
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused


@requires("serve_citizens")
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Who could write here too; then brings them in."""
    if request.method == "POST":
        return acting.act(
            request, conversation_id, lambda: _invite(request, conversation_id), acting.new_lines
        )
    board = Board(staff(request))
    conversation = acting.opened(board, conversation_id)
    here = {conversation.row.agent_id, *conversation.row.joined}
    agents = [
        shown.Colleague(agent, board.names)
        for agent in queries.floor().agents
        if agent.user_id not in here
    ]
    agents.sort(key=lambda agent: (agent.status != "available", agent.name))
    context = {"conversation": conversation, "agents": agents}
    return render(request, "desk/_invite.html", context)


def _invite(request: HttpRequest, conversation_id: int) -> None:
    actor = staff(request)
    conversation = acting.locked(Board(actor), conversation_id)
    agent = whole_number(request.POST.get("agent"))
    if not conversation.may_write and agent != actor.pk:
        raise Refused("not_yours", _("Only who writes here can bring others in."))
    team.join(actor=actor, conversation_id=conversation_id, agent_id=agent)


@requires("serve_citizens")
@require_POST
def leave(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Leaves, or, for who holds the conversation, lets a colleague go again."""

    def do() -> None:
        actor = staff(request)
        agent = whole_number(request.POST.get("agent")) or actor.pk
        conversation = acting.locked(Board(actor), conversation_id)
        if agent != actor.pk and not conversation.mine:
            raise Refused("not_yours", _("Only who holds the conversation lets others go."))
        team.leave(actor=actor, conversation_id=conversation_id, agent_id=agent)

    return acting.act(request, conversation_id, do, acting.whole_workspace)


@requires("serve_citizens")
@require_http_methods(["GET", "POST"])
def hand(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Raises the hand for a supervisor, with a note if one has time to write it."""
    if request.method != "POST":
        conversation = acting.opened(Board(staff(request)), conversation_id)
        return render(request, "desk/_hand.html", {"conversation": conversation})
    note = request.POST.get("note", "").replace("\0", "").strip()
    return acting.act(
        request,
        conversation_id,
        lambda: team.ask_help(actor=staff(request), conversation_id=conversation_id, note=note),
        acting.new_lines,
    )


@requires("serve_citizens")
@require_POST
def lower(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Takes the raised hand down."""

    def do() -> None:
        actor = staff(request)
        board = Board(actor)
        if not (acting.locked(board, conversation_id).may_write or board.may_move):
            raise Refused("not_yours", _("Only who writes here, or a supervisor, can do that."))
        team.give_help(actor=actor, conversation_id=conversation_id)

    return acting.act(request, conversation_id, do, acting.new_lines)


@requires("serve_citizens")
@require_POST
def called(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Notes that the citizen was called back, or that nobody answered; the citizen is told."""
    reached = request.POST.get("reached") == "yes"
    return acting.act(
        request,
        conversation_id,
        lambda: team.called_back(
            actor=staff(request), conversation_id=conversation_id, reached=reached
        ),
        acting.whole_workspace,
    )
