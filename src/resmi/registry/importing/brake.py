"""When an import waits for a human. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

VANISHED_SHARE = 0.05
CHANGED_SHARE = 0.20


class Brake(msgspec.Struct, frozen=True):
    """A reason to look first: `count` of `of` entities in force would vanish or change."""

    kind: Literal["vanished", "changed"]
    count: int
    of: int

    @property
    def percent(self) -> int:
        """The share, rounded down."""
        return 100 * self.count // self.of


def brakes(*, in_force: int, changed: int, vanished: int) -> tuple[Brake, ...]:
    """Why an import must not go through by itself; empty for a first import or a usual one."""
    found = []
    if vanished > VANISHED_SHARE * in_force:
        found.append(Brake("vanished", vanished, in_force))
    if changed > CHANGED_SHARE * in_force:
        found.append(Brake("changed", changed, in_force))
    return tuple(found)
