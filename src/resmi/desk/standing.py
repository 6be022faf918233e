"""How an agent stands: which break they are on, notes time that runs, whether their shift is on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from resmi.agency.models import User
from resmi.routing import queries
from resmi.routing.models import Presence, PresenceStatus, WrapUpTime
from resmi.routing.policy import Break


@dataclass(frozen=True)
class Reason:
    """A break an agent can choose, in their language."""

    key: str
    name: str


@dataclass(frozen=True)
class Pause:
    """Being away: why, since when, and after how many seconds it is too long (0: never)."""

    name: str
    since: datetime
    most_s: int


def reasons(language: str) -> tuple[Reason, ...]:
    """The breaks of the policy."""
    return tuple(Reason(one.key, _name(one, language)) for one in queries.in_force().policy.breaks)


def pause(presence: Presence | None, language: str) -> Pause | None:
    """The break an agent is on, if any."""
    if presence is None or presence.status != PresenceStatus.AWAY:
        return None
    known = {one.key: one for one in queries.in_force().policy.breaks}
    chosen = known.get(presence.reason)
    if chosen is None:
        return Pause("", presence.since, 0)
    return Pause(_name(chosen, language), presence.since, chosen.most_s)


def wrap_up_until(agent_id: int) -> datetime | None:
    """When the last notes time of an agent ends; None when none runs."""
    found = WrapUpTime.objects.filter(agent_id=agent_id, until__gt=timezone.now())
    return found.order_by("-until").values_list("until", flat=True).first()


def off_shift(user: User, presence: Presence | None) -> bool:
    """Whether an available agent gets nothing because no shift of theirs is on."""
    if presence is None or presence.status != PresenceStatus.AVAILABLE:
        return False
    shifts = list(queries.agent_settings(user.pk).shifts)
    return not queries.on_shift(timezone.now(), user.time_zone, shifts)


def _name(one: Break, language: str) -> str:
    return one.name.get(language) or next(iter(one.name.values()), one.key)
