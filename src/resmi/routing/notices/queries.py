"""Reads of notices: what stands on a desk, what was told, and who saw it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from django.db.models import Prefetch
from django.utils import timezone

from resmi.agency import rules as roles
from resmi.agency.models import User
from resmi.routing import queries
from resmi.routing.models import Notice, NoticeReading
from resmi.routing.notices import rules

SHOWN = 50


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A notice with who saw it, in that order, and who is at work and has not.

    `unseen` is empty once the notice is over: who comes later never sees it.
    """

    notice: Notice
    running: bool
    readings: tuple[NoticeReading, ...]
    unseen: tuple[str, ...] = ()

    @property
    def dismissed(self) -> int:
        """How many put it away."""
        return sum(one.dismissed_at is not None for one in self.readings)


def agents_of(queue: str) -> list[int]:
    """The accounts a notice for `queue` (empty: all) is meant for."""
    serving = [role for role in roles.ROLES if roles.can(role, "serve_citizens")]
    accounts = User.objects.filter(is_active=True, role__in=serving).values_list("pk", flat=True)
    if not queue:
        return list(accounts)
    settings = queries.settings_of(accounts)
    return [pk for pk, one in settings.items() if _serves(queue, one.queues, one.skills)]


def showing(user: User) -> list[Notice]:
    """What stands on this person's desk now, oldest first."""
    away = NoticeReading.objects.filter(agent=user, dismissed_at__isnull=False)
    running = list(
        Notice.objects.filter(until__gt=timezone.now(), ended_at=None)
        .exclude(pk__in=away.values("notice"))
        .select_related("by")
        .order_by("pk")
    )
    if not any(notice.queue for notice in running):
        return running
    own = queries.agent_settings(user.pk)
    return [one for one in running if _serves(one.queue, own.queues, own.skills)]


def told(limit: int = SHOWN) -> list[Told]:
    """The newest notices, newest first, with who saw them."""
    readings = NoticeReading.objects.select_related("agent").order_by("seen_at", "pk")
    notices = list(
        Notice.objects.select_related("by")
        .prefetch_related(Prefetch("readings", queryset=readings))
        .order_by("-pk")[:limit]
    )
    now = timezone.now()
    running = {one.pk for one in notices if one.ended_at is None and one.until > now}
    at_work = [one for one in queries.agents() if one.status != "offline"] if running else []
    return [_told(one, one.pk in running, at_work) for one in notices]


def _told(notice: Notice, running: bool, at_work: list[queries.AgentRow]) -> Told:
    readings = tuple(notice.readings.all())
    seen = {one.agent_id for one in readings}
    unseen = tuple(
        one.name
        for one in at_work
        if running and one.user_id not in seen and _serves(notice.queue, one.queues, one.skills)
    )
    return Told(notice=notice, running=running, readings=readings, unseen=unseen)


def _serves(key: str, queues: Collection[str], skills: Mapping[str, int]) -> bool:
    if not key:
        return True
    queue = queries.in_force().queues.get(key)
    needs = queue.skills if queue else ()
    return rules.is_meant(key, needs, queues=queues, skills=skills)
