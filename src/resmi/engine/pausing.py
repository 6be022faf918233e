"""The time for which no promise runs: laid aside, or waiting for a call. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
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
    def unanswered_since(self) -> datetime | None:
        """As in `Conversation`."""
        ...


def is_paused(status: str, callback: str) -> bool:
    """Whether no promise runs."""
    return status == "snoozed" or bool(callback)


def changes(before: Pausable, following: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What else changes when `following` does: a pause begins, or is over and counted.

    The wait for an answer that was under way goes on as if there had been no pause.
    """
    was = is_paused(before.status, before.callback)
    status = following.get("status", before.status)
    is_now = is_paused(status, following.get("callback", before.callback))
    if was == is_now:
        return {}
    if is_now:
        return {"paused_since": at}
    began = before.paused_since or at
    paused = max(timedelta(0), at - began)
    over: dict[str, Any] = {
        "paused_since": None,
        "paused_s": before.paused_s + paused.total_seconds(),
    }
    waited = following.get("unanswered_since", before.unanswered_since)
    if waited is not None and waited <= began:
        over["unanswered_since"] = waited + paused
    return over
