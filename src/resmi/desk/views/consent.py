"""Consent on the citizen panel: asked for in the conversation, noted, taken back."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from resmi.agency.access import requires, staff
from resmi.contacts import consenting, noting
from resmi.conversations import services
from resmi.desk.board import Board
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine.content import Text
from resmi.engine.lifecycle import Refused


@requires("serve_citizens")
@require_POST
def ask(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Sends the agency's wording to the citizen and notes that they were asked with it."""
    actor, row = staff(request), acting.opened(Board(staff(request)), conversation_id).row

    def do() -> None:
        text = consenting.ask(
            actor=actor,
            contact_id=row.contact_id,
            conversation=conversation_id,
            language=row.language,
        )
        services.reply(
            actor=actor, conversation_id=conversation_id, content=Text(text), typed=False
        )

    return acting.act(request, conversation_id, _fitting(do), acting.whole_workspace)


@requires("serve_citizens")
@require_POST
def note(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Notes an answer, one given on another way (`how`), or that consent is taken back."""
    actor, row = staff(request), acting.opened(Board(staff(request)), conversation_id).row
    given = request.POST
    consent_id = whole_number(given.get("consent"))

    def do() -> None:
        if "withdraw" in given:
            consenting.withdraw(actor=actor, contact_id=row.contact_id, consent_id=consent_id)
        elif "how" in given:
            consenting.note(
                actor=actor,
                contact_id=row.contact_id,
                conversation=conversation_id,
                language=given.get("language", ""),
                version=whole_number(given.get("version")),
                how=given["how"],
                answer=given.get("answer", ""),
            )
        else:
            consenting.answer(
                actor=actor,
                contact_id=row.contact_id,
                consent_id=consent_id,
                answer=given.get("answer", ""),
            )

    return acting.act(request, conversation_id, _fitting(do), _again)


def _fitting(do: Callable[[], None]) -> Callable[[], None]:
    def doing() -> None:
        try:
            do()
        except noting.Unfit as unfit:
            raise Refused("unfit", str(unfit)) from unfit

    return doing


def _again(request: HttpRequest, conversation_id: int) -> HttpResponse:
    board = Board(staff(request))
    conversation = acting.opened(board, conversation_id)
    context = {"conversation": conversation, "panel": board.panel(conversation)}
    return render(request, "desk/_consent.html", context)
