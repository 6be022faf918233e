"""Which services are connected."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from resmi.agency import keys
from resmi.agency.machines.clients import Place
from resmi.agency.machines.rules import Kind
from resmi.agency.models import Service


def connected() -> frozenset[str]:
    """The kinds of service that can be asked."""
    return frozenset(Service.objects.values_list("kind", flat=True))


def place(kind: Kind) -> Place | None:
    """Where the service of a kind is; None when none is connected.

    A key that was stored under another secret key of the installation counts as none.
    """
    row = Service.objects.filter(kind=kind).first()
    if row is None:
        return None
    return Place(
        protocol=row.protocol, address=row.address, model=row.model, secret=_opened(row.secret)
    )


def fernet() -> Fernet:
    """What keeps the keys of services unreadable in the database and its copies."""
    return Fernet(keys.derived("services"))


def _opened(secret: str) -> str:
    try:
        return fernet().decrypt(secret.encode()).decode() if secret else ""
    except InvalidToken:
        return ""
