"""Bringing in staff by a file: handed over, looked at, put in force as a whole, undone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone

from resmi.agency import rules as roles
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.routing import services as routing
from resmi.routing.agents import AgentSettings
from resmi.routing.models import Presence, StaffImport
from resmi.routing.queries import agent_settings
from resmi.routing.staffing import queries, reading, rules
from resmi.routing.staffing.errors import Changed, Done, Wrong
from resmi.routing.staffing.rules import Person, Plan, Problem, Row, Step

KEPT_UNUSED = timedelta(days=1)
_ACCOUNT = {"active": "is_active", "pseudonym": "display_name"}


@transaction.atomic
def hand_over(*, actor: User | None, name: str, data: bytes) -> StaffImport:
    """Takes a file; nothing counts yet. Raises `Wrong` for what is no text, `roles.Forbidden`."""
    _check(actor)
    if len(data) > reading.MOST_BYTES:
        raise Wrong([Problem(code="too_big", value=str(reading.MOST_BYTES // 1_000_000))])
    try:
        text = reading.text_of(data)
    except ValueError as error:
        raise Wrong([Problem(code="not_text")]) from error
    StaffImport.objects.filter(applied_at=None, at__lt=timezone.now() - KEPT_UNUSED).delete()
    return StaffImport.objects.create(name=name[:200], text=text, by=actor)


def plan_of(staged: StaffImport, *, actor: User | None) -> Plan:
    """What the file would do now, or all that is wrong in it."""
    found = reading.read(staged.text, queries.facts())
    planned = rules.plan(found.rows, queries.known(), actor=actor.email.lower() if actor else "")
    problems = sorted((*found.problems, *planned.problems), key=lambda one: one.line)
    return msgspec.structs.replace(planned, problems=tuple(problems))


def steps_of(staged: StaffImport) -> tuple[Step, ...]:
    """What an import in force did."""
    return msgspec.convert(staged.steps, tuple[Step, ...])


def digest(plan: Plan) -> str:
    """Stands for exactly this plan; `apply` takes only what was looked at."""
    return hashlib.blake2b(msgspec.json.encode(plan), digest_size=16).hexdigest()


def apply(*, actor: User | None, staged_id: int, seen: str) -> Plan:
    """Puts the file in force, all or nothing; `seen` is the digest of the plan that was shown.

    Raises `Done`, `Wrong`, and `Changed` when it would by now do something else.
    """
    _check(actor)
    try:
        return _apply(actor, staged_id, seen)
    except IntegrityError as error:
        raise Changed from error


@transaction.atomic
def _apply(actor: User | None, staged_id: int, seen: str) -> Plan:
    staged = StaffImport.objects.select_for_update().get(pk=staged_id)
    if staged.applied_at is not None:
        raise Done
    _hold(plan_of(staged, actor=actor).steps)
    plan = plan_of(staged, actor=actor)
    if plan.problems:
        raise Wrong(plan.problems)
    if digest(plan) != seen:
        raise Changed
    for step in plan.steps:
        _do(actor, step)
    staged.applied_at = timezone.now()
    staged.steps = msgspec.to_builtins(plan.steps)
    staged.save(update_fields=["applied_at", "steps"])
    _record(actor, "staff_imported", staged, plan.steps)
    return plan


@transaction.atomic
def undo(*, actor: User | None, staged_id: int) -> int:
    """Takes an import back; who was changed again since keeps that. How many people changed.

    New accounts are switched off. Raises `Done` and `Wrong`.
    """
    _check(actor)
    staged = StaffImport.objects.select_for_update().get(pk=staged_id)
    if staged.applied_at is None or staged.undone_at is not None:
        raise Done
    done = steps_of(staged)
    _hold(done)
    known = queries.known()
    rows = [
        Row(line=step.line, email=step.email, given=msgspec.structs.asdict(back))
        for step in done
        if (now := known.get(step.email)) is not None
        for back in [rules.taken_back(step, now.person)]
    ]
    plan = rules.plan(rows, known, actor=actor.email.lower() if actor else "")
    if plan.problems:
        raise Wrong(plan.problems)
    for step in plan.steps:
        _do(actor, step)
    staged.undone_at = timezone.now()
    staged.save(update_fields=["undone_at"])
    _record(actor, "staff_import_undone", staged, plan.steps)
    return len(plan.steps)


@transaction.atomic
def discard(*, actor: User, staged_id: int) -> None:
    """Forgets a file that is not in force."""
    _check(actor)
    StaffImport.objects.filter(pk=staged_id, applied_at=None).delete()


def _check(actor: User | None) -> None:
    if actor is not None:
        roles.check_may(actor.role, rules.MANAGES)


def _hold(steps: Iterable[Step]) -> None:
    """Nobody else changes these accounts, nor their load, until the transaction ends."""
    routing.take_turn()
    ids = sorted(step.account for step in steps if step.account)
    list(User.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    list(Presence.objects.select_for_update().filter(agent_id__in=ids).order_by("pk"))


def _do(actor: User | None, step: Step) -> None:
    now = step.after
    values = {_ACCOUNT.get(name, name): getattr(now, name) for name in rules.ACCOUNT}
    if step.before is None:
        made = agency.create_account(actor=actor, email=step.email, password=None, **values)
        _set_work(actor, made.pk, now)
        return
    changed = {change.name for change in step.changes}
    if changed & set(rules.ACCOUNT):
        agency.adjust_account(actor=actor, account_id=step.account, values=values)
    if changed & set(rules.WORK):
        _set_work(actor, step.account, now)


def _set_work(actor: User | None, account: int, person: Person) -> None:
    data = AgentSettings(
        skills=person.skills,
        queues=person.queues,
        capacity=person.capacity,
        shifts=agent_settings(account).shifts,
    )
    routing.configure_agent(actor=actor, agent_id=account, data=data)


def _record(actor: User | None, action: str, staged: StaffImport, steps: tuple[Step, ...]) -> None:
    kinds = [step.kind for step in steps]
    agency.record_audit(
        actor=actor,
        action=action,
        target=f"staff_import:{staged.pk}",
        after={"file": staged.name, **{kind: kinds.count(kind) for kind in sorted(set(kinds))}},
    )
