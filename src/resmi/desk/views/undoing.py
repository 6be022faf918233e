"""Taking a message back in the seconds before it leaves, and whether there are such seconds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from resmi.agency.access import requires, staff
from resmi.conversations import companions, queries, services, team
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting, desk
from resmi.engine import content, events


@requires("serve_citizens")
@require_POST
def undo(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Takes a message back; its text is in the composer again."""
    seq = whole_number(request.POST.get("seq"))
    taken = ""

    def do() -> None:
        nonlocal taken
        team.withdraw(actor=staff(request), conversation_id=conversation_id, seq=seq)
        taken = _text_of(conversation_id, seq)
        _into_draft(request, conversation_id, taken)

    def answer(request: HttpRequest, conversation_id: int) -> HttpResponse:
        response = acting.thread_update(request, conversation_id, composer_state=None)
        said = {"conversation": str(conversation_id), "body": taken}
        return trigger_client_event(response, "resmi:undone", said, after="swap")

    return acting.act(request, conversation_id, do, answer)


def _text_of(conversation_id: int, seq: int) -> str:
    for line in queries.thread_lines(conversation_id, [seq]):
        match line.payload:
            case events.MessageCreated(content=content.Text(body=body)):
                return body
            case events.MessageCreated(content=content.Media(caption=caption)):
                return caption
    return ""


def _into_draft(request: HttpRequest, conversation_id: int, text: str) -> None:
    found = queries.conversation(conversation_id, staff(request).pk)
    typed = found.draft if found and not found.draft_is_note else ""
    both = "\n".join(part for part in (text, typed) if part)
    if both:
        services.save_draft(actor=staff(request), conversation_id=conversation_id, body=both)


@requires("serve_citizens")
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Whether one's replies wait a few seconds before they leave."""
    companions.set_undo(actor=staff(request), on=request.POST.get("undo_send") == "on")
    return desk.bar_now(request) if acting.is_fragment(request) else redirect("desk:desk")
