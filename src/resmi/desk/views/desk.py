"""The desk page and the parts of it that are fetched again when something changes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import services as agency
from resmi.agency.access import requires, staff
from resmi.conversations import companions, queries
from resmi.desk.board import PAGE_OF_LINES, STATUSES, Board, earlier_than
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused
from resmi.routing import services as routing


@requires("read_conversations")
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The desk with no conversation open."""
    return render(request, "desk/desk.html", Board(staff(request)).page(None))


@requires("read_conversations")
@require_safe
def conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """The desk with a conversation open. That somebody read it is written down."""
    board = Board(staff(request))
    opened = acting.opened(board, conversation_id)
    agency.record_read(
        actor=board.user,
        action="conversation_read",
        target=f"conversation:{conversation_id}",
    )
    companions.read_mentions(actor=board.user, conversation_id=conversation_id)
    line = min(whole_number(request.GET.get("line")), opened.detail.seq)
    if acting.is_fragment(request):
        return render(request, "desk/_workspace.html", board.workspace(opened, line))
    return render(request, "desk/desk.html", board.page(opened, line))


@requires("read_conversations")
@require_safe
def lists(request: HttpRequest) -> HttpResponse:
    """The left column again."""
    return _lists(request)


@requires("serve_citizens")
@require_POST
def sort(request: HttpRequest) -> HttpResponse:
    """Sorts one's list by wait or by what is promised soonest."""
    try:
        companions.set_sort(actor=staff(request), sort=request.POST.get("sort", ""))
    except Refused:
        return HttpResponseBadRequest()
    return _lists(request) if acting.is_fragment(request) else redirect("desk:desk")


def _lists(request: HttpRequest) -> HttpResponse:
    board = Board(staff(request))
    values = request.POST if request.method == "POST" else request.GET
    current = whole_number(values.get("current"))
    context = {"lists": board.lists, "bar": board.bar, "current": current}
    return render(request, "desk/_lists.html", context)


@requires("read_conversations")
@require_safe
def bar(request: HttpRequest) -> HttpResponse:
    """The top bar again."""
    return bar_now(request)


@requires("serve_citizens")
@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """Makes the agent available, away or off duty."""
    status, _, reason = request.POST.get("status", "").partition(":")
    if status not in STATUSES:
        return HttpResponseBadRequest()
    me = staff(request)
    try:
        routing.set_presence(actor=me, agent_id=me.pk, status=status, reason=reason)
    except ValueError:  # the reason was taken out meanwhile: away all the same
        routing.set_presence(actor=me, agent_id=me.pk, status=status)
    return bar_now(request) if acting.is_fragment(request) else redirect("desk:desk")


@requires("serve_citizens")
@require_POST
def ready(request: HttpRequest) -> HttpResponse:
    """Ends the notes time after closing: the agent is ready for the next."""
    routing.end_wrap_ups(staff(request).pk)
    return bar_now(request) if acting.is_fragment(request) else redirect("desk:desk")


def bar_now(request: HttpRequest) -> HttpResponse:
    """The top bar as it stands."""
    context = {"bar": Board(staff(request)).bar, "statuses": STATUSES}
    return render(request, "desk/_bar.html", context)


@requires("read_conversations")
@require_safe
def thread(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Newer lines (`after`), or older ones (`before`), of the thread on screen."""
    before = whole_number(request.GET.get("before"))
    if not before:
        state = request.GET.get("composer", "")
        return acting.thread_update(request, conversation_id, composer_state=state)
    board = Board(staff(request))
    older = queries.thread(conversation_id, before=before, limit=PAGE_OF_LINES)
    context = {
        "conversation": acting.opened(board, conversation_id),
        "lines": board.drawn(older),
        "earlier": earlier_than(older),
    }
    return render(request, "desk/_thread_earlier.html", context)
