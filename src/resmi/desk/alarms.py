"""What a supervisor must notice now: each alarm is one count and a place to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from resmi.channels import explaining
from resmi.channels.models import Channel, Delivery, Inbound
from resmi.channels.replaying import WAITING_FOR_PEOPLE
from resmi.desk import wording as desk
from resmi.operations import queries as operations
from resmi.operations import wording
from resmi.registry import freshness, lookups
from resmi.registry.freshness import Standing
from resmi.registry.models import FalseAnswer, Register, Staged
from resmi.registry.watches import queries as watches

DELIVERIES_DAYS = 7
# The floor reads these itself, so that they are there at once and gone at once.
SHOWN_LIVE = ("channel_paused", "inbound_parked", "register_stale", "list_unfetched")
ICONS = {"waiting_long": "clock", "disk_low": "warning", "channel_silent": "warning"}
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
    urgent = [*_watched("urgent"), *_channels(), *_inbound()]
    return [*urgent, *_deliveries(), *_news(), *_watched("notice"), *_register()]


def _watched(level: str) -> list[Alarm]:
    """What the watchman found, but for what is shown from the tables themselves."""
    found = operations.open_alarms().filter(level=level).exclude(kind__in=SHOWN_LIVE)
    return [
        Alarm(
            key=alarm.key,
            tone="breach" if level == "urgent" else "waiting",
            icon=ICONS.get(alarm.kind, "warning"),
            words=wording.title(alarm.kind, alarm.values),
            detail=wording.advice(alarm.kind, alarm.values),
        )
        for alarm in found
    ]


def troubled_deliveries() -> QuerySet[Delivery]:
    """Messages of the last week that failed or whose fate is not known."""
    since = timezone.now() - timedelta(days=DELIVERIES_DAYS)
    return Delivery.objects.filter(
        status__in=TROUBLED, purpose="message", dropped_at=None, updated_at__gte=since
    )


def _channels() -> list[Alarm]:
    paused = Channel.objects.filter(paused_at__isnull=False).order_by("id")
    return [
        Alarm(
            key=f"channel-{channel.pk}",
            tone="breach",
            icon="error",
            words=_("Sending on %(channel)s is stopped")
            % {"channel": desk.channel(channel.name, channel.kind)},
            detail=explaining.said(channel.paused_reason),
            url=reverse("desk:channels"),
            permission="operate_channels",
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


def _news() -> list[Alarm]:
    """News of the register that only a template could bring to those who watch."""
    count = watches.held_for_staff()
    if not count:
        return []
    words = ngettext(
        "%(count)d citizen was not told of a change in the register",
        "%(count)d citizens were not told of a change in the register",
        count,
    )
    return [
        Alarm(
            key="news",
            tone="waiting",
            icon="warning",
            words=words % {"count": count},
            detail=_("Name an approved template in the pack; they are told once it is there."),
        )
    ]


def _register() -> list[Alarm]:
    standings = freshness.standings()
    return [
        *(_stale(one) for one in standings if one.stale),
        *(_failing(one.register) for one in standings if one.register.trouble),
        *(_braked(staged) for staged in freshness.braked()),
        *_rising(),
        *_false_answers(),
    ]


def _stale(standing: Standing) -> Alarm:
    register = standing.register
    return Alarm(
        key=f"register-{register.source}",
        tone="window",
        icon="register",
        words=_("The list “%(source)s” is old") % {"source": register.source},
        detail=_("As of %(day)s: import a newer one.") % {"day": standing.seen or "—"},
        url=reverse("desk:list_of_register", args=[register.pk]),
        permission="manage_register",
    )


def _failing(register: Register) -> Alarm:
    return Alarm(
        key=f"feed-{register.pk}",
        tone="window",
        icon="register",
        words=_("The list “%(source)s” could not be fetched") % {"source": register.source},
        detail=register.trouble,
        url=reverse("desk:list_of_register", args=[register.pk]),
        permission="manage_register",
    )


def _braked(staged: Staged) -> Alarm:
    return Alarm(
        key=f"import-{staged.pk}",
        tone="waiting",
        icon="park",
        words=_("A new file for “%(source)s” waits for you") % {"source": staged.source},
        detail=_("%(vanished)s vanish, %(changed)s change: more than usual.")
        % {"vanished": staged.vanished, "changed": staged.changed},
        url=reverse("desk:import", args=[staged.pk]),
        permission="manage_register",
    )


def _rising() -> list[Alarm]:
    found = lookups.rising(timezone.localdate())
    if not found:
        return []
    first = found[0]
    words = ngettext(
        "%(count)d name without a licence is suddenly asked about",
        "%(count)d names without a licence are suddenly asked about",
        len(found),
    )
    detail = _("Most of all “%(name)s”: %(now)s people this week, %(then)s the week before.")
    return [
        Alarm(
            key="look-ups",
            tone="window",
            icon="search",
            words=words % {"count": len(found)},
            detail=detail % {"name": first.name, "now": first.now, "then": first.then},
            url=reverse("desk:lookups"),
            permission="manage_register",
        )
    ]


def _false_answers() -> list[Alarm]:
    count = FalseAnswer.objects.filter(outcome="").count()
    if not count:
        return []
    words = ngettext(
        "%(count)d answer is reported as false", "%(count)d answers are reported as false", count
    )
    return [
        Alarm(
            key="false-answers",
            tone="waiting",
            icon="flag",
            words=words % {"count": count},
            url=reverse("desk:false_answers"),
            permission="manage_register",
        )
    ]
