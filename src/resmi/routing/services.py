"""Writes of presence and load. The database decides: every claim is one conditional UPDATE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from resmi.agency import live
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.routing import errors, policy, queries
from resmi.routing.agents import AgentSettings
from resmi.routing.models import (
    AgentQueue,
    AgentSkill,
    Handled,
    Presence,
    PresenceStatus,
    Queue,
    RoutingPolicy,
    Shift,
    WrapUpTime,
)

UNSEEN_S = 90
CLOSINGS_KEPT = 200


@transaction.atomic
def set_presence(*, actor: User, agent_id: int, status: str, reason: str = "") -> None:
    """Makes an agent available, away or offline; unknown words raise `ValueError`.

    `reason` is the key of a break of the policy, kept while away.
    """
    chosen = PresenceStatus(status)
    known = {one.key for one in queries.in_force().policy.breaks}
    if chosen != PresenceStatus.AWAY:
        reason = ""
    elif reason and reason not in known:
        raise ValueError(f"There is no break {reason!r}.")
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
    presence.reason = reason
    presence.save()
    _note_spans([agent_id])
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
        hold(gone)
        still = Presence.objects.filter(agent_id__in=gone, seen_at__lt=limit)  # none came back
        gone = list(still.values_list("agent_id", flat=True))
        Presence.objects.filter(agent_id__in=gone).update(
            status=PresenceStatus.OFFLINE, since=timezone.now(), reason=""
        )
        _note_spans(gone)
        for agent_id in gone:
            _tell(agent_id)
    return len(gone)


def hold(agents: Iterable[int]) -> None:
    """Locks the loads of these agents until the transaction ends, in order of their ids.

    Whoever changes several loads in one transaction holds them first: two who did so in different
    orders would wait for each other.
    """
    if wanted := sorted(set(agents)):
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [wanted])


_HOLD = """
    SELECT 1 FROM routing_presence WHERE agent_id = ANY(%s) ORDER BY agent_id FOR NO KEY UPDATE
"""


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
    """Counts an offer that ran out; after some in a row (the policy says) the agent is away."""
    limit = queries.in_force().policy.away_after_missed
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
            [limit, limit, agent_id],
        )
    _note_spans([agent_id])
    _tell(agent_id)


def forgive_missed_offers(agent_id: int) -> None:
    """An accepted offer clears the count of missed ones."""
    Presence.objects.filter(agent_id=agent_id, missed_offers__gt=0).update(missed_offers=0)


def take_turn() -> None:
    """Waits until nobody else changes what is set here; until the transaction ends nobody does.

    Whoever compares what is set with what they saw takes their turn before reading it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('routing_settings'))")


def try_turn() -> bool:
    """The same without waiting; False while somebody changes what is set."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('routing_settings'))")
        return bool(cursor.fetchone()[0])


@transaction.atomic
def put_queue(*, actor: User | None, key: str, settings: Mapping[str, Any]) -> Queue:
    """Creates or changes a queue. `settings` holds fields of `Queue`; times in seconds.

    What a person (`actor`) changes is audited; the set-up of a pack is not anybody's act.
    """
    take_turn()
    before = Queue.objects.select_for_update().filter(key=key).first()
    shown = _facts(before, settings) if before else None
    kept = {**settings, **_reopened(before, settings)}
    queue, _ = Queue.objects.update_or_create(key=key, defaults=kept)
    after = _facts(queue, settings)
    if actor is not None and shown != after:
        _audit(actor, "queue_changed" if before else "queue_created", f"queue:{key}", shown, after)
    _changed()
    return queue


def _reopened(queue: Queue | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A closing that ends is kept: no promise ran in that time."""
    if queue is None or queue.closed_at is None or settings.get("closed_at", queue.closed_at):
        return {}
    span = [queue.closed_at.isoformat(), timezone.now().isoformat()]
    return {"closings": [*queue.closings, span][-CLOSINGS_KEPT:]}


@transaction.atomic
def delete_queue(*, actor: User, key: str, move_to: str = "") -> None:
    """Deletes a queue nobody waits in; `resmi.conversations.queues.remove` sees to that.

    Agents who serve no other serve `move_to` instead: without any queue they would serve them all.
    """
    queue = Queue.objects.select_for_update().get(key=key)
    for agent_id in queries.serving_only(key):
        _put_queues(agent_id, [move_to])
        before, after = {"queues": [key]}, {"queues": [move_to]}
        _audit(actor, "agent_settings_changed", f"user:{agent_id}", before, after)
    names = [field.name for field in Queue._meta.fields if field.name != "id"]
    _audit(actor, "queue_deleted", f"queue:{key}", _facts(queue, names), None)
    Queue.objects.filter(overflow_to=key).update(overflow_to="", overflow_after_s=0)
    queue.delete()
    _changed()


def keep_queue(key: str) -> bool:
    """Whether there is such a queue; until the transaction ends it is not deleted then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM routing_queue WHERE key = %s FOR KEY SHARE", [key])
        return cursor.fetchone() is not None


def _facts(queue: Queue, names: Iterable[str]) -> dict[str, Any]:
    found = {name: getattr(queue, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in found.items()
    }


def _audit(
    actor: User | None,
    action: str,
    target: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    agency.record_audit(actor=actor, action=action, target=target, before=before, after=after)


def _changed() -> None:
    """Settings changed: this process reads them anew at once, the others within a second."""
    transaction.on_commit(queries.forget)
    live.announce("queues")


@transaction.atomic
def put_policy(*, actor: User | None, data: policy.Policy) -> RoutingPolicy:
    """Puts a policy in force as a new version. Raises `errors.BadPolicy` with all its mistakes."""
    problems = policy.problems(data)
    if problems:
        raise errors.BadPolicy(problems)
    take_turn()
    before = queries.policy()
    stored = RoutingPolicy.objects.create(data=msgspec.to_builtins(data), by=actor)
    agency.record_audit(
        actor=actor,
        action="routing_policy_changed",
        target=f"routing_policy:{stored.pk}",
        before=msgspec.to_builtins(before),
        after=msgspec.to_builtins(data),
    )
    _changed()
    return stored


def set_shifts(
    *, actor: User | None, agent_id: int, shifts: Iterable[tuple[int, int, int]]
) -> None:
    """Replaces an agent's weekly shifts: (weekday from Monday 0, start, end in minutes)."""
    _change_agent(actor, agent_id, lambda: _put_shifts(agent_id, shifts))


def _put_shifts(agent_id: int, shifts: Iterable[tuple[int, int, int]]) -> None:
    Shift.objects.filter(agent_id=agent_id).delete()
    Shift.objects.bulk_create(
        Shift(agent_id=agent_id, weekday=day, starts=starts, ends=ends)
        for day, starts, ends in sorted(set(shifts))
    )


def set_queues(*, actor: User | None, agent_id: int, queues: Iterable[str]) -> None:
    """Replaces the queues an agent serves; none: all they have skills for."""
    _change_agent(actor, agent_id, lambda: _put_queues(agent_id, queues))


def _put_queues(agent_id: int, queues: Iterable[str]) -> None:
    AgentQueue.objects.filter(agent_id=agent_id).delete()
    AgentQueue.objects.bulk_create(
        AgentQueue(agent_id=agent_id, queue=queue)
        for queue in Queue.objects.filter(key__in=set(queues))
    )


@transaction.atomic
def _change_agent(actor: User | None, agent_id: int, change: Callable[[], None]) -> None:
    """Runs `change` and writes down what it changed of the agent's settings, before and after."""
    take_turn()
    # Not their key: whoever is charged meanwhile names the account, holding its load.
    User.objects.select_for_update(no_key=True).get(pk=agent_id)
    before = queries.agent_settings(agent_id)
    change()
    after = queries.agent_settings(agent_id)
    if before == after:
        return
    changed = [name for name in AgentSettings.__struct_fields__
               if getattr(before, name) != getattr(after, name)]  # fmt: skip
    told = [msgspec.to_builtins({name: getattr(one, name) for name in changed})
            for one in (before, after)]  # fmt: skip
    _audit(actor, "agent_settings_changed", f"user:{agent_id}", *told)
    _tell(agent_id)


def wrap_up(*, agent_id: int, conversation: int, cost: int, until: datetime) -> None:
    """Leaves the units of a closed conversation charged until `until`, for the agent's notes."""
    WrapUpTime.objects.create(agent_id=agent_id, conversation=conversation, cost=cost, until=until)


@transaction.atomic
def end_wrap_ups(agent_id: int | None = None) -> int:
    """Gives back what is over, or all that one agent still has; how many."""
    due = WrapUpTime.objects.select_for_update(skip_locked=True)
    due = due.filter(agent_id=agent_id) if agent_id else due.filter(until__lte=timezone.now())
    ended = list(due)
    hold(one.agent_id for one in ended)
    for one in ended:
        release(one.agent_id, one.cost)
        _tell(one.agent_id)
    WrapUpTime.objects.filter(pk__in=[one.pk for one in ended]).delete()
    return len(ended)


def note_handled(row: Handled) -> None:
    """Keeps how long an agent took, for estimates and for knowing each other again."""
    row.save(force_insert=True)


_SPANS = """
    WITH is_now AS (
        SELECT agent_id, status, reason, since FROM routing_presence WHERE agent_id = ANY(%s)),
    closed AS (
        UPDATE routing_presencespan s SET until = greatest(n.since, s.since) FROM is_now n
        WHERE s.agent_id = n.agent_id AND s.until IS NULL
          AND (s.status, s.reason) IS DISTINCT FROM (n.status, n.reason)
        RETURNING s.agent_id)
    INSERT INTO routing_presencespan (agent_id, status, reason, since)
    SELECT n.agent_id, n.status, n.reason, n.since FROM is_now n
    WHERE n.agent_id IN (SELECT agent_id FROM closed) OR NOT EXISTS (
        SELECT FROM routing_presencespan s WHERE s.agent_id = n.agent_id AND s.until IS NULL)
"""


def _note_spans(agents: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, [agents])


def set_skills(*, actor: User | None, agent_id: int, skills: Mapping[str, int]) -> None:
    """Replaces an agent's skills; `skills` maps a skill to its level (1 = basic)."""
    _change_agent(actor, agent_id, lambda: _put_skills(agent_id, skills))


def _put_skills(agent_id: int, skills: Mapping[str, int]) -> None:
    AgentSkill.objects.filter(agent_id=agent_id).exclude(skill__in=skills).delete()
    for skill, level in skills.items():
        AgentSkill.objects.update_or_create(
            agent_id=agent_id, skill=skill, defaults={"level": level}
        )


def configure_agent(*, actor: User | None, agent_id: int, data: AgentSettings) -> None:
    """Puts an agent's whole settings in force, audited as one change.

    Raises `errors.Overloaded` when they hold more than the new capacity allows.
    """
    _change_agent(actor, agent_id, lambda: _configure(agent_id, data))


def _configure(agent_id: int, data: AgentSettings) -> None:
    if queries.agent_settings(agent_id) == data:
        return
    now = timezone.now()
    presence, _ = Presence.objects.select_for_update().get_or_create(
        agent_id=agent_id, defaults={"since": now, "seen_at": now}
    )
    if presence.load > data.capacity:
        raise errors.Overloaded(load=presence.load)
    Presence.objects.filter(agent_id=agent_id).update(capacity=data.capacity)
    _put_skills(agent_id, data.skills)
    _put_queues(agent_id, data.queues)
    _put_shifts(agent_id, data.shifts)


def _tell(agent_id: int) -> None:
    live.announce(f"agent:{agent_id}")
    live.announce("queues")
