"""Who may be written to, and how often. Pure but for the world's counters, which it moves.

Sources: Meta's pages on throughput, pair rate limits, messaging limits, the customer service
window and business-scoped user ids.
"""

from __future__ import annotations

import re
from collections import deque

from resmi.channels.simulator import state
from resmi.channels.simulator.bodies import Draft
from resmi.channels.simulator.errors import Refusal
from resmi.channels.simulator.state import Citizen, Number, World

PAIR_SECONDS = 6.0
PAIR_BURST = 45
DAY = 24 * 3600.0


def dialled(to: str, country: str) -> str:
    """The digits Meta dials: without a plus sign the business's dial code is put in front.

    Raises `Refusal` 131009 when `to` is no phone number.
    """
    digits = re.sub(r"[\s().\-]", "", to)
    if not re.fullmatch(r"\+?\d{5,17}", digits):
        raise Refusal(131009, "The phone number is malformed: Please use the format: +1234567890.")
    if digits.startswith("+"):
        return digits[1:]
    return digits if digits.startswith(country) else country + digits


def recipient(world: World, number: Number, draft: Draft) -> tuple[Citizen | None, str]:
    """The citizen meant, if there is one, and the digits or scoped id. `to` wins over `recipient`.

    Raises `Refusal` for a malformed number, another portfolio's scoped id, or oneself.
    """
    if draft.to:
        digits = dialled(draft.to, number.country)
        if digits == number.display:
            raise Refusal(131021)
        citizen = state.by_phone(world, digits)
        return (citizen if citizen and citizen.on_whatsapp else None), digits
    citizen = state.by_user_id(world, draft.recipient)
    if citizen is None:
        raise Refusal(131009, "recipient is not a user id in the scope of this business portfolio")
    return citizen, draft.recipient


def admit_pair(pairs: dict[str, float], key: str, now: float) -> float:
    """Takes one message of the pair's allowance: 1 in 6 s, up to 45 borrowed from the future.

    Returns 0, or the seconds to wait (and takes nothing).
    """
    free_at = max(pairs.get(key, 0.0), now)
    wait = free_at - (PAIR_BURST - 1) * PAIR_SECONDS - now
    if wait > 1e-9:
        return wait
    pairs[key] = free_at + PAIR_SECONDS
    return 0.0


class Throughput:
    """Messages in and out of a number within the last second. Kept out of snapshots."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}

    def note(self, number: str, now: float) -> None:
        """Counts a message that can't be refused: one coming in."""
        self._recent(number, now).append(now)

    def admit(self, number: str, now: float, limit: int) -> bool:
        """Counts a message going out, unless the last second is full."""
        times = self._recent(number, now)
        if len(times) >= limit:
            return False
        times.append(now)
        return True

    def _recent(self, number: str, now: float) -> deque[float]:
        times = self._times.setdefault(number, deque())
        while times and times[0] <= now - 1.0:
            times.popleft()
        return times


def window_closes(world: World, number: str, citizen: str) -> float:
    """When the 24-hour customer service window closes (Unix seconds); 0 if it never opened."""
    opened = world.windows.get(state.pair(number, citizen), 0.0)
    return opened + state.WINDOW if opened else 0.0


def window_open(world: World, number: str, citizen: str, now: float) -> bool:
    """Whether free-form messages may go out."""
    return now < window_closes(world, number, citizen)


def admit_outside(world: World, citizen: str, now: float) -> bool:
    """Counts a citizen written to outside the window against the portfolio's tier."""
    recent = {key: at for key, at in world.outside.items() if now - at < DAY}
    if citizen not in recent and world.tier and len(recent) >= world.tier:
        return False
    recent[citizen] = now
    world.outside = recent
    return True


def check_pace(world: World, number: Number, who: str, speed: Throughput, now: float) -> None:
    """Takes one message of both allowances. Raises `Refusal` 130429 or 131056."""
    if not speed.admit(number.id, now, number.throughput):
        raise Refusal(130429)
    wait = admit_pair(world.pairs, state.pair(number.id, who), now)
    if wait:
        raise Refusal(131056)


def check_citizen(
    world: World, number: Number, citizen: Citizen | None, draft: Draft, category: str, now: float
) -> None:
    """Raises the `Refusal` they ask for: 131026, 130403, 131047, 131050 or 131048."""
    if citizen is None:
        raise Refusal(131026, "The recipient is not a WhatsApp user or can't receive this message.")
    if citizen.key in number.blocked:
        raise Refusal(130403)
    inside = window_open(world, number.id, citizen.key, now)
    if draft.type != "template":
        if not inside:
            raise Refusal(131047)
        return
    if category == "MARKETING" and citizen.marketing_stopped:
        raise Refusal(131050)
    if not inside and not admit_outside(world, citizen.key, now):
        raise Refusal(131048)
