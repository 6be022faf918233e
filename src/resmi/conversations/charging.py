"""What an agent is charged for a conversation: taken with the claim, given back at its end.

Everything runs in the caller's transaction, under the conversation's lock.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from resmi.agency.models import User
from resmi.conversations import models
from resmi.conversations.loaded import Loaded
from resmi.engine.conversation import Conversation
from resmi.engine.lifecycle import Refused
from resmi.routing import queries
from resmi.routing import services as routing
from resmi.routing.models import Handled


def claim(loaded: Loaded, agent: User, *, must_be_available: bool) -> None:
    """Charges the agent unless they are charged already (an offer does that).

    Raises `Refused` when they have no capacity left.
    """
    if loaded.conversation.agent == str(agent.pk):
        return
    holder = loaded.conversation.agent
    routing.hold([agent.pk, int(holder)] if holder else [agent.pk])
    cost = queries.in_force().policy.cost_of(loaded.kind)
    if not routing.claim(agent.pk, cost, must_be_available=must_be_available):
        raise Refused(
            "at_capacity",
            _("%(name)s has no free capacity: close or transfer a conversation first.")
            % {"name": agent.name},
        )
    models.Conversation.objects.filter(pk=loaded.conversation.id).update(charge=cost)


def give_back(loaded: Loaded, after: Conversation) -> None:
    """Ends the agent's charge: at once, or after the queue's wrap-up time if they closed it."""
    before, agent_id = loaded.conversation, int(loaded.conversation.agent)
    worked = before.status == "assigned" and after.status == "closed"
    if worked:
        _note_handled(loaded, after, agent_id)
    queue = queries.in_force().queues.get(after.queue)
    if worked and queue and queue.wrap_up_s and after.closed_at:
        until = after.closed_at + timedelta(seconds=queue.wrap_up_s)
        routing.wrap_up(agent_id=agent_id, conversation=after.id, cost=loaded.charge, until=until)
    else:
        routing.release(agent_id, loaded.charge)


def _note_handled(loaded: Loaded, after: Conversation, agent_id: int) -> None:
    taken_at, closed_at = loaded.conversation.assigned_at, after.closed_at
    if taken_at is None or closed_at is None:
        return
    asked_at = loaded.conversation.handed_over_at or taken_at
    routing.note_handled(
        Handled(
            queue=after.queue,
            agent_id=agent_id,
            conversation=after.id,
            contact=loaded.line.contact,
            kind=loaded.kind,
            wait_s=max(0, int((taken_at - asked_at).total_seconds())),
            handle_s=max(0, int((closed_at - taken_at).total_seconds())),
            at=closed_at,
        )
    )
