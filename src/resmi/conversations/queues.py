"""Queues with the people in them: how many wait, and what becomes of them when a queue goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from resmi.agency.models import User
from resmi.conversations import opening, services, stimuli, storing, turn, world
from resmi.conversations.models import Conversation
from resmi.conversations.storing import Outcome
from resmi.engine.lifecycle import Refused
from resmi.routing import queries
from resmi.routing import services as routing
from resmi.routing.models import Queue

WAITING = ("waiting", "offered")


def waiting_in() -> dict[str, int]:
    """How many wait in each queue, those just offered to an agent among them."""
    rows = Conversation.objects.filter(status__in=WAITING).values_list("queue")
    return dict(rows.annotate(Count("id")))


@transaction.atomic
def change(*, actor: User, key: str, settings: Mapping[str, Any]) -> None:
    """Creates or changes a queue; what it promises holds for who is in it already, too."""
    routing.put_queue(actor=actor, key=key, settings=settings)
    opening.look_again([key])


@transaction.atomic
def remove(*, actor: User, key: str, move_to: str = "") -> int:
    """Deletes a queue; how many people it moved to the queue `move_to`, where they keep their wait.

    Agents who serve no other queue serve that one then. Raises `Refused` while people wait in it,
    or agents serve only it, and no other queue is named, and for a queue the assistant hands over
    to.
    """
    routing.take_turn()
    involved = Queue.objects.select_for_update().filter(key__in=[key, move_to]).order_by("key")
    if key not in {queue.key for queue in involved}:
        raise Refused("no_queue", _("This queue no longer exists: choose another one."))
    now = world.current()
    if now.pack.queue(key) is not None:
        raise Refused(
            "in_pack",
            _("The assistant hands people over to this queue: close it, or name an overflow."),
        )
    moved = _move(actor, key, move_to)
    if queries.serving_only(key) and not _takes(key, move_to):
        raise Refused(
            "agents_serve",
            _("Some agents serve only this queue: say which queue takes its people and them."),
        )
    routing.delete_queue(actor=actor, key=key, move_to=move_to)
    return moved


def _takes(key: str, move_to: str) -> bool:
    return move_to != key and Queue.objects.filter(key=move_to).exists()


def _move(actor: User, key: str, move_to: str) -> int:
    ids = Conversation.objects.filter(~Q(status__in=("bot", "closed")), queue=key)
    loaded = storing.lock_by_id(ids.values_list("id", flat=True))
    inside = [one for one in loaded.values() if one.conversation.queue == key]
    if not inside:
        return 0
    if not _takes(key, move_to):
        raise Refused(
            "people_wait",
            _("People wait in this queue or talk to its agents: say which queue takes them."),
        )
    moment, now = datetime.now(UTC), world.current()
    stimulus = stimuli.MoveQueue(services.staff(actor), move_to)
    storing.save(
        [
            Outcome(
                loaded=one, turn=turn.take(one.conversation, (stimulus,), one.line, now, moment)
            )
            for one in inside
        ]
    )
    return len(inside)
