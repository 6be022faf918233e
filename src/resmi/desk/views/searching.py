"""Search in what was written: everywhere, and in the conversation that is open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from resmi.agency import queries as agency
from resmi.agency import services as trail
from resmi.agency.access import requires, staff
from resmi.channels.models import Channel
from resmi.contacts import queries as contacts
from resmi.conversations import queries
from resmi.conversations.queries import search as searching
from resmi.desk import found, wording
from resmi.desk.board import Board
from resmi.desk.views import acting

IN_ONE = 50


@requires("read_conversations")
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Messages and notes of all conversations one may see; what was asked is written down."""
    board = Board(staff(request))
    asked, before = found.asked(request.GET), found.before(request.GET)
    page = searching.search(asked.text, before=before, only=asked.filter(board.sight.whole))
    if asked.text and before is None:
        _record(request, "search:all", asked.record(), page)
    context = {
        "asked": asked,
        "results": _results(board, page),
        "more": page.more,
        "is_later_page": before is not None,
        **_choices(board),
    }
    return render(request, "desk/search.html", context)


@requires("read_conversations")
@require_safe
def find(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Lines of one thread that hold the words asked for, also those not on screen."""
    conversation = acting.opened(Board(staff(request)), conversation_id)
    asked, before = found.asked(request.GET), found.before(request.GET)
    page = searching.search_conversation(conversation_id, asked.text, before=before, limit=IN_ONE)
    if asked.text and before is None:
        _record(request, f"conversation:{conversation_id}", {"text": asked.text}, page)
    context = {"conversation": conversation, "asked": asked, "page": page}
    is_answer = "q" in request.GET
    return render(request, "desk/_found.html" if is_answer else "desk/_find.html", context)


def _record(request: HttpRequest, target: str, asked: dict[str, Any], page: searching.Page) -> None:
    told = {**asked, "found": len(page.hits), "has_more": page.more is not None}
    trail.record_audit(actor=staff(request), action="messages_searched", target=target, after=told)


def _results(board: Board, page: searching.Page) -> list[found.Result]:
    ids = {hit.conversation for hit in page.hits}
    rows = {row.id: row for row in board.named(queries.conversations(ids))}
    return [
        found.Result(hit=hit, row=rows[hit.conversation])
        for hit in page.hits
        if hit.conversation in rows
    ]


def _choices(board: Board) -> dict[str, Any]:
    return {
        "queues": board.names.queues,
        "agents": agency.staff(),
        "channels": Channel.objects.order_by("name", "id"),
        "statuses": wording.STATUS,
        "tags": contacts.tags(),
    }
