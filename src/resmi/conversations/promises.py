"""Which promises of a queue a conversation runs against. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from resmi.agency.open_time import ALWAYS, OpenTime
from resmi.engine import pausing
from resmi.engine.conversation import Conversation
from resmi.routing import sla
from resmi.routing.policy import QueueFacts


def course(conversation: Conversation) -> sla.Course:
    """What the conversation went through, as service levels count it."""
    asked_at = conversation.handed_over_at
    elsewhere_s = pausing.unplaced_s(conversation)
    return sla.Course(
        asked_at=asked_at and asked_at + timedelta(seconds=elsewhere_s),
        answered_at=conversation.answered_at,
        unanswered_since=conversation.unanswered_since,
        closed_at=conversation.closed_at,
        paused=pausing.is_paused(conversation.status, conversation.callback),
        pauses=conversation.pauses,
    )


def targets(queue: QueueFacts) -> sla.Targets:
    """What the queue promises."""
    return sla.Targets(
        first_response_s=queue.target_s,
        next_response_s=queue.next_target_s,
        resolution_s=queue.resolve_target_s,
    )


def running(
    conversation: Conversation, queue: QueueFacts, time: OpenTime = ALWAYS
) -> tuple[sla.Clock, ...]:
    """The promises that run now, the soonest due first; they count in `time`."""
    return sla.clocks(course(conversation), targets(queue), time)


def is_broken(
    course: sla.Course, told: Collection[str], queue: QueueFacts, time: OpenTime, now: datetime
) -> bool:
    """Whether a promise that was told to be broken (`kind:breached`) is so as hours are set now."""
    broken = {level.partition(":")[0] for level in told if level.endswith(":breached")}
    if not broken:
        return False
    standing: dict[str, str] = {
        clock.kind: sla.standing(clock, now) for clock in sla.clocks(course, targets(queue), time)
    }
    return any(standing.get(kind, "breached") == "breached" for kind in broken)


def limit_s(since: datetime | None, queue: QueueFacts, time: OpenTime) -> int:
    """After how many seconds a wait `since` then is beyond the first promise; 0: never."""
    return after_s(since, time.due(since, queue.target_s) if since and queue.target_s else None)


def after_s(since: datetime | None, due: datetime | None) -> int:
    """After how many whole seconds, at least one, a wait `since` then is `due`; 0: never."""
    return max(1, round((due - since).total_seconds())) if since and due else 0
