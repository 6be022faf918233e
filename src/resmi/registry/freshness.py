"""How old lists are, and what waits for a person: said on the floor and by the doctor."""

from __future__ import annotations

from datetime import date

import msgspec
from django.utils import timezone

from resmi.registry import ageing, queries
from resmi.registry.models import Register, Release, Staged, StagedState


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A list today. `seen` is the newest day for which we know what the list says."""

    register: Register
    release: Release | None
    seen: date | None
    stale: bool

    @property
    def age_days(self) -> int:
        """Days since `seen`; 0 when the list was never there."""
        return (timezone.localdate() - self.seen).days if self.seen else 0


def standings() -> list[Standing]:
    """All lists with their age."""
    today = timezone.localdate()
    return [_standing(register, release, today) for register, release in queries.lists()]


def _standing(register: Register, release: Release | None, today: date) -> Standing:
    seen = ageing.known_of(release.as_of if release else None, register.verified_on)
    stale = ageing.is_stale(seen, today, register.stale_days)
    return Standing(register=register, release=release, seen=seen, stale=stale)


def braked() -> list[Staged]:
    """Imports the brake holds, oldest first."""
    rows = Staged.objects.filter(state=StagedState.READY).exclude(brakes=[])
    return list(rows.order_by("id"))
