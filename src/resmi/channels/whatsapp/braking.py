"""Slows those down who keep sending what is not signed. Pure.

Who floods waits for each answer before sending more on the same connection, so that an answer that
comes late leaves the time to others. Nobody signed properly is ever held.
"""

from __future__ import annotations

FREE_PER_S = 50.0
HOLD_S = 0.05
MOST_HELD = 64


class Brake:
    """How long refusals wait: not at all up to `FREE_PER_S` a second, beyond that `HOLD_S` each.

    At most `MOST_HELD` wait at once; the connections of those beyond are to be closed.
    """

    def __init__(self) -> None:
        self._held = 0
        self._spent = 0.0
        self._at = 0.0

    def hold_s(self, now: float) -> float | None:
        """How long the next refusal waits; None if it is to go at once and end the connection.

        `now`: seconds of a clock that only goes on. Who waited says so with `let_go`.
        """
        self._spent = max(0.0, self._spent - (now - self._at) * FREE_PER_S) + 1.0
        self._at = now
        if self._spent <= FREE_PER_S:
            return 0.0
        self._spent = min(self._spent, 2 * FREE_PER_S)  # a flood that ended is soon forgotten
        if self._held >= MOST_HELD:
            return None
        self._held += 1
        return HOLD_S

    def let_go(self) -> None:
        """One that waited waits no more."""
        self._held -= 1
