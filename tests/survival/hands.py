"""Processes that act at once on one database: citizens, workers, agents and supervisors.

with hands.at_work(seed, people) as crowd:
    crowd.play(hands.EVERYTHING, steps=30)   # all of them, concurrently; returns when all rest

Each process is a copy of this one with a connection of its own. The same seed makes the same
choices; which process comes first is the machine's.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import random
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from django.db import connections

from resmi.agency.models import User
from resmi.channels.models import Channel, Delivery
from resmi.conversations import (
    ahead,
    balance,
    handle,
    queues,
    router,
    services,
    team,
    worker,
    world,
)
from resmi.conversations.models import Conversation
from resmi.desk import moving
from resmi.engine.address import Address
from resmi.engine.content import Text
from resmi.engine.lifecycle import Refused
from resmi.routing import errors, policy, queries
from resmi.routing import services as routing
from resmi.routing.agents import AgentSettings
from resmi.routing.models import Presence, Queue
from tests.conversations import factories

HANDS = 8
CITIZENS = 36
PATIENCE_S = 200.0
SIDE_QUEUE = "side"
LUNCH = policy.Break(key="lunch", name={"en": "Lunch"}, most_s=1800)
COSTS = ({"whatsapp": 25, "email": 20, "call": 100}, {"whatsapp": 10, "email": 50, "call": 75})
CAPACITIES = (50, 75, 100)
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class People:
    """Who is there: agents, supervisors, and the channels citizens write through."""

    agents: list[User]
    supervisors: list[User]
    channels: list[Channel]


@dataclass
class Hand:
    """One process at work: its chance, the partitions it leased, and what it did how often."""

    number: int
    people: People
    chance: random.Random
    worker: worker.Worker = field(default_factory=worker.Worker)
    done: Counter[str] = field(default_factory=Counter)

    @property
    def agent(self) -> User:
        return self.chance.choice(self.people.agents)

    @property
    def supervisor(self) -> User:
        return self.chance.choice(self.people.supervisors)

    @property
    def holder(self) -> User:
        """Anybody who may hold conversations: supervisors take over too."""
        return self.chance.choice([*self.people.agents, *self.people.supervisors])

    def one(self, *statuses: str, agent: User | None = None) -> int | None:
        """Some conversation in one of these states, perhaps of this agent."""
        rows = Conversation.objects.filter(status__in=statuses)
        rows = rows.filter(agent=agent) if agent else rows
        ids = list(rows.values_list("pk", flat=True))
        return self.chance.choice(ids) if ids else None


Act = Callable[[Hand], object]


def citizen(number: int) -> Address:
    return Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}", phone=f"62{number}")


def write(hand: Hand) -> object:
    number = hand.chance.randrange(CITIZENS)
    said = hand.chance.choice(["agent", "agent", "agent", "halo", "menu", "berapa lama lagi?"])
    through = hand.people.channels[number % len(hand.people.channels)]
    return factories.wire(said, sender=citizen(number), through=through)


def work(hand: Hand) -> object:
    """What a worker does in a round, without its pauses."""
    hand.worker._rebalance()
    worker.tick_timers()
    router.run_pass()
    while rows := worker.claim(hand.worker.held, 5):
        handle.handle(rows)
    return True


def carry(hand: Hand) -> object:
    """A sender puts some messages on the wire, and hears a little later that they were taken."""
    ids = list(Delivery.objects.filter(status="queued").values_list("pk", flat=True)[:5])
    for pk in ids:
        if Delivery.objects.filter(pk=pk, status="queued").update(status="sending"):
            Delivery.objects.filter(pk=pk).update(status="accepted")
    return ids


def accept(hand: Hand) -> object:
    agent = hand.holder
    routing.seen(agent.pk)
    if offered := hand.one("offered", agent=agent):
        services.accept_offer(actor=agent, conversation_id=offered)
    return offered


def decline(hand: Hand) -> object:
    agent = hand.holder
    if offered := hand.one("offered", agent=agent):
        services.decline_offer(actor=agent, conversation_id=offered)
    return offered


def take_over(hand: Hand) -> object:
    wanted = hand.one("bot", "waiting", "offered", "assigned", "snoozed")
    if wanted is None:
        return None
    services.take_over(actor=hand.holder, conversation_id=wanted)
    check_silence(wanted)
    return True


def check_silence(conversation: int) -> None:
    """Nothing of the bot is on its way while an agent holds the conversation."""
    held = Conversation.objects.filter(pk=conversation, status="assigned").values("assigned_at")
    before = held.first()
    live = Delivery.objects.filter(conversation=conversation, author="bot")
    under_way = live.filter(status__in=["queued", "sending"]).count()
    if before is not None and before == held.first():
        assert under_way == 0, f"{under_way} messages of the bot under way in {conversation}"


def reply(hand: Hand) -> object:
    return _mine(hand, lambda agent, mine: services.reply(
        actor=agent, conversation_id=mine, content=Text("Baik"), hold_s=hand.chance.choice([0, 5])
    ))  # fmt: skip


def close(hand: Hand) -> object:
    reason = factories.pack().wrap_up[0].key
    return _mine(
        hand,
        lambda agent, mine: services.close(
            actor=agent, conversation_id=mine, reason=reason, anyway=True
        ),
    )


def snooze(hand: Hand) -> object:
    soon = datetime.now(UTC) + timedelta(seconds=hand.chance.choice([0.2, 1.0]))
    until = hand.chance.choice([None, soon])
    return _mine(
        hand, lambda agent, mine: team.snooze(actor=agent, conversation_id=mine, until=until)
    )


def wake(hand: Hand) -> object:
    if aside := hand.one("snoozed"):
        team.wake(actor=hand.agent, conversation_id=aside)
    return aside


def to_agent(hand: Hand) -> object:
    other = hand.agent
    return _mine(
        hand,
        lambda agent, mine: services.transfer_to_agent(
            actor=agent, conversation_id=mine, agent_id=other.pk, note="tolong"
        ),
    )


def to_queue(hand: Hand) -> object:
    keys = list(Queue.objects.values_list("key", flat=True))
    return _mine(
        hand,
        lambda agent, mine: services.transfer_to_queue(
            actor=agent, conversation_id=mine, queue=hand.chance.choice(keys)
        ),
    )


def to_bot(hand: Hand) -> object:
    return _mine(
        hand, lambda agent, mine: services.return_to_bot(actor=agent, conversation_id=mine)
    )


def join(hand: Hand) -> object:
    other = hand.agent
    return _mine(
        hand,
        lambda agent, mine: team.join(actor=other, conversation_id=mine, agent_id=other.pk),
    )


def _mine(hand: Hand, act: Callable[[User, int], object]) -> object:
    agent = hand.holder
    mine = hand.one("assigned", agent=agent)
    if mine is not None:
        act(agent, mine)
    return mine


def stand(hand: Hand) -> object:
    """An agent comes, takes a break, or goes; or a supervisor says so."""
    status, reason = hand.chance.choice(
        [("available", "")] * 4 + [("away", "lunch"), ("away", ""), ("offline", "")]
    )
    agent = hand.agent
    if hand.chance.random() < 0.3:
        moving.set_presence(actor=hand.supervisor, agent=agent, status=status, reason=reason)
    else:
        routing.set_presence(actor=agent, agent_id=agent.pk, status=status, reason=reason)
    return True


def move(hand: Hand) -> object:
    """A supervisor moves several at once."""
    open_now = Conversation.objects.exclude(status="closed").values_list("pk", flat=True)
    chosen = hand.chance.sample(sorted(open_now), min(4, len(open_now)))
    keys = [f"queue:{key}" for key in Queue.objects.values_list("key", flat=True)]
    to = hand.chance.choice([*keys, f"agent:{hand.agent.pk}", f"agent:{hand.agent.pk}"])
    return moving.move(actor=hand.supervisor, conversations=chosen, to=to).moved


def hurry(hand: Hand) -> object:
    if waits := hand.one("waiting", "offered"):
        if hand.chance.random() < 0.3:
            ahead.take_back(actor=hand.supervisor, conversation_id=waits)
        else:
            points = hand.chance.randint(1, 5)
            ahead.move(actor=hand.supervisor, conversation_id=waits, points=points, reason="ill")
    return waits


def turn_queue(hand: Hand) -> object:
    """A queue is deleted with the people in it, or made anew."""
    if Queue.objects.filter(key=SIDE_QUEUE).exists():
        return queues.remove(actor=hand.supervisor, key=SIDE_QUEUE, move_to="general")
    return make_side_queue(hand.supervisor)


def make_side_queue(actor: User) -> Queue:
    return routing.put_queue(actor=actor, key=SIDE_QUEUE, settings={"name": "Side", "wrap_up_s": 1})


def leave_or_return(hand: Hand) -> object:
    """An account is switched off in the midst of work; the next time it comes back."""
    agent = hand.people.agents[0]
    active = User.objects.get(pk=agent.pk).is_active
    return User.objects.filter(pk=agent.pk).update(is_active=not active)


def resize(hand: Hand) -> object:
    """An agent's capacity of their own changes, or what a conversation costs."""
    if hand.chance.random() < 0.5:
        costs = hand.chance.choice(COSTS)
        return routing.put_policy(actor=None, data=policy.Policy(costs=costs, breaks=(LUNCH,)))
    agent = hand.agent
    skills = queries.agent_settings(agent.pk).skills
    data = AgentSettings(skills=skills, capacity=hand.chance.choice(CAPACITIES))
    routing.configure_agent(actor=hand.supervisor, agent_id=agent.pk, data=data)
    return True


EVERYTHING: Mapping[Act, int] = {
    write: 8, work: 8, carry: 2, accept: 8, decline: 1, take_over: 4, reply: 4, close: 4,
    snooze: 3, wake: 2, to_agent: 4, to_queue: 2, to_bot: 1, join: 1, stand: 3, move: 3,
    hurry: 1, turn_queue: 1, leave_or_return: 1, resize: 1,
}  # fmt: skip
SERVING: Mapping[Act, int] = {work: 3, accept: 4, close: 4, wake: 2}


@dataclass
class Crowd:
    """All processes, at rest between two plays. `done` counts what they did."""

    seed: int
    people: People
    lines: list[Connection]
    done: Counter[str] = field(default_factory=Counter)
    plays: Iterator[int] = field(default_factory=itertools.count)

    def play(self, acts: Mapping[Act, int], *, steps: int) -> None:
        """Each process acts so many times; returns when all rest. Raises what one of them met."""
        number = next(self.plays)
        names = {act.__name__: weight for act, weight in acts.items()}
        for hand, line in enumerate(self.lines):
            line.send((f"{self.seed} {number} {hand}", names, steps))
        errors = []
        for hand, line in enumerate(self.lines):
            assert line.poll(PATIENCE_S), f"hand {hand} does not come to rest; seed {self.seed}"
            done, error = line.recv()
            self.done.update(done)
            errors += [f"hand {hand}, play {number}, seed {self.seed}:\n{error}"] if error else []
        assert errors == [], "\n".join(errors)


@contextlib.contextmanager
def at_work(seed: int, people: People) -> Iterator[Crowd]:
    """Starts the processes; ends them with the block."""
    world.current()  # made once, before the copies
    connections.close_all()
    pairs = [_FORK.Pipe() for _ in range(HANDS)]
    processes = [
        _FORK.Process(target=_live, args=(number, theirs, people), daemon=True)
        for number, (_, theirs) in enumerate(pairs)
    ]
    for process in processes:
        process.start()
    try:
        yield Crowd(seed, people, [ours for ours, _ in pairs])
    finally:
        for process in processes:
            process.kill()
            process.join()


def _live(number: int, line: Connection, people: People) -> None:
    """A process's life: plays until it is ended."""
    factories._number = itertools.count((number + 1) * 10_000_000)
    hand = Hand(number, people, random.Random())
    with contextlib.suppress(EOFError):
        while True:
            chance, names, steps = line.recv()
            hand.chance, hand.done = random.Random(chance), Counter()
            line.send((hand.done, _play(hand, names, steps)))
    os._exit(0)


def _play(hand: Hand, names: Mapping[str, int], steps: int) -> str:
    """Acts; the words of the error that ended it, if one did."""
    acts = {act.__name__: act for act in EVERYTHING}
    chosen = hand.chance.choices(list(names), list(names.values()), k=steps)
    for name in chosen:
        try:
            outcome = acts[name](hand)
        except (Refused, errors.Overloaded):
            hand.done[f"{name} refused"] += 1
        except BaseException:  # noqa: BLE001 (told to the test)
            return f"{name}: {traceback.format_exc()}"
        else:
            hand.done[name] += bool(outcome)
        if wrong := balance.imbalances():
            return f"after {name}: {wrong}"
    return ""


def everybody_is_there(people: People) -> None:
    """All agents are back at work with room, so that whoever still waits can be served."""
    User.objects.filter(pk__in=[agent.pk for agent in people.agents]).update(is_active=True)
    for agent in people.agents:
        routing.set_presence(actor=agent, agent_id=agent.pk, status="available")
    Presence.objects.filter(agent__in=people.agents).update(capacity=100)
