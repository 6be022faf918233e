"""Who gets which waiting conversation: pure decisions on what the shell loaded.

Order of the waiting: higher priority first, then longest wait. Order of the agents who fit: the one
the citizen knows, then the least loaded, then the one idle longest. Skills named `lang:…` are a
wish: they bind as long as some available agent speaks the language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

CAPACITY = 100
COSTS = {"chat": 25, "call": 100, "email": 20}


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in a queue. `skills` are all it needs; `declined` lists agents who passed."""

    conversation: int
    since: datetime
    skills: frozenset[str] = frozenset()
    priority: int = 0
    cost: int = COSTS["chat"]
    last_agent: str = ""
    declined: tuple[str, ...] = ()


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An available agent. `load` and `capacity` are in units; `since` is when they became so."""

    id: str
    name: str = ""
    skills: frozenset[str] = frozenset()
    load: int = 0
    capacity: int = CAPACITY
    since: datetime


class Pairing(msgspec.Struct, frozen=True):
    """Offer this conversation to this agent."""

    conversation: int
    agent: str


def choose(waiting: Iterable[Waiting], agents: Sequence[Agent]) -> tuple[Pairing, ...]:
    """Pairs waiting conversations with agents; nobody is loaded over capacity.

    The oldest of the highest priority is served first among those an agent fits.
    """
    load = {agent.id: agent.load for agent in agents}
    pairings: list[Pairing] = []
    for item in sorted(waiting, key=lambda w: (-w.priority, w.since, w.conversation)):
        fitting = [a for a in fit(item, agents) if load[a.id] + item.cost <= a.capacity]
        if not fitting:
            continue
        best = min(
            fitting,
            key=lambda a: (a.id != item.last_agent, load[a.id] / a.capacity, a.since, a.id),
        )
        load[best.id] += item.cost
        pairings.append(Pairing(item.conversation, best.id))
    return tuple(pairings)


def fit(item: Waiting, agents: Sequence[Agent]) -> list[Agent]:
    """The agents who have the skills, leaving out those who passed unless only they are left."""
    needed = _binding_skills(item.skills, agents)
    skilled = [agent for agent in agents if needed <= agent.skills]
    fresh = [agent for agent in skilled if agent.id not in item.declined]
    return fresh or skilled


def _binding_skills(skills: frozenset[str], agents: Sequence[Agent]) -> frozenset[str]:
    topics = frozenset(skill for skill in skills if not skill.startswith("lang:"))
    if any(skills <= agent.skills for agent in agents):
        return skills
    return topics


def estimate_wait_s(position: int, slots: int, handle_s: int) -> int:
    """Seconds until the citizen at `position` (1 = next) gets one of `slots` busy places.

    Places free up one by one, each after `handle_s` on average. 0 slots: nobody is there, -1.
    """
    if slots <= 0:
        return -1
    return max(0, round(position * handle_s / slots))
