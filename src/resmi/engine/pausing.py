"""The time for which no promise runs: laid aside, or waiting for a call. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class Pausable(Protocol):
    """What of a conversation says whether promises run."""

    @property
    def status(self) -> str:
        """As in `Conversation`."""
        ...

    @property
    def callback(self) -> str:
        """As in `Conversation`."""
        ...

    @property
    def paused_since(self) -> datetime | None:
        """When the pause that lasts began."""
        ...

    @property
    def paused_s(self) -> float:
        """How long those before lasted together."""
        ...

    @property
    def pauses(self) -> tuple[tuple[datetime, datetime], ...]:
        """Those before, each from its begin to its end."""
        ...


def is_paused(status: str, callback: str) -> bool:
    """Whether no promise runs."""
    return status == "snoozed" or bool(callback)


def unplaced_s(conversation: Pausable) -> float:
    """Seconds of pauses of which only the length is known: they were before spans were kept."""
    placed = sum(((end - begin).total_seconds() for begin, end in conversation.pauses), 0.0)
    return max(0.0, conversation.paused_s - placed)


def changes(before: Pausable, following: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What else changes when `following` does: a pause begins, or is over and kept."""
    was = is_paused(before.status, before.callback)
    status = following.get("status", before.status)
    is_now = is_paused(status, following.get("callback", before.callback))
    if was == is_now:
        return {}
    if is_now:
        return {"paused_since": at}
    began = min(before.paused_since or at, at)
    pauses = following.get("pauses", before.pauses)
    paused_s = following.get("paused_s", before.paused_s) + (at - began).total_seconds()
    return {"paused_since": None, "paused_s": paused_s, "pauses": (*pauses, (began, at))}
