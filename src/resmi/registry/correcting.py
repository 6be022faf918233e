"""Names and identifiers staff add to an entity or take out of it. Imports leave them alone."""

from __future__ import annotations

from django.db import transaction

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.registry import queries
from resmi.registry.errors import NotNow
from resmi.registry.importing import releases
from resmi.registry.models import (
    Correction,
    Entity,
    EntityName,
    Identifier,
    Register,
    Release,
    ReleaseKind,
)


@transaction.atomic
def correct(
    *, actor: User | None, entity: str, field: str, value: str, reason: str, hides: bool = False
) -> Correction:
    """Adds a name or identifier to the entity with this id, or hides one that the list gives.

    Raises `NotNow`: `gone` when no entity in force has the id, `unnamed` without a reason,
    `known` or `absent` when nothing would change.
    """
    value, reason = " ".join(value.split()), reason.strip()
    if not reason:
        raise NotNow("unnamed")
    releases.one_at_a_time()
    held = Entity.objects.select_related("register").filter(external_id=entity, until=None).first()
    if held is None:
        raise NotNow("gone")
    stands = (field, value) in _standing(held)
    if not value or stands != hides:
        raise NotNow("absent" if hides else "known")
    release = _release(actor, held.register, reason)
    opposite = Correction.objects.filter(
        external_id=entity, field=field, value=value, hides=not hides, until=None
    )
    if opposite.update(until=release):
        made = Correction.objects.filter(until=release).latest("id")
    else:
        made = Correction.objects.create(
            register=held.register,
            external_id=entity,
            field=field,
            value=value,
            hides=hides,
            reason=reason,
            since=release,
            made_by=actor,
        )
    _audit(actor, made, "alias_hidden" if hides else "alias_added", reason)
    return made


def _standing(entity: Entity) -> set[tuple[str, str]]:
    """The names and identifiers of an entity as they count now."""
    corrections = list(Correction.objects.filter(external_id=entity.external_id, until=None))
    names = list(EntityName.objects.filter(entity=entity).values_list("kind", "name"))
    values = list(Identifier.objects.filter(entity=entity).values_list("kind", "value"))
    return {
        *queries.corrected(names, corrections, names=True),
        *queries.corrected(values, corrections, names=False),
    }


@transaction.atomic
def undo_correction(*, actor: User | None, correction_id: int) -> None:
    """Takes a correction back. Raises `NotNow` when it is no longer in force."""
    releases.one_at_a_time()
    rows = Correction.objects.select_for_update(of=("self",)).select_related("register")
    made = rows.filter(pk=correction_id, until=None).first()
    if made is None:
        raise NotNow("gone")
    made.until = _release(actor, made.register, f"undo: {made.reason}")
    made.save(update_fields=["until"])
    _audit(actor, made, "correction_undone", made.reason)


def _release(actor: User | None, register: Register, reason: str) -> Release:
    """Answers cite a version, so every change has one."""
    latest = releases.latest(register)
    assert latest is not None  # an entity in force came with a release
    release = releases.begin(
        actor=actor,
        register=register,
        as_of=latest.as_of,
        kind=ReleaseKind.CORRECTION,
        sha256=latest.sha256,
        reason=reason,
    )
    releases.finish(release, changed=1)
    return release


def _audit(actor: User | None, made: Correction, action: str, reason: str) -> None:
    agency.record_audit(
        actor=actor,
        action=action,
        target=f"entity:{made.external_id}",
        after={"field": made.field, "value": made.value, "reason": reason},
    )
