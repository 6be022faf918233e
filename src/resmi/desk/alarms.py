"""What a supervisor must notice now: each alarm is one count and a place to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from resmi.channels.models import Channel, Delivery, Inbound
from resmi.channels.replaying import WAITING_FOR_PEOPLE
from resmi.registry.models import Register

STALE_DAYS = 35
DELIVERIES_DAYS = 7
TROUBLED = ("failed", "unknown")


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One line of the strip. `tone` is a status suffix, `url` where to look, empty for nowhere."""

    key: str
    tone: str
    icon: str
    words: str
    detail: str = ""
    url: str = ""
    permission: str = "watch_floor"


def alarms() -> list[Alarm]:
    """All alarms now, gravest first; an empty list means that nothing is wrong."""
    return [*_channels(), *_inbound(), *_deliveries(), *_register()]


def troubled_deliveries() -> QuerySet[Delivery]:
    """Messages of the last week that failed or whose fate is not known."""
    since = timezone.now() - timedelta(days=DELIVERIES_DAYS)
    return Delivery.objects.filter(status__in=TROUBLED, purpose="message", updated_at__gte=since)


def _channels() -> list[Alarm]:
    paused = Channel.objects.filter(paused_at__isnull=False).order_by("id")
    return [
        Alarm(
            key=f"channel-{channel.pk}",
            tone="breach",
            icon="error",
            words=_("Sending on %(channel)s is stopped") % {"channel": channel.name},
            detail=channel.paused_reason,
        )
        for channel in paused
    ]


def _inbound() -> list[Alarm]:
    count = Inbound.objects.filter(status__in=WAITING_FOR_PEOPLE).count()
    if not count:
        return []
    words = ngettext(
        "%(count)d incoming item could not be handled",
        "%(count)d incoming items could not be handled",
        count,
    )
    return [
        Alarm(
            key="inbound",
            tone="breach",
            icon="inbox",
            words=words % {"count": count},
            detail=_("They are kept and can be replayed after a fix."),
            url=reverse("desk:inbound"),
            permission="operate_channels",
        )
    ]


def _deliveries() -> list[Alarm]:
    count = troubled_deliveries().count()
    if not count:
        return []
    words = ngettext(
        "%(count)d message did not surely arrive in the last 7 days",
        "%(count)d messages did not surely arrive in the last 7 days",
        count,
    )
    return [
        Alarm(
            key="deliveries",
            tone="waiting",
            icon="warning",
            words=words % {"count": count},
            url=reverse("desk:deliveries"),
        )
    ]


def _register() -> list[Alarm]:
    limit = timezone.localdate() - timedelta(days=STALE_DAYS)
    registers = Register.objects.annotate(newest=Max("releases__as_of")).order_by("id")
    return [
        _stale(register.source, register.newest)
        for register in registers
        if register.newest is None or register.newest < limit
    ]


def _stale(source: str, newest: date | None) -> Alarm:
    return Alarm(
        key=f"register-{source}",
        tone="window",
        icon="register",
        words=_("The list “%(source)s” is old") % {"source": source},
        detail=_("As of %(day)s: import a newer one.") % {"day": newest or "—"},
    )
