"""Answering one message of the citizen: quoting it, or a reaction to it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from resmi.agency.access import requires, staff
from resmi.conversations import queries, services
from resmi.desk.board import EMOJI, Board
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine import events
from resmi.engine.content import Reaction
from resmi.engine.lifecycle import Refused


def quoted(conversation_id: int, seq: str | None) -> str:
    """The channel's id of the citizen's message `seq`, "" for none. Raises `Refused`."""
    if not seq:
        return ""
    for line in queries.thread_lines(conversation_id, [whole_number(seq)]):
        if isinstance(line.payload, events.MessageReceived) and line.payload.provider_id:
            return line.payload.provider_id
    raise Refused("no_quote", _("Only a message of the citizen can be answered: choose another."))


@requires("serve_citizens")
@require_POST
def react(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Puts an emoji on a message of the citizen; an empty one takes it back."""

    def do() -> None:
        emoji = request.POST.get("emoji", "")
        if emoji not in (*EMOJI, ""):
            raise Refused("no_emoji", _("Choose one of the reactions offered."))
        if not acting.opened(Board(staff(request)), conversation_id).detail.reactions:
            raise Refused("no_reactions", _("This channel carries no reactions: write instead."))
        target = quoted(conversation_id, request.POST.get("seq") or "0")
        services.reply(
            actor=staff(request),
            conversation_id=conversation_id,
            content=Reaction(target=target, emoji=emoji),
            typed=False,
        )

    return acting.act(request, conversation_id, do, _lines)


def _lines(request: HttpRequest, conversation_id: int) -> HttpResponse:
    return acting.thread_update(request, conversation_id, composer_state=None)
