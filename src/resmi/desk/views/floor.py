"""The supervisor's floor: queues, agents, alarms."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from resmi.agency.access import can, requires, staff
from resmi.agency.models import User
from resmi.conversations import queries, team
from resmi.desk import alarms, figures, moving, once, shown
from resmi.desk.board import WAITING_SHOWN, Board
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused
from resmi.routing import queries as routing
from resmi.routing.policy import Break


@requires("watch_floor")
@require_safe
def floor(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "desk/floor.html", _snapshot(request))


@requires("watch_floor")
@require_safe
def now(request: HttpRequest) -> HttpResponse:
    """The same again, for the page to morph into."""
    return render(request, "desk/_floor.html", _snapshot(request))


@requires("move_conversations")
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Moves the chosen conversations to one queue or agent; says which could not be moved."""
    actor = staff(request)
    numbers = map(whole_number, request.POST.getlist("conversation"))
    chosen = [number for number in numbers if number]
    if not chosen:
        messages.info(request, _("Choose at least one conversation first."))
    elif once.claim(actor=actor, token=request.POST.get(once.FIELD, "")):
        done = moving.move(actor=actor, conversations=chosen, to=request.POST.get("to", ""))
        _say(request, done)
    return redirect("desk:floor")


def _say(request: HttpRequest, done: moving.Moved) -> None:
    if done.moved:
        words = ngettext(
            "%(count)d conversation moved.", "%(count)d conversations moved.", done.moved
        )
        messages.success(request, words % {"count": done.moved})
    for reason, count in done.refused.items():
        words = ngettext(
            "%(count)d conversation stays where it is: %(reason)s",
            "%(count)d conversations stay where they are: %(reason)s",
            count,
        )
        messages.warning(request, words % {"count": count, "reason": reason})


@requires("move_conversations")
@require_POST
def presence(request: HttpRequest, agent_id: int) -> HttpResponse:
    """Makes an agent available, away (with the reason for a break) or off duty."""
    status, _colon, reason = request.POST.get("status", "").partition(":")
    agent = get_object_or_404(User, pk=agent_id, is_active=True)
    try:
        moving.set_presence(actor=staff(request), agent=agent, status=status, reason=reason)
    except ValueError:
        return HttpResponseBadRequest()
    return redirect("desk:floor")


@requires("move_conversations")
@require_POST
def whisper(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """A note for the agent who holds the conversation; the citizen never sees it."""
    body = request.POST.get("body", "").replace("\0", "").strip()
    try:
        acting.once_only(
            request,
            lambda: moving.whisper(
                actor=staff(request), conversation_id=conversation_id, body=body
            ),
        )
    except Refused as refused:
        messages.warning(request, _(refused.reason))
    else:
        messages.success(request, _("Whispered: the agent sees it as a note."))
    return redirect("desk:floor")


@requires("move_conversations")
@require_POST
def hand_down(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Takes a raised hand down: the agent was helped."""
    try:
        team.give_help(actor=staff(request), conversation_id=conversation_id)
    except Refused as refused:
        messages.warning(request, _(refused.reason))
    return redirect("desk:floor")


def _snapshot(request: HttpRequest) -> dict[str, Any]:
    board = Board(staff(request))
    snapshot = queries.floor()
    language = get_language() or "en"
    breaks = [(one.key, break_name(one, language)) for one in routing.in_force().policy.breaks]
    names = dict(breaks)
    rows = figures.rows(board, snapshot)
    return {
        "queues": rows,
        "holidays": figures.holidays(board, {queue.key: day for queue, _name, day in rows}),
        "agency_zone": figures.agency_time().tzinfo,
        "agents": [
            (shown.Colleague(agent, board.names), names.get(agent.reason, agent.reason))
            for agent in snapshot.agents
        ],
        "bot_talking": snapshot.bot_talking,
        "hands": [(shown.named([hand.row], board.names)[0], hand) for hand in snapshot.hands],
        "late": snapshot.late,
        "breaks": breaks,
        "waiting": board.in_line(queries.waiting(limit=WAITING_SHOWN)),
        "may_move": board.may_move,
        "alarms": [(alarm, can(board.user, alarm.permission)) for alarm in alarms.alarms()],
    }


def break_name(one: Break, language: str) -> str:
    """A break in the reader's language, else in English, else any."""
    return one.name.get(language) or one.name.get("en") or next(iter(one.name.values()), one.key)
