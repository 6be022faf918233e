"""The supervisor's floor: queues, agents, alarms."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from resmi.agency.access import can, requires, staff
from resmi.conversations import queries
from resmi.desk import alarms, shown
from resmi.desk.board import WAITING_SHOWN, Board


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


def _snapshot(request: HttpRequest) -> dict[str, Any]:
    board = Board(staff(request))
    snapshot = queries.floor()
    return {
        "queues": [(queue, board.names.queue(queue.key)) for queue in snapshot.queues],
        "agents": [shown.Colleague(agent, board.names) for agent in snapshot.agents],
        "bot_talking": snapshot.bot_talking,
        "waiting": board.named(queries.waiting(limit=WAITING_SHOWN)),
        "alarms": [(alarm, can(board.user, alarm.permission)) for alarm in alarms.alarms()],
    }
