"""Writes of presence and load. The database decides: every claim is one conditional UPDATE."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from resmi.agency import live
from resmi.agency.models import User
from resmi.routing.models import AgentSkill, Presence, PresenceStatus, Queue

UNSEEN_S = 90
MISSED_OFFERS_BEFORE_AWAY = 2


@transaction.atomic
def set_presence(*, actor: User, agent_id: int, status: str) -> None:
    """Makes an agent available, away or offline; unknown words raise `ValueError`."""
    chosen = PresenceStatus(status)
    now = timezone.now()
    presence, created = Presence.objects.select_for_update().get_or_create(
        agent_id=agent_id, defaults={"status": chosen, "since": now, "seen_at": now}
    )
    if not created:
        if presence.status != chosen:
            presence.since = now
        presence.status = chosen
        presence.seen_at = now
        presence.missed_offers = 0
        presence.save()
    _tell(agent_id)


def seen(agent_id: int) -> None:
    """Notes that the agent's desk is open; agents unseen for 90 s go offline."""
    Presence.objects.filter(agent_id=agent_id).update(seen_at=timezone.now())


@transaction.atomic
def retire_unseen() -> int:
    """Takes agents whose desk closed off the floor; how many."""
    limit = timezone.now() - timedelta(seconds=UNSEEN_S)
    gone = list(
        Presence.objects.filter(seen_at__lt=limit)
        .exclude(status=PresenceStatus.OFFLINE)
        .values_list("agent_id", flat=True)
    )
    if gone:
        Presence.objects.filter(agent_id__in=gone).update(
            status=PresenceStatus.OFFLINE, since=timezone.now()
        )
        for agent_id in gone:
            _tell(agent_id)
    return len(gone)


def claim(agent_id: int, cost: int, *, must_be_available: bool) -> bool:
    """Charges `cost` units to the agent if they fit; False leaves everything as it was.

    Runs in the caller's transaction, so that a refused action gives the units back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE routing_presence SET load = load + %s
            WHERE agent_id = %s AND load + %s <= capacity
              AND (status = 'available' OR NOT %s)
            """,
            [cost, agent_id, cost, must_be_available],
        )
        return bool(cursor.rowcount == 1)


def release(agent_id: int, cost: int) -> None:
    """Gives `cost` units back; never below zero."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE routing_presence SET load = greatest(load - %s, 0) WHERE agent_id = %s",
            [cost, agent_id],
        )


def record_missed_offer(agent_id: int) -> None:
    """Counts an offer that ran out; after two in a row the agent is set away."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE routing_presence SET
                missed_offers = missed_offers + 1,
                since = CASE WHEN status = 'available' AND missed_offers + 1 >= %s
                             THEN now() ELSE since END,
                status = CASE WHEN status = 'available' AND missed_offers + 1 >= %s
                              THEN 'away' ELSE status END
            WHERE agent_id = %s
            """,
            [MISSED_OFFERS_BEFORE_AWAY, MISSED_OFFERS_BEFORE_AWAY, agent_id],
        )
    _tell(agent_id)


def forgive_missed_offers(agent_id: int) -> None:
    """An accepted offer clears the count of missed ones."""
    Presence.objects.filter(agent_id=agent_id, missed_offers__gt=0).update(missed_offers=0)


@transaction.atomic
def put_queue(*, actor: User | None, key: str, settings: Mapping[str, Any]) -> Queue:
    """Creates or changes a queue. `settings` holds fields of `Queue`; times in seconds."""
    queue, _ = Queue.objects.update_or_create(key=key, defaults=dict(settings))
    return queue


@transaction.atomic
def set_skills(*, actor: User | None, agent_id: int, skills: Mapping[str, int]) -> None:
    """Replaces an agent's skills; `skills` maps a skill to its level (1 = basic)."""
    AgentSkill.objects.filter(agent_id=agent_id).exclude(skill__in=skills).delete()
    for skill, level in skills.items():
        AgentSkill.objects.update_or_create(
            agent_id=agent_id, skill=skill, defaults={"level": level}
        )


def _tell(agent_id: int) -> None:
    live.announce(f"agent:{agent_id}")
    live.announce("queues")
