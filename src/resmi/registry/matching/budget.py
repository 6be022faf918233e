"""How much work one message may cause, counted in steps and not in time: the same message costs the
same on every machine."""

from __future__ import annotations

STEPS = 44_000
"""Steps of one message; a step is about a call of a function. Usual messages take below 2,000."""
RESERVE = 20_000
"""Steps that finding names leaves for deciding about them."""
RESERVE_OF_TWO = 32_000
"""Steps that finding names leaves when they have to be found once more."""


class Budget:
    """Steps left for one message. When they end, what was found so far is the answer, and nothing
    in it may vouch."""

    __slots__ = ("cut", "left")

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps
        self.cut = False

    def spend(self, steps: int) -> bool:
        """Takes steps; whether any were left to take them from."""
        self.left -= steps
        return self.left > 0

    def reserves(self, kept: int) -> bool:
        """Whether only so many steps are left; the words not yet read are cut off then."""
        reached = self.left < kept
        self.cut = self.cut or reached
        return reached

    @property
    def over(self) -> bool:
        """Whether all steps are taken."""
        return self.left <= 0

    @property
    def ended(self) -> bool:
        """Whether a part of the message was not looked at."""
        return self.cut or self.left <= 0
