"""Who gets which waiting conversation: pure decisions on what the shell loaded.

Order of the waiting: longest wait first, where each point of priority counts as `POINT_S` seconds
more, so that the urgent go ahead and nobody is passed by newcomers for ever. Order of the agents
who fit: the one the citizen knows, then those of the conversation's own queue, then the least
loaded, then the most skilled, then the one idle longest. Skills named `lang:…` are a wish: they
bind as long as some available agent speaks the language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

CAPACITY = 100
COSTS = {"chat": 25, "call": 100, "email": 20}
POINT_S = 120
MAX_PRIORITY = 100
LONGEST_LEVEL = 3
LANGUAGE = "lang:"


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A queue whose agents may serve, and the skills they need there, each with its least level."""

    queue: str = ""
    needs: dict[str, int] = {}


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in a queue.

    `ways` begins with its own queue; others follow once the wait overflows into them. `declined`
    lists agents who passed. Until `hold_until` it is kept for `last_agent` while they are there but
    full.
    """

    conversation: int
    since: datetime
    ways: tuple[Way, ...] = (Way(),)
    priority: int = 0
    cost: int = COSTS["chat"]
    last_agent: str = ""
    hold_until: datetime | None = None
    declined: tuple[str, ...] = ()


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An available agent. `load` and `capacity` are in units; `since` is when they became so.

    `skills` maps a skill to its level (1 = basic); `queues` are those they serve, empty: all.
    """

    id: str
    name: str = ""
    skills: dict[str, int] = {}
    queues: frozenset[str] = frozenset()
    load: int = 0
    capacity: int = CAPACITY
    since: datetime


class Pairing(msgspec.Struct, frozen=True):
    """Offer this conversation to this agent."""

    conversation: int
    agent: str


def needs_of(*skills: Iterable[str]) -> dict[str, int]:
    """Reads skills written `loans` (level 1) or `loans:2`; the highest level asked counts."""
    needs: dict[str, int] = {}
    for word in (word for words in skills for word in words):
        name, _, level = word.rpartition(":")
        if not name or not level.isdecimal() or len(level) > LONGEST_LEVEL:
            name, level = word, "1"
        needs[name] = max(needs.get(name, 0), int(level))
    return needs


def rank(item: Waiting) -> tuple[datetime, int]:
    """Smaller is served first: the wait, with priority counted as time."""
    points = min(max(item.priority, -MAX_PRIORITY), MAX_PRIORITY)
    return item.since - timedelta(seconds=points * POINT_S), item.conversation


def choose(
    waiting: Iterable[Waiting], agents: Sequence[Agent], now: datetime | None = None
) -> tuple[Pairing, ...]:
    """Pairs waiting conversations with agents; nobody is loaded over capacity.

    The first by `rank` is served first among those an agent fits.
    """
    load = {agent.id: agent.load for agent in agents}
    pairings: list[Pairing] = []
    for item in sorted(waiting, key=rank):
        fitting = fit(item, agents)
        free = [pair for pair in fitting if load[pair[1].id] + item.cost <= pair[1].capacity]
        if not free or _held(item, fitting, free, now):
            continue
        best = min(free, key=lambda pair: _preference(item, pair, load))[1]
        load[best.id] += item.cost
        pairings.append(Pairing(item.conversation, best.id))
    return tuple(pairings)


def _held(
    item: Waiting,
    fitting: list[tuple[int, Agent]],
    free: list[tuple[int, Agent]],
    now: datetime | None,
) -> bool:
    """True while it waits for the agent the citizen knows, who is there but full."""
    if not item.last_agent or item.hold_until is None or now is None or now >= item.hold_until:
        return False
    there = any(agent.id == item.last_agent for _, agent in fitting)
    return there and all(agent.id != item.last_agent for _, agent in free)


def _preference(
    item: Waiting, pair: tuple[int, Agent], load: Mapping[str, int]
) -> tuple[bool, int, float, int, datetime, str]:
    way, agent = pair
    level = sum(agent.skills.get(skill, 0) for skill in item.ways[way].needs)
    known = agent.id == item.last_agent
    return (not known, way, load[agent.id] / agent.capacity, -level, agent.since, agent.id)


def fit(item: Waiting, agents: Sequence[Agent]) -> list[tuple[int, Agent]]:
    """The agents with the skills, each with the first way (its number) they can serve on.

    Those who passed are left out unless only they are left.
    """
    skilled: dict[str, tuple[int, Agent]] = {}
    for number, way in enumerate(item.ways):
        for agent in _serving(way, agents):
            skilled.setdefault(agent.id, (number, agent))
    fresh = [pair for pair in skilled.values() if pair[1].id not in item.declined]
    return fresh or list(skilled.values())


def _serving(way: Way, agents: Sequence[Agent]) -> list[Agent]:
    there = [
        agent
        for agent in agents
        if agent.capacity > 0 and (not agent.queues or not way.queue or way.queue in agent.queues)
    ]
    able = [agent for agent in there if _has(agent, way.needs)]
    if able or not any(skill.startswith(LANGUAGE) for skill in way.needs):
        return able
    topics = {name: level for name, level in way.needs.items() if not name.startswith(LANGUAGE)}
    return [agent for agent in there if _has(agent, topics)]


def _has(agent: Agent, needs: Mapping[str, int]) -> bool:
    """An agent of whom no language is known is taken to speak them all."""
    mute = not any(skill.startswith(LANGUAGE) for skill in agent.skills)
    return all(
        agent.skills.get(skill, 0) >= level or (mute and skill.startswith(LANGUAGE))
        for skill, level in needs.items()
    )


def estimate_wait_s(position: int, slots: int, handle_s: int) -> int:
    """Seconds until the citizen at `position` (1 = next) gets one of `slots` busy places.

    Places free up one by one, each after `handle_s` on average. 0 slots: nobody is there, -1.
    """
    if slots <= 0:
        return -1
    return max(0, round(position * handle_s / slots))
