"""Connecting services. Keys are stored encrypted and never shown, nor written into the trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from resmi.agency import rules as roles
from resmi.agency import services as agency
from resmi.agency.machines import queries, rules
from resmi.agency.machines.rules import Kind
from resmi.agency.models import Service, User


@transaction.atomic
def connect(
    *, actor: User, kind: Kind, protocol: str, address: str, model: str, secret: str | None
) -> None:
    """Connects the service of a kind in place of what was; `secret` None keeps the key there is.

    A key is not kept when the address changes: it was given for the old one. Raises
    `roles.Forbidden`, and `ValueError` for a protocol or address that can't be.
    """
    roles.check_may(actor.role, "manage_staff")
    if protocol not in rules.PROTOCOLS[kind] or not rules.is_allowed(address):
        raise ValueError("This service can't be connected.")
    before = Service.objects.select_for_update().filter(kind=kind).first()
    kept = before.secret if before and before.address == address else ""
    sealed = queries.fernet().encrypt(secret.encode()).decode() if secret else ""
    values = {"protocol": protocol, "address": address, "model": model}
    Service.objects.update_or_create(
        kind=kind, defaults={**values, "secret": kept if secret is None else sealed}
    )
    agency.record_audit(
        actor=actor,
        action="service_connected",
        target=f"service:{kind}",
        before=_shown(before),
        after={**values, "key": "changed" if secret else "kept" if kept else "none"},
    )


@transaction.atomic
def disconnect(*, actor: User, kind: Kind) -> None:
    """Takes the service away; what it did stays. Raises `roles.Forbidden`."""
    roles.check_may(actor.role, "manage_staff")
    row = Service.objects.select_for_update().filter(kind=kind).first()
    if row is not None:
        row.delete()
        agency.record_audit(
            actor=actor,
            action="service_disconnected",
            target=f"service:{kind}",
            before=_shown(row),
        )


def _shown(row: Service | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"protocol": row.protocol, "address": row.address, "model": row.model}
