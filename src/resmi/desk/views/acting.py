"""How every act of the desk is answered: once, with the reason when refused, never losing text."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import trigger_client_event

from resmi.agency.access import staff
from resmi.conversations import queries, services
from resmi.desk import once, shown
from resmi.desk.board import Board, guide
from resmi.desk.numbers import whole_number
from resmi.engine.lifecycle import Refused

Answer = Callable[[HttpRequest, int], HttpResponse]
LINES_AFTER = 200


def act(
    request: HttpRequest, conversation_id: int, do: Callable[[], object], answer: Answer
) -> HttpResponse:
    """Does it unless this very form was done before, then shows how things stand now."""
    try:
        once_only(request, do, said=once.said_by(request))
    except Refused as refused:
        return refusal(request, conversation_id, refused)
    if not is_fragment(request):
        return redirect("desk:conversation", conversation_id)
    return answer(request, conversation_id)


def once_only(request: HttpRequest, do: Callable[[], object], *, said: str = "") -> None:
    """Runs `do` in one transaction with the form's token. Raises what `do` raises.

    With `said`, also `Refused` when the token was used to say something else.
    """
    with transaction.atomic():
        if once.claim(actor=staff(request), token=request.POST.get(once.FIELD, ""), said=said):
            do()


def refusal(request: HttpRequest, conversation_id: int, refused: Refused) -> HttpResponse:
    """409 with the reason; without JavaScript the whole page, what was typed still in it."""
    if is_fragment(request):
        response = render(request, "desk/_refused.html", {"refused": refused}, status=409)
        return trigger_client_event(response, "resmi:refused", {"code": refused.code})
    board = Board(staff(request))
    conversation = opened(board, conversation_id)
    context = board.page(conversation) | {"refused": refused}
    typed = request.POST.get("body")
    if typed is not None:
        note = request.POST.get("mode") == "note"
        context["composer"] = shown.composer(conversation, typed=typed, note=note)
    return render(request, "desk/desk.html", context, status=409)


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def opened(board: Board, conversation_id: int) -> shown.Open:
    """The conversation, or 404."""
    conversation = board.open(conversation_id)
    if conversation is None:
        raise Http404("No such conversation")
    return conversation


def locked(board: Board, conversation_id: int) -> shown.Open:
    """The conversation under its row lock: what it is now, it is until the act is done.

    Raises `Refused` when there is none, 404 when one may not see it.
    """
    services.lock(conversation_id)
    return opened(board, conversation_id)


def whole_workspace(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """The centre and right columns anew: the conversation changed hands."""
    board = Board(staff(request))
    context = board.workspace(opened(board, conversation_id))
    return render(request, "desk/_workspace.html", context)


def new_lines(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Lines after `after` with the header and an empty composer: something was written."""
    return thread_update(request, conversation_id, composer_state="")


def thread_update(
    request: HttpRequest, conversation_id: int, *, composer_state: str | None
) -> HttpResponse:
    """Lines after `after`; the composer only if it differs from `composer_state`, never for None.

    The newest message that can still be taken back is offered for it.
    """
    board = Board(staff(request))
    conversation = opened(board, conversation_id)
    values = request.POST if request.method == "POST" else request.GET
    after = whole_number(values.get("after"))
    composer = shown.composer(conversation)
    redrawn = composer_state is not None and composer.state != composer_state
    drawn = board.drawn(queries.thread(conversation_id, after=after, limit=LINES_AFTER))
    context = {
        "conversation": conversation,
        "lines": drawn,
        "undo": shown.undo(drawn),
        "composer": composer if redrawn else None,
        "guide": guide(conversation),
        "may_move": board.may_move,
    }
    return render(request, "desk/_thread_update.html", context)
