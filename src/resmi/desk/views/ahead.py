"""Moving who waits ahead of others, and back: on the floor and in the desk's list."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from resmi.agency.access import requires, staff
from resmi.conversations import ahead
from resmi.desk.board import Board
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused


@requires("move_conversations")
@require_POST
def move(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Moves a waiting conversation ahead, with the reason given."""
    return _done(
        request,
        lambda: _move(request, conversation_id),
        _("Moved ahead; the list shows by whom and why."),
    )


@requires("move_conversations")
@require_POST
def back(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Takes back what staff moved it ahead."""
    return _done(
        request,
        lambda: ahead.take_back(actor=staff(request), conversation_id=conversation_id),
        _("Taken back: it waits where it waited before."),
    )


@requires("move_conversations")
@require_http_methods(["GET", "POST"])
def on_desk(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Asks how far and why; then moves it ahead, or with `back` takes that back."""
    board = Board(staff(request))
    if request.method == "GET":
        moved = ahead.of([conversation_id]).get(conversation_id)
        conversation = acting.opened(board, conversation_id)
        return render(request, "desk/_ahead.html", {"conversation": conversation, "moved": moved})
    try:
        acting.once_only(request, lambda: _move(request, conversation_id))
    except Refused as refused:
        return acting.refusal(request, conversation_id, refused)
    if not acting.is_fragment(request):
        return redirect("desk:desk")
    current = whole_number(request.POST.get("current"))
    context = {"lists": board.lists, "bar": board.bar, "current": current}
    return render(request, "desk/_lists.html", context)


def _move(request: HttpRequest, conversation_id: int) -> None:
    if "back" in request.POST:
        ahead.take_back(actor=staff(request), conversation_id=conversation_id)
        return
    ahead.move(
        actor=staff(request),
        conversation_id=conversation_id,
        points=whole_number(request.POST.get("points")),
        reason=request.POST.get("reason", "").replace("\0", ""),
    )


def _done(request: HttpRequest, do: Callable[[], None], said: str) -> HttpResponse:
    try:
        acting.once_only(request, do)
    except Refused as refused:
        messages.warning(request, refused.reason)
    else:
        messages.success(request, said)
    return redirect("desk:floor")
