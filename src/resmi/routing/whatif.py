"""What would have happened: replays a day's hand-overs under given settings. Pure.

Each agent serves as in the day's presence; a conversation takes as long as it really took. The
result is a comparison, not a prophecy: agents answer offers at once here, and citizens do not tire
of waiting.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from resmi.agency.open_time import ALWAYS, OpenTime
from resmi.routing import policy, rules
from resmi.routing.policy import Policy, QueueFacts


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation handed to people at `at`; `handle_s` is how long an agent held it."""

    conversation: int
    at: datetime
    queue: str
    kind: str = ""
    skills: tuple[str, ...] = ()
    language: str = ""
    evidence: policy.Evidence = policy.Evidence()
    priority: int = 0
    last_agent: str = ""
    handle_s: int = 300


class OnDuty(msgspec.Struct, frozen=True, kw_only=True):
    """An agent and the spans in which they were available."""

    agent: rules.Agent
    spans: tuple[tuple[datetime, datetime], ...]

    def there(self, now: datetime) -> bool:
        """Whether they take work at `now`."""
        return any(since <= now < until for since, until in self.spans)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Policy and queues to play the day with; `times` are those in which their promises count."""

    policy: Policy
    queues: dict[str, QueueFacts]
    times: Mapping[str, OpenTime] = {}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How one queue would have done. Times in seconds; `in_target` from 0 to 1."""

    queue: str
    arrived: int
    served: int
    median_wait_s: int
    longest_wait_s: int
    in_target: float


def replay(
    arrivals: Sequence[Arrival], staff: Sequence[OnDuty], settings: Settings
) -> tuple[Result, ...]:
    """Plays the day and sums it up by queue, in the order of the queues' keys."""
    return summed_up(arrivals, waits(arrivals, staff, settings), settings)


def waits(
    arrivals: Sequence[Arrival], staff: Sequence[OnDuty], settings: Settings
) -> dict[int, float]:
    """Seconds each conversation would have waited; those never served are left out."""
    return _Day(staff, settings).play(arrivals)


class _Day:
    """The state of the replay at one moment."""

    def __init__(self, staff: Sequence[OnDuty], settings: Settings) -> None:
        self.staff = staff
        self.settings = settings
        self.load = {one.agent.id: 0 for one in staff}
        self.busy: list[tuple[datetime, int, str, int]] = []
        self.waiting: dict[int, Arrival] = {}
        self.waits: dict[int, float] = {}

    def play(self, arrivals: Sequence[Arrival]) -> dict[int, float]:
        """Seconds each conversation waited, by its number; those never served are left out."""
        coming = sorted(arrivals, key=lambda one: (one.at, one.conversation))
        moments = {one.at for one in coming}
        moments |= {edge for one in self.staff for span in one.spans for edge in span}
        moments |= set(self._turns(coming))
        clock = sorted(moments)
        heapq.heapify(clock)
        place = 0
        while clock:
            now = heapq.heappop(clock)
            while place < len(coming) and coming[place].at <= now:
                self.waiting[coming[place].conversation] = coming[place]
                place += 1
            self._free(now)
            for end in self._assign(now):
                heapq.heappush(clock, end)
        return self.waits

    def _turns(self, coming: Iterable[Arrival]) -> Iterable[datetime]:
        for one in coming:
            fact = self.settings.queues.get(one.queue)
            for seconds in (fact.overflow_after_s, fact.hold_s) if fact else ():
                if seconds:
                    yield one.at + timedelta(seconds=seconds)

    def _free(self, now: datetime) -> None:
        while self.busy and self.busy[0][0] <= now:
            _, _, agent, cost = heapq.heappop(self.busy)
            self.load[agent] -= cost

    def _assign(self, now: datetime) -> list[datetime]:
        if not self.waiting:
            return []
        agents = [
            msgspec.structs.replace(one.agent, load=self.load[one.agent.id])
            for one in self.staff
            if one.there(now)
        ]
        least = min(self.settings.policy.cost_of(one.kind) for one in self.waiting.values())
        if all(agent.load + least > agent.capacity for agent in agents):
            return []
        items = [self._item(one, now) for one in self.waiting.values()]
        cost = {item.conversation: item.cost for item in items}
        ends = []
        for pair in rules.choose(items, agents, now):
            arrival = self.waiting.pop(pair.conversation)
            self.waits[arrival.conversation] = (now - arrival.at).total_seconds()
            self.load[pair.agent] += cost[pair.conversation]
            end = now + timedelta(seconds=max(1, arrival.handle_s))
            heapq.heappush(self.busy, (end, pair.conversation, pair.agent, cost[pair.conversation]))
            ends.append(end)
        return ends

    def _item(self, one: Arrival, now: datetime) -> rules.Waiting:
        whole = self.settings.policy
        fact = self.settings.queues.get(one.queue) or policy.QueueFacts(key=one.queue, name="")
        points = policy.points(policy.matching(whole, one.evidence))
        return rules.Waiting(
            conversation=one.conversation,
            since=one.at,
            ways=policy.ways(self.settings.queues, fact, one.skills, one.language, one.at, now),
            priority=one.priority + fact.priority + points,
            cost=whole.cost_of(one.kind),
            last_agent=one.last_agent,
            hold_until=one.at + timedelta(seconds=fact.hold_s),
        )


class Moved(msgspec.Struct, frozen=True):
    """How many of a queue would have waited less, and how many longer, by a second or more."""

    sooner: int
    later: int


def moved(
    arrivals: Sequence[Arrival], before: Mapping[int, float], after: Mapping[int, float]
) -> dict[str, Moved]:
    """By queue, whom a change helps and whom it costs time; nobody served is the longest wait."""
    never = float("inf")
    found: dict[str, Moved] = {}
    for one in arrivals:
        was, is_now = before.get(one.conversation, never), after.get(one.conversation, never)
        count = found.get(one.queue, Moved(0, 0))
        found[one.queue] = Moved(
            count.sooner + (is_now <= was - 1), count.later + (is_now >= was + 1)
        )
    return found


def summed_up(
    arrivals: Sequence[Arrival], waited: Mapping[int, float], settings: Settings
) -> tuple[Result, ...]:
    """By queue, in the order of the queues' keys, how the waits were."""
    queues = sorted({arrival.queue for arrival in arrivals})
    return tuple(_summed_up(queue, arrivals, waited, settings) for queue in queues)


def _summed_up(
    queue: str, arrivals: Sequence[Arrival], waits: Mapping[int, float], settings: Settings
) -> Result:
    came = [one for one in arrivals if one.queue == queue]
    waited = sorted(waits[one.conversation] for one in came if one.conversation in waits)
    fact, time = settings.queues.get(queue), settings.times.get(queue, ALWAYS)
    target = fact.target_s if fact else 0
    counted = [
        time.elapsed_s(one.at, one.at + timedelta(seconds=waits[one.conversation]))
        for one in came
        if one.conversation in waits
    ]
    return Result(
        queue=queue,
        arrived=len(came),
        served=len(waited),
        median_wait_s=round(waited[len(waited) // 2]) if waited else 0,
        longest_wait_s=round(waited[-1]) if waited else 0,
        in_target=sum(one <= target for one in counted) / len(came) if came else 0.0,
    )
