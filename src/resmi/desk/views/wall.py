"""The wall-board: the queues in large type for a screen nobody touches. Numbers only, no names."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from resmi.agency.access import can, public, requires, staff
from resmi.agency.models import User
from resmi.conversations import queries
from resmi.desk import figures
from resmi.desk.board import Board

SALT = "resmi.wall"
LASTS_S = 365 * 86_400


@requires("watch_floor")
@require_safe
@figures.by_agency_clock
def wall(request: HttpRequest) -> HttpResponse:
    """The board, with the link for a screen on which nobody is signed in."""
    user = staff(request)
    link = request.build_absolute_uri(reverse("desk:wall_link", args=[_token(user)]))
    context = _numbers(user, reverse("desk:wall_now")) | {"link": link}
    return render(request, "desk/wall.html", context)


@requires("watch_floor")
@require_safe
@figures.by_agency_clock
def now(request: HttpRequest) -> HttpResponse:
    """The numbers again."""
    return render(request, "desk/_wall.html", _numbers(staff(request), request.path))


@public("a signed link of somebody who may watch the floor; shows numbers, never a name")
@require_safe
@figures.by_agency_clock
def linked(request: HttpRequest, token: str) -> HttpResponse:
    """The board on a screen without an account; `?now` asks for the numbers only."""
    user = _owner(token)
    context = _numbers(user, f"{request.path}?now")
    part = "desk/_wall.html" if "now" in request.GET else "desk/wall.html"
    response = render(request, part, context)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _token(user: User) -> str:
    """Ends with the year, the account, its right to watch, or its password."""
    return signing.dumps([user.pk, user.get_session_auth_hash()[:16]], salt=SALT)


def _owner(token: str) -> User:
    try:
        account, proof = signing.loads(token, salt=SALT, max_age=LASTS_S)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404("No such board") from error
    user = User.objects.filter(pk=account).first()
    if user is None or not can(user, "watch_floor"):
        raise Http404("No such board")
    if user.get_session_auth_hash()[:16] != proof:
        raise Http404("No such board")
    return user


def _numbers(user: User, now_url: str) -> dict[str, Any]:
    """What the board shows; `now_url` is where it asks for it again."""
    board, floor = Board(user), queries.floor()
    return {
        "now_url": now_url,
        "queues": figures.rows(board, floor),
        "waiting": sum(queue.waiting for queue in floor.queues),
        "available": sum(agent.status == "available" for agent in floor.agents),
        "away": sum(agent.status == "away" for agent in floor.agents),
        "held": sum(len(agent.conversations) for agent in floor.agents),
        "bot_talking": floor.bot_talking,
        "hands": len(floor.hands),
        "at": figures.agency_time(),
    }
