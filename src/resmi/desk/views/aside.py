"""Laying a conversation aside for a while, and taking it up again."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from resmi.agency.access import requires, staff
from resmi.conversations import services, team
from resmi.desk import presets
from resmi.desk.board import Board
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused

NOTE_LENGTH = 500


@requires("serve_citizens")
@require_http_methods(["GET", "POST"])
def snooze(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Asks until when; then lays the conversation aside."""
    if request.method == "POST":
        return acting.act(
            request,
            conversation_id,
            lambda: team.snooze(
                actor=staff(request),
                conversation_id=conversation_id,
                until=_until(request),
                note=request.POST.get("note", "").replace("\0", "").strip()[:NOTE_LENGTH],
            ),
            acting.whole_workspace,
        )
    now, zone = timezone.now(), _zone(request)
    context = {
        "conversation": acting.opened(Board(staff(request)), conversation_id),
        "presets": presets.presets(now, zone),
        "proposed": presets.proposed(now, zone).astimezone(zone),
        "zone": zone.key.replace("_", " "),
    }
    return render(request, "desk/_snooze.html", context)


def _until(request: HttpRequest) -> datetime | None:
    try:
        return presets.chosen(
            request.POST.get("until", ""),
            request.POST.get("time", ""),
            timezone.now(),
            _zone(request),
        )
    except ValueError:
        raise Refused(
            "no_time", _("Choose a time that is still to come, at most three months from now.")
        ) from None


def _zone(request: HttpRequest) -> ZoneInfo:
    return ZoneInfo(staff(request).time_zone)


@requires("serve_citizens")
@require_POST
def resume(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Takes up what was laid aside; refused, and left aside, when one's hands are full."""

    def do() -> None:
        actor = staff(request)
        team.wake(actor=actor, conversation_id=conversation_id)
        services.take_over(actor=actor, conversation_id=conversation_id)

    return acting.act(request, conversation_id, do, acting.whole_workspace)
