"""What a change would have done to the last day: both ways played, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings as installation
from msgspec import structs

from resmi.agency import durations
from resmi.bot import naming
from resmi.conversations import opening, past_day
from resmi.routing import queries, rules, whatif
from resmi.routing.agents import AgentSettings
from resmi.routing.policy import Policy, QueueFacts

# Playing a day costs about as much as people times agents: above this the day is cut.
MOST_WORK = 40_000


@dataclass(frozen=True, kw_only=True)
class Row:
    """One queue, before and after."""

    name: str
    before: whatif.Result
    after: whatif.Result
    moved: whatif.Moved

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Median, longest and share in target, as (before, after) texts."""
        return [
            _both(self.before.median_wait_s, self.after.median_wait_s),
            _both(self.before.longest_wait_s, self.after.longest_wait_s),
            (f"{self.before.in_target:.0%}", f"{self.after.in_target:.0%}"),
        ]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The comparison; `day` is None when no day is known yet. `cut`: not the whole day."""

    day: date | None
    arrived: int = 0
    cut: bool = False
    rows: tuple[Row, ...] = ()


def _both(before: int, after: int) -> tuple[str, str]:
    return durations.text(before, "clock"), durations.text(after, "clock")


def with_queue(fact: QueueFacts) -> Preview:
    """The day with a queue changed or added."""
    now = queries.in_force()
    return _compare(now.policy, {**now.queues, fact.key: fact})


def with_policy(policy: Policy) -> Preview:
    """The day with another policy."""
    return _compare(policy, queries.in_force().queues)


def with_agent(agent_id: int, settings: AgentSettings) -> Preview:
    """The day with an agent's skills, queues and capacity changed."""
    now = queries.in_force()
    return _compare(now.policy, now.queues, {str(agent_id): settings})


def _compare(
    policy: Policy, queues: dict[str, QueueFacts], agents: dict[str, AgentSettings] | None = None
) -> Preview:
    day = past_day.load(ZoneInfo(installation.TIME_ZONE), datetime.now(UTC))
    if day is None:
        return Preview(day=None)
    most = max(50, MOST_WORK // max(1, len(day.staff)))
    came = day.arrivals[:most]
    now = queries.in_force()
    old = _settings(now.policy, now.queues)
    new = _settings(policy, queues)
    before = whatif.waits(came, day.staff, old)
    after = whatif.waits(came, [_with(one, agents or {}) for one in day.staff], new)
    moved = whatif.moved(came, before, after)
    pairs = zip(
        whatif.summed_up(came, before, old), whatif.summed_up(came, after, new), strict=True
    )
    called = naming.names(queues.values())
    rows = tuple(
        Row(
            name=called.get(one.queue, one.queue),
            before=one,
            after=two,
            moved=moved[one.queue],
        )
        for one, two in pairs
    )
    cut = day.cut or len(came) < len(day.arrivals)
    return Preview(day=day.day, arrived=len(came), cut=cut, rows=rows)


def _settings(policy: Policy, queues: dict[str, QueueFacts]) -> whatif.Settings:
    return whatif.Settings(policy=policy, queues=queues, times=opening.of(policy, queues))


def _with(one: whatif.OnDuty, agents: dict[str, AgentSettings]) -> whatif.OnDuty:
    changed = agents.get(one.agent.id)
    if changed is None:
        return one
    agent: rules.Agent = structs.replace(
        one.agent,
        skills=changed.skills,
        queues=frozenset(changed.queues),
        capacity=changed.capacity,
    )
    return structs.replace(one, agent=agent)
