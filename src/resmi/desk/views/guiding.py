"""The script beside a conversation: ticking its points, choosing another."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from resmi.agency.access import requires, staff
from resmi.conversations import guiding
from resmi.desk.views import acting


@requires("serve_citizens")
@require_POST
def tick(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Ticks the point named by `tick`, or takes the tick at `untick` back."""
    done = "tick" in request.POST
    return acting.act(
        request,
        conversation_id,
        lambda: guiding.tick(
            actor=staff(request),
            conversation_id=conversation_id,
            script=request.POST.get("script", ""),
            point=request.POST.get("tick" if done else "untick", ""),
            done=done,
        ),
        _lines,
    )


@requires("serve_citizens")
@require_POST
def script(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Lays out another script, or none."""
    return acting.act(
        request,
        conversation_id,
        lambda: guiding.choose_script(
            actor=staff(request),
            conversation_id=conversation_id,
            script=request.POST.get("script", ""),
        ),
        _lines,
    )


def _lines(request: HttpRequest, conversation_id: int) -> HttpResponse:
    return acting.thread_update(request, conversation_id, composer_state=None)
