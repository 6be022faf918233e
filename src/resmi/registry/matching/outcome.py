"""What the matcher found about one mention, before it is put into words."""

from __future__ import annotations

from typing import NamedTuple

from resmi.registry.rules import Status


class Outcome(NamedTuple):
    """`entities` are positions in the register, best first; `differs` belongs to the first of them.

    `start`..`end` are the mention's place in the text. `firm`: the mention surely is a name.
    """

    status: Status
    start: int
    end: int
    entities: tuple[int, ...] = ()
    differs: tuple[str, ...] = ()
    firm: bool = True
