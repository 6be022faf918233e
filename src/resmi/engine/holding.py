"""Who has a conversation, as it is offered, taken, joined and passed on. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from resmi.engine import events

_LEFT: dict[str, Any] = {
    "agent": "",
    "agent_name": "",
    "offer_until": None,
    "assigned_at": None,
    "joined": (),
    "help_asked_at": None,
    "snoozed_until": None,
}


class Held(Protocol):
    """What of a conversation matters for who has it next."""

    @property
    def declined(self) -> tuple[str, ...]:
        """As in `Conversation`."""
        ...

    @property
    def joined(self) -> tuple[str, ...]:
        """As in `Conversation`."""
        ...

    @property
    def handed_over_at(self) -> datetime | None:
        """As in `Conversation`."""
        ...


def changes(payload: object, at: datetime, before: Held) -> dict[str, Any]:
    """What such an event changes in the conversation; {} for any other event."""
    match payload:
        case events.ConversationOffered(agent=agent, agent_name=name, until=until):
            return {"status": "offered", "agent": agent, "agent_name": name, "offer_until": until}
        case events.OfferEnded(agent=agent):
            left = {"agent": "", "agent_name": "", "offer_until": None}
            return {**left, "status": "waiting", "declined": (*before.declined, agent)}
        case events.ConversationAssigned(agent=agent, agent_name=name):
            return _assigned(agent, name, at, before)
        case events.ConversationTransferred(queue=queue):
            return _to_queue(queue, at) if queue else _to_the_bot()
        case events.AgentJoined(agent=agent):
            return {"joined": (*before.joined, agent)}
        case events.AgentLeft(agent=agent):
            return {"joined": tuple(one for one in before.joined if one != agent)}
        case _:
            return {}


def _assigned(agent: str, name: str, at: datetime, before: Held) -> dict[str, Any]:
    return {
        "status": "assigned",
        "agent": agent,
        "agent_name": name,
        "last_agent": agent,
        "offer_until": None,
        "assigned_at": at,
        "handed_over_at": before.handed_over_at or at,
        "snoozed_until": None,
        "help_asked_at": None,
        "joined": tuple(one for one in before.joined if one != agent),
    }


def _to_queue(queue: str, at: datetime) -> dict[str, Any]:
    return {
        **_LEFT,
        "status": "waiting",
        "queue": queue,
        "waiting_since": at,
        "position": 0,
        "declined": (),
    }


def _to_the_bot() -> dict[str, Any]:
    ended: dict[str, Any] = {"queue": "", "waiting_since": None, "dialogue": {}, "callback": ""}
    asked: dict[str, Any] = {"handed_over_at": None, "answered_at": None, "piled": ()}
    return {**_LEFT, **ended, **asked, "status": "bot"}
