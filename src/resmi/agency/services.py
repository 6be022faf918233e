"""Writes of the agency room: accounts, preferences, the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.db import connection, transaction

from resmi.agency import errors, policy, queries, rules, sealing
from resmi.agency.models import AgencyPolicy, AuditEntry, User

ADJUSTABLE = ("name", "role", "is_active", "display_name", "language", "time_zone")
"""Fields of an account that who manages staff may set."""


def record_audit(
    *,
    actor: User | None,
    action: str,
    target: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Writes down what `actor` did (None: the system itself).

    `action` is a past-tense word like `role_changed`, `target` names the thing as `kind:id`. Runs
    in the caller's transaction, so that there is no act without its entry nor the other way round.
    """
    sealing.seal_after_commit()
    return AuditEntry.objects.create(
        actor=actor, action=action, target=target, before=before, after=after
    )


_READ = """
    INSERT INTO agency_auditentry (at, actor_id, action, target, after)
    SELECT clock_timestamp(), %(actor)s, %(action)s, %(target)s, %(after)s::jsonb
    WHERE NOT EXISTS (
        SELECT FROM agency_auditentry
        WHERE target = %(target)s AND actor_id = %(actor)s AND action = %(action)s
          AND after IS NOT DISTINCT FROM %(after)s::jsonb
          AND at > clock_timestamp() - interval '1 minute')
"""


def record_read(
    *, actor: User, action: str, target: str = "", after: dict[str, Any] | None = None
) -> None:
    """Writes down that `actor` looked at something: at most once a minute, in one statement."""
    values: dict[str, str | int | None] = {
        "actor": actor.pk,
        "action": action,
        "target": target,
        "after": None if after is None else msgspec.json.encode(after).decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, values)
        written = cursor.rowcount
    if written:
        sealing.seal_after_commit()


@transaction.atomic
def create_account(
    *, actor: User | None, email: str, name: str, role: str, password: str | None, **more: Any
) -> User:
    """A new member of staff; without a password they sign in by single sign-on.

    `more` holds other fields of `ADJUSTABLE`. Raises `rules.Forbidden`; the form has checked the
    values.
    """
    _check_manager(actor)
    user = User.objects.create_user(email=email, name=name, role=role, password=password, **more)
    record_audit(
        actor=actor,
        action="account_created",
        target=_target(user),
        after={"email": user.email, "name": name, "role": role, **_told(more)},
    )
    return user


def change_account(*, actor: User, account_id: int, name: str, role: str, active: bool) -> User:
    """Changes name, role or activity. Django no longer knows the session of an inactive account.

    Raises `errors.OwnAccount` when it would lock the actor out, `rules.Forbidden`.
    """
    values = {"name": name, "role": role, "is_active": active}
    return adjust_account(actor=actor, account_id=account_id, values=values)


@transaction.atomic
def adjust_account(*, actor: User | None, account_id: int, values: Mapping[str, Any]) -> User:
    """Sets the fields of `ADJUSTABLE` that `values` names; audited when one of them changes.

    Raises `errors.OwnAccount` when it would lock the actor out, `rules.Forbidden`.
    """
    _check_manager(actor)
    user = User.objects.select_for_update().get(pk=account_id)
    before = {name: getattr(user, name) for name in ADJUSTABLE if name in values}
    after = {name: values[name] for name in before}
    for name, value in after.items():
        setattr(user, name, value)
    if actor is not None and rules.check_staff_change(
        actor_id=actor.pk, target_id=user.pk, role=user.role, active=user.is_active
    ):
        raise errors.OwnAccount
    if before != after:
        user.save(update_fields=list(after))
        record_audit(
            actor=actor,
            action="account_changed",
            target=_target(user),
            before=_told(before),
            after=_told(after),
        )
    return user


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the audit trail calls them."""
    return {"active" if name == "is_active" else name: value for name, value in values.items()}


@transaction.atomic
def follow_sign_on(*, account_id: int, role: str) -> None:
    """Gives an account the role its groups say."""
    user = User.objects.select_for_update().get(pk=account_id)
    if user.role != role:
        before, user.role = user.role, role
        user.save(update_fields=["role"])
        record_audit(
            actor=None,
            action="account_changed",
            target=_target(user),
            before={"role": before},
            after={"role": role, "by": "single sign-on"},
        )


@transaction.atomic
def reset_password(*, actor: User, account_id: int, password: str) -> None:
    """Gives an account a new password and signs it out everywhere."""
    _check_manager(actor)
    user = User.objects.select_for_update().get(pk=account_id)
    user.set_password(password)
    user.save(update_fields=["password"])
    record_audit(actor=actor, action="password_reset", target=_target(user))


@transaction.atomic
def put_policy(*, actor: User | None, data: policy.Policy) -> AgencyPolicy:
    """Puts a policy in force as a new version. Raises `errors.BadPolicy`, `rules.Forbidden`."""
    _check_manager(actor)
    if problems := policy.problems(data):
        raise errors.BadPolicy(problems)
    queries.forget()
    before, after = msgspec.to_builtins(queries.policy()), msgspec.to_builtins(data)
    stored = AgencyPolicy.objects.create(data=after, by=actor)
    record_audit(actor=actor, action="agency_policy_changed", before=before, after=after)
    queries.forget()
    transaction.on_commit(queries.forget)
    return stored


def change_preferences(*, actor: User, **changes: Any) -> None:
    """Stores an account's own language, theme, time zone, display name or shortcuts setting."""
    for name, value in changes.items():
        setattr(actor, name, value)
    actor.save(update_fields=list(changes))


def _check_manager(actor: User | None) -> None:
    if actor is not None:
        rules.check_may(actor.role, "manage_staff")


def _target(user: User) -> str:
    return f"account:{user.pk}"
