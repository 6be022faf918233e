"""Moving who waits ahead of others by hand: with a reason, audited, and taken back at will."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.conversations import services, stimuli
from resmi.conversations.models import Event
from resmi.engine import events
from resmi.engine.lifecycle import Refused
from resmi.routing.rules import MAX_PRIORITY

CHANGED = events.type_name(events.PriorityChanged)
REASON_LENGTH = 300


class Ahead(msgspec.Struct, frozen=True):
    """How many points staff put somebody ahead, who did it last, and why."""

    points: int
    by: str
    reason: str


def of(conversations: Collection[int]) -> dict[int, Ahead]:
    """Those of `conversations` that staff moved ahead. One query; none for an empty list."""
    if not conversations:
        return {}
    log = Event.objects.filter(conversation_id__in=conversations, type=CHANGED)
    last: dict[int, int] = {}
    found: dict[int, Ahead] = {}
    for event in log.order_by("conversation_id", "seq"):
        number, points = event.conversation_id, int(event.data["points"])
        step, last[number] = points - last.get(number, 0), points
        if not event.data.get("why"):
            before = found[number].points if number in found else 0
            by = str(event.actor.get("name", ""))
            found[number] = Ahead(before + step, by, str(event.data.get("note", "")))
    return {number: one for number, one in found.items() if one.points}


@transaction.atomic
def move(*, actor: User, conversation_id: int, points: int, reason: str) -> None:
    """Counts as if they had waited longer, by `points` of two minutes each, for a `reason`."""
    reason = reason.strip()[:REASON_LENGTH]
    if not reason:
        raise Refused("no_reason", _("Say why: colleagues and the audit trail will ask."))
    if not 0 < points <= MAX_PRIORITY:
        raise Refused("no_points", _("Choose how far ahead."))
    _change(actor, conversation_id, points, reason)


@transaction.atomic
def take_back(*, actor: User, conversation_id: int) -> None:
    """Takes back all that staff moved it ahead; what rules say stays."""
    services.lock(conversation_id)
    moved = of([conversation_id]).get(conversation_id)
    if moved is None:
        raise Refused("not_ahead", _("Nobody moved this conversation ahead, or it was taken back."))
    _change(actor, conversation_id, -moved.points, "")


def _change(actor: User, conversation_id: int, points: int, reason: str) -> None:
    loaded = services.lock(conversation_id)
    before = loaded.conversation.raised
    after = max(-MAX_PRIORITY, min(MAX_PRIORITY, before + points))
    if loaded.conversation.status not in ("waiting", "offered"):
        raise Refused("not_waiting", _("It waits no longer: nobody needs to move ahead."))
    services.act(loaded, stimuli.Prioritise(services.staff(actor), after, reason))
    agency.record_audit(
        actor=actor,
        action="conversation_moved_ahead" if points > 0 else "conversation_moved_back",
        target=f"conversation:{conversation_id}",
        before={"points": before},
        after={"points": after, "reason": reason},
    )
