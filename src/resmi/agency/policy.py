"""What an agency decides about its people: how they sign in, what citizens hear them called. Pure.

The version in force comes from `resmi.agency.queries.policy()`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from resmi.agency import rules

Names = Literal["chosen", "fixed", "rotating", "real"]
LONGEST_IDLE = 24 * 60


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One version of it.

    `second_factor`: roles that must have one. `idle_minutes`: after so long without a key or a
    click the screen asks who is there; 0: never. `names`: what citizens hear staff called: what
    each chose, a number that stays (`fixed`), another in each conversation (`rotating`), or the
    real name.
    """

    second_factor: tuple[str, ...] = ()
    sign_on_is_second_factor: bool = False
    idle_minutes: int = 0
    names: Names = "chosen"
    bot_seen_by_queue_agents: bool = True


def problems(policy: Policy) -> list[str]:
    """What is wrong with it, as codes; empty when it can be put in force."""
    found = []
    if set(policy.second_factor) - set(rules.ROLES):
        found.append("unknown_role")
    if not 0 <= policy.idle_minutes <= LONGEST_IDLE:
        found.append("idle_minutes")
    return found
