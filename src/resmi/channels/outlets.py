"""The ways out: one outlet per kind of channel."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from resmi.channels.outcomes import Job, Outcome
from resmi.channels.rules import Problem
from resmi.channels.whatsapp import errors as whatsapp_errors
from resmi.channels.whatsapp import outlet as whatsapp


class Outlet(Protocol):
    """Sends jobs on one kind of channel."""

    async def send(self, job: Job) -> Outcome:
        """Sends one job and says what became of it; never raises for what others do."""
        ...


OPENERS: dict[str, Callable[[int], AbstractAsyncContextManager[Outlet]]] = {
    "whatsapp": whatsapp.open_outlet,
}
"""Kind of channel to what opens its outlet, given how many connections it may hold."""

_EXPLAINERS: dict[str, Callable[[str, str], Problem]] = {
    "whatsapp": whatsapp_errors.classify,
}


def explain(kind: str, code: str, details: str) -> Problem:
    """What a failure reported by a channel of this kind means, in words."""
    explainer = _EXPLAINERS.get(kind)
    if explainer is not None:
        return explainer(code, details)
    return Problem(kind="change", key="refused", code=code, reason=details, next_step="")
