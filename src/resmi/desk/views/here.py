"""Who looks at a conversation right now, told to the others who do."""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from resmi.agency import access, live
from resmi.agency.access import requires, staff
from resmi.agency.models import User
from resmi.conversations import services
from resmi.desk.numbers import whole_number
from resmi.engine.lifecycle import Refused
from resmi.routing import services as routing


@requires("read_conversations")
@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """The desk is open, and perhaps a conversation in it; keeps the agent on the floor."""
    user = staff(request)
    routing.seen(user.pk)
    conversation = whole_number(request.POST.get("conversation"))
    if conversation and access.can_see(user, "conversation_id", conversation):
        viewer = {
            "id": user.pk,
            "name": user.name or user.email,
            "writing": request.POST.get("writing") == "1",
            "left": request.POST.get("left") == "1",
        }
        live.announce(f"conversation:{conversation}", viewer=viewer)
        if viewer["writing"] and access.can(user, "serve_citizens"):
            _show_typing(user, conversation)
    return HttpResponse(status=204)


def _show_typing(user: User, conversation: int) -> None:
    """Tells the citizen too; who writes without holding it is seen by colleagues alone."""
    with suppress(Refused):
        services.mark_typing(actor=user, conversation_id=conversation)
