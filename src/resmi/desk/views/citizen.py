"""The right column: verifying a company, sending the answer, showing the phone number."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from resmi.agency import services as agency
from resmi.agency.access import requires, staff
from resmi.conversations import queries, services
from resmi.desk import lines
from resmi.desk.board import Board
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine import events
from resmi.engine.lifecycle import Refused
from resmi.registry.rules import Verdict


@dataclass(frozen=True)
class Answer:
    """A verdict in the verify box; `seq` is where the log keeps it."""

    seq: int
    query: str
    verdict: Verdict | None


@requires("serve_citizens")
@require_POST
def verify(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Looks a name up and notes it in the log; nothing is sent."""
    try:
        answers = _verify(request, conversation_id)
    except Refused as refused:
        return acting.refusal(request, conversation_id, refused)
    if not acting.is_fragment(request):
        return redirect("desk:conversation", conversation_id)
    conversation = acting.opened(Board(staff(request)), conversation_id)
    context = {"conversation": conversation, "verdicts": answers}
    return render(request, "desk/_verdicts.html", context)


@transaction.atomic
def _verify(request: HttpRequest, conversation_id: int) -> list[Answer]:
    found = services.verify(
        actor=staff(request),
        conversation_id=conversation_id,
        query=request.POST.get("query", "").replace("\0", "")[:200],
    )
    last = acting.opened(Board(staff(request)), conversation_id).detail.seq
    first = last - len(found) + 1
    return [Answer(first + at, verdict.query, verdict) for at, verdict in enumerate(found)]


@requires("serve_citizens")
@require_POST
def send_verdict(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Tells the citizen a verdict that the log holds, or about one of its candidates.

    The form only names its line and the candidate.
    """

    def do() -> None:
        verdict = _logged(conversation_id, whole_number(request.POST.get("seq")))
        entity = request.POST.get("entity", "")
        verdict = services.candidate(verdict, entity) if entity else services.as_now(verdict)
        services.send_verdict(
            actor=staff(request), conversation_id=conversation_id, verdict=verdict
        )

    return acting.act(request, conversation_id, do, acting.new_lines)


def _logged(conversation_id: int, seq: int) -> Verdict:
    for line in queries.thread_lines(conversation_id, [seq]):
        if isinstance(line.payload, events.VerdictGiven):
            verdict = lines.verdict_of(line.payload.verdict)
            if verdict is not None:
                return verdict
    raise Refused("gone", _("This answer is no longer there: verify the name again."))


@requires("reveal_phones")
@require_POST
def reveal(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Shows the phone number and writes down who looked."""
    conversation = acting.opened(Board(staff(request)), conversation_id)
    agency.record_audit(
        actor=staff(request), action="phone_revealed", target=f"conversation:{conversation_id}"
    )
    return render(request, "desk/_phone.html", {"conversation": conversation, "revealed": True})
