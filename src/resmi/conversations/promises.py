"""Which promises of a queue a conversation runs against. Pure."""

from __future__ import annotations

from datetime import timedelta

from resmi.engine import pausing
from resmi.engine.conversation import Conversation
from resmi.routing import sla
from resmi.routing.policy import QueueFacts


def course(conversation: Conversation) -> sla.Course:
    """What the conversation went through, as service levels count it."""
    asked_at = conversation.handed_over_at
    return sla.Course(
        asked_at=asked_at and asked_at + timedelta(seconds=conversation.paused_s),
        answered_at=conversation.answered_at,
        unanswered_since=conversation.unanswered_since,
        closed_at=conversation.closed_at,
        paused=pausing.is_paused(conversation.status, conversation.callback),
    )


def targets(queue: QueueFacts) -> sla.Targets:
    """What the queue promises."""
    return sla.Targets(
        first_response_s=queue.target_s,
        next_response_s=queue.next_target_s,
        resolution_s=queue.resolve_target_s,
    )


def running(conversation: Conversation, queue: QueueFacts) -> tuple[sla.Clock, ...]:
    """The promises that run now, the soonest due first."""
    return sla.clocks(course(conversation), targets(queue))
