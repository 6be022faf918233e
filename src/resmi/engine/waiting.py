"""What happens to a citizen who waits, or is laid aside; found in `resmi.engine.events`. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec


class PositionTold(
    msgspec.Struct, frozen=True, tag="position_told", kw_only=True, omit_defaults=True
):
    """The citizen was told their place in the queue and the estimated wait in seconds.

    `choice`: they were offered not to wait live.
    """

    position: int
    wait_s: int
    choice: bool = False


class CallbackAsked(msgspec.Struct, frozen=True, tag="callback_asked", kw_only=True):
    """The citizen does not wait live: they left a `message`, or want a `call` back."""

    how: Literal["message", "call"]


class ServiceLevelWarned(msgspec.Struct, frozen=True, tag="service_level_warned", kw_only=True):
    """A promise of the queue is about to break at `due_at` (UTC)."""

    kind: str
    due_at: datetime


class ServiceLevelBreached(msgspec.Struct, frozen=True, tag="service_level_breached", kw_only=True):
    """A promise of the queue broke at `due_at` (UTC)."""

    kind: str
    due_at: datetime


class CallbackMade(
    msgspec.Struct, frozen=True, tag="callback_made", kw_only=True, omit_defaults=True
):
    """The agent called the citizen back; `reached` is whether somebody answered."""

    reached: bool
    note: str = ""


class PlaceAsked(msgspec.Struct, frozen=True, tag="place_asked", kw_only=True):
    """The citizen who waits asked how long it takes: their place is told again."""


class QueueMoved(msgspec.Struct, frozen=True, tag="queue_moved", kw_only=True):
    """Its queue was dissolved: it goes on in `queue`, and who waits keeps the time waited."""

    queue: str


class ConversationSnoozed(
    msgspec.Struct, frozen=True, tag="conversation_snoozed", kw_only=True, omit_defaults=True
):
    """Its agent laid it aside until `until` (UTC), or until the citizen writes when None."""

    until: datetime | None = None
    note: str = ""


class ConversationWoken(msgspec.Struct, frozen=True, tag="conversation_woken", kw_only=True):
    """It waits in `queue` again, first of all for the agent who laid it aside.

    `why`: the time came (`due`), the citizen wrote (`reply`) or staff took it up (`asked`).
    """

    queue: str
    why: Literal["due", "reply", "asked"]


def changes(payload: object, at: datetime, levels_told: tuple[str, ...]) -> dict[str, Any]:
    """What such an event changes in the conversation; {} for any other event."""
    match payload:
        case PositionTold(position=position, choice=choice):
            return {"position": position, "position_told_at": at, "choice": choice}
        case PlaceAsked():
            return {"position": 0}
        case CallbackAsked(how=how):
            return {"callback": how}
        case CallbackMade(reached=reached):
            return {"callback": ""} if reached else {}
        case QueueMoved(queue=queue):
            return {"queue": queue, "position": 0, "declined": ()}
        case ConversationSnoozed(until=until):
            return {
                "status": "snoozed",
                "snoozed_until": until,
                "agent": "",
                "agent_name": "",
                "assigned_at": None,
                "joined": (),
                "help_asked_at": None,
            }
        case ConversationWoken(queue=queue):
            return {
                "status": "waiting",
                "queue": queue,
                "waiting_since": at,
                "snoozed_until": None,
                "position": 0,
                "declined": (),
            }
        case ServiceLevelWarned(kind=kind):
            return {"levels_told": (*levels_told, f"{kind}:warned")}
        case ServiceLevelBreached(kind=kind):
            return {"levels_told": (*levels_told, f"{kind}:breached")}
        case _:
            return {}
