"""Moving who waits ahead on the floor, and back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from resmi.agency.access import requires, staff
from resmi.conversations import ahead
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused


@requires("move_conversations")
@require_POST
def move(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Moves a waiting conversation ahead, with the reason given."""
    return _done(
        request,
        lambda: ahead.move(
            actor=staff(request),
            conversation_id=conversation_id,
            points=acting.whole_number(request.POST.get("points")),
            reason=request.POST.get("reason", "").replace("\0", ""),
        ),
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


def _done(request: HttpRequest, do: Callable[[], None], said: str) -> HttpResponse:
    try:
        acting.once_only(request, do)
    except Refused as refused:
        messages.warning(request, refused.reason)
    else:
        messages.success(request, said)
    return redirect("desk:floor")
