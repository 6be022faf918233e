"""What supervisors do on the floor to agents and to many conversations at once; all audited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.conversations import services
from resmi.desk.numbers import whole_number
from resmi.engine.lifecycle import Refused
from resmi.routing import services as routing
from resmi.routing.models import Presence

MOST = 200


class Moved(msgspec.Struct, frozen=True):
    """How many conversations were moved, and for how many which reason spoke against it."""

    moved: int
    refused: dict[str, int]


def move(*, actor: User, conversations: Iterable[int], to: str) -> Moved:
    """Moves each by itself to `queue:KEY` or `agent:ID`; one that may not move stops no other."""
    done: list[int] = []
    refused: Counter[str] = Counter()
    for number in sorted(set(conversations))[:MOST]:
        try:
            _move(actor, number, to)
        except Refused as refusal:
            refused[_(refusal.reason)] += 1
        else:
            done.append(number)
    if done:
        after = {"to": to, "conversations": done}
        agency.record_audit(actor=actor, action="conversations_moved", target=to, after=after)
    return Moved(len(done), dict(refused))


def _move(actor: User, conversation_id: int, to: str) -> None:
    kind, _colon, key = to.partition(":")
    if kind == "queue" and key:
        services.transfer_to_queue(actor=actor, conversation_id=conversation_id, queue=key)
    elif kind == "agent" and (agent := whole_number(key)):
        services.transfer_to_agent(actor=actor, conversation_id=conversation_id, agent_id=agent)
    else:
        raise Refused("no_target", _("Choose where the conversation goes."))


@transaction.atomic
def set_presence(*, actor: User, agent: User, status: str, reason: str = "") -> None:
    """Sets another's presence. Raises `ValueError` for an unknown status or break."""
    before = Presence.objects.filter(agent=agent).values("status", "reason").first()
    routing.set_presence(actor=actor, agent_id=agent.pk, status=status, reason=reason)
    agency.record_audit(
        actor=actor,
        action="presence_set",
        target=f"account:{agent.pk}",
        before=dict(before) if before else None,
        after={"status": status, "reason": reason},
    )


@transaction.atomic
def whisper(*, actor: User, conversation_id: int, body: str) -> None:
    """Writes a note that calls the agent who holds the conversation. Raises `Refused`."""
    conversation = services.lock(conversation_id).conversation
    if conversation.status != "assigned":
        raise Refused("nobody", _("No agent holds this conversation any more."))
    agent = int(conversation.agent)
    services.add_note(actor=actor, conversation_id=conversation_id, body=body, mentions=[agent])
