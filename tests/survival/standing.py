"""What must hold whenever all rest: one place each, within capacity, the first who fit go first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from resmi.channels.models import Delivery, Inbound
from resmi.conversations import balance, departing, router
from resmi.conversations.models import Conversation, Event, Timer
from resmi.engine import chain, events
from resmi.engine import conversation as engine
from resmi.engine.conversation import Conversation as State
from resmi.routing import queries, rules
from resmi.routing import services as routing
from resmi.routing.models import Presence, Queue

HUMAN = ("offered", "assigned", "snoozed")


def check(costs: set[int]) -> None:
    """All of it; `costs` are what conversations may have been charged."""
    wrong = [*_loads(), *_places(costs), *_logs(), *_parked()]
    assert wrong == [], "\n".join(wrong)


def _loads() -> Iterator[str]:
    for imbalance in balance.imbalances():
        yield f"load and charges differ: {imbalance}"
    for presence in Presence.objects.all():
        if presence.load > presence.capacity:
            yield f"over capacity: {presence}"


def _parked() -> Iterator[str]:
    for item in Inbound.objects.filter(status__in=["parked", "unparsed"]):
        yield f"item {item.pk}: {item.error}"


def _places(costs: set[int]) -> Iterator[str]:
    queues = set(Queue.objects.values_list("key", flat=True))
    timers = set(Timer.objects.values_list("conversation_id", "kind"))
    timers |= set(_went_off())
    for row in Conversation.objects.all():
        held = row.status in ("offered", "assigned")
        if (row.agent_id is not None) != held:
            yield f"#{row.pk} is {row.status} with agent {row.agent_id}"
        if row.status == "waiting" and row.waiting_since is None:
            yield f"#{row.pk} waits since never"
        if held and row.charge not in costs:
            yield f"#{row.pk} is charged {row.charge}"
        if row.status in ("waiting", *HUMAN) and row.queue and row.queue not in queues:
            yield f"#{row.pk} is {row.status} in the queue {row.queue}, which is gone"
        if row.status == "offered" and (row.pk, "offer_timeout") not in timers:
            yield f"#{row.pk}: its offer never ends"


def _went_off() -> Iterator[tuple[int, str]]:
    """Timers that are handled soon."""
    for key in Inbound.objects.filter(kind="timer", status="new").values_list("key", flat=True):
        _, conversation, kind, _ = key.split(":", 3)
        yield int(conversation), kind


def _logs() -> Iterator[str]:
    """Each log proves itself, folds to what is stored, and the bot never talks over a person."""
    rows = {row.pk: row for row in Conversation.objects.all()}
    logs: dict[int, list[events.Event]] = {number: [] for number in rows}
    for one in Event.objects.order_by("conversation_id", "seq"):
        logs[one.conversation_id].append(_event(one))
    for number, log in logs.items():
        if chain.first_break(log) is not None:
            yield f"#{number}: the chain is broken"
        state = State(id=number)
        for event in log:
            if event.actor.kind == "bot" and state.status in HUMAN and _speaks(event):
                yield f"#{number}/{event.seq}: the bot talks while it is {state.status}"
            state = engine.apply(state, event)
        row = rows[number]
        stored = msgspec.json.decode(bytes(row.state), type=State)
        columns = (row.status, row.queue, str(row.agent_id or ""), row.seq)
        if stored != state or columns != (state.status, state.queue, state.agent, state.seq):
            yield f"#{number}: stored {columns}, folded {state}"
    under_way = Delivery.objects.filter(author="bot", status__in=["queued", "sending"])
    for delivery in under_way.filter(conversation__in=_held_ids(rows)):
        yield f"#{delivery.conversation}: a message of the bot is {delivery.status}"


def _held_ids(rows: dict[int, Conversation]) -> list[int]:
    return [number for number, row in rows.items() if row.status == "assigned"]


def _speaks(event: events.Event) -> bool:
    return isinstance(event.data, events.MessageCreated)


def _event(row: Event) -> events.Event:
    return events.Event(
        conversation=row.conversation_id,
        seq=row.seq,
        at=row.at,
        actor=msgspec.convert(row.actor, events.Actor),
        data=events.decode_payload(msgspec.json.encode(row.data)),
        hash=bytes(row.hash),
    )


def check_a_pass() -> int:
    """One pass while all rest serves the first who fit and leaves no place empty; offers made."""
    queries.forget()
    routing.retire_unseen()
    routing.end_wrap_ups()
    departing.return_held()
    router._withdraw_abandoned()
    settings, now = queries.in_force(), datetime.now(UTC)
    line = [one.item for one in router._waiting(settings, now)]
    agents = {agent.id: agent for agent in queries.available(queries.agents())}
    offered = router.run_pass()
    after = dict(Conversation.objects.filter(status="offered").values_list("pk", "agent_id"))
    room = {name: agent.capacity - agent.load for name, agent in agents.items()}
    for item in sorted(line, key=rules.rank):
        fitting = {agent.id for _, agent in rules.fit(item, list(agents.values()))}
        if (taker := after.get(item.conversation)) is not None:
            assert str(taker) in fitting, f"#{item.conversation} does not fit {taker}"
            room[str(taker)] -= item.cost
            continue
        passed = [name for name in fitting if room[name] >= item.cost]
        assert passed == [], f"#{item.conversation} waits though {passed} had room for it"
    assert min(room.values(), default=0) >= 0
    return offered
