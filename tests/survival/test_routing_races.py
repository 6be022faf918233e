"""Order, take-over and capacity under real concurrency: many connections, one PostgreSQL."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections

from resmi.agency.models import User
from resmi.channels.models import Delivery, Inbound
from resmi.conversations import balance, router, services, team, worker
from resmi.conversations.models import Conversation, Event
from resmi.engine.address import Address
from resmi.engine.lifecycle import Refused
from resmi.routing import policy, queries
from resmi.routing import services as routing
from resmi.routing.models import Presence, Queue
from tests.conversations import factories
from tests.conversations.factories import citizen_says, wire, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def _staffed() -> Iterator[None]:
    factories.channel()
    factories.queues()
    return


def in_threads(count: int, action: Callable[[int], None]) -> None:
    """Runs `action(n)` in threads with a connection each; the first error fails the test."""
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            action(number)
        except BaseException as error:  # noqa: BLE001 (shown by the caller)
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def person(number: int) -> Address:
    return Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}", phone=f"62{number}")


def test_twenty_messages_of_one_citizen_keep_their_order_over_eight_workers() -> None:
    stop = threading.Event()
    said = [f"pesan {number}" for number in range(20)]

    def act(number: int) -> None:
        if number < 8:
            worker.run(stop)
            return
        for text in said:
            wire(text)
            wire("halo", sender=person(random.randrange(30)))
        while Inbound.objects.filter(status="new").exists():
            stop.wait(0.05)
        stop.set()

    in_threads(9, act)
    mine = Event.objects.filter(
        conversation__identity__user_id="ID.1", type="message_received"
    ).order_by("conversation_id", "seq")
    bodies = [event.data["content"].get("body") for event in mine]
    assert [body for body in bodies if body in said] == said
    assert not Inbound.objects.exclude(status="done").exists()


def test_after_a_take_over_commits_the_bot_writes_nothing_more() -> None:
    sari = factories.agent()
    stop = threading.Event()
    conversation = citizen_says("halo")
    last_bot_event: list[int] = []

    def act(number: int) -> None:
        if number == 0:
            worker.run(stop)
        elif number == 1:
            for _ in range(60):
                wire("menu")
        else:
            stop.wait(0.15)
            services.take_over(actor=sari, conversation_id=conversation.pk)
            last_bot_event.append(Event.objects.filter(conversation=conversation).latest("seq").seq)
            while Inbound.objects.filter(status="new").exists():
                stop.wait(0.05)
            stop.set()

    in_threads(3, act)
    later = Event.objects.filter(conversation=conversation, seq__gt=last_bot_event[0])
    assert not later.filter(actor__kind="bot").exists()
    live = Delivery.objects.filter(conversation=conversation.pk, author="bot")
    assert not live.filter(status__in=["queued", "sending"]).exists()


def test_200_arrivals_never_load_ten_agents_over_their_capacity() -> None:
    factories.channel(address="1002"), factories.channel(address="1003")
    agents = [factories.agent(f"Agent{number}") for number in range(10)]
    for number in range(200):
        wire("agent", sender=person(number))
    work()
    assert Conversation.objects.filter(status="waiting").count() == 200

    def act(number: int) -> None:
        chance = random.Random(number)
        if number < 3:
            for _ in range(4):
                router.run_pass()
            return
        for _ in range(25):
            agent = chance.choice(agents)
            wanted = chance.choice(waiting)
            with contextlib.suppress(Refused):
                services.take_over(actor=agent, conversation_id=wanted)

    waiting = list(Conversation.objects.values_list("pk", flat=True))
    in_threads(8, act)
    router.run_pass()
    held = Counter(
        Conversation.objects.filter(status__in=["offered", "assigned"]).values_list(
            "agent_id", flat=True
        )
    )
    assert set(held.values()) == {4}
    assert len(held) == 10
    loads = set(Presence.objects.values_list("load", flat=True))
    assert loads == {100}


def test_each_freed_place_pulls_the_oldest_waiting() -> None:
    sari = factories.agent()
    conversations = []
    for number in range(12):
        conversations.append(citizen_says("agent", sender=person(number)).pk)
    served: list[int] = []
    reason = factories.pack().wrap_up[0].key
    while len(served) < 12:
        router.run_pass()
        for offered in Conversation.objects.filter(status="offered").order_by("id"):
            services.accept_offer(actor=sari, conversation_id=offered.pk)
            served.append(offered.pk)
        oldest_held = Conversation.objects.filter(status="assigned").order_by("id").first()
        assert oldest_held is not None
        services.close(actor=sari, conversation_id=oldest_held.pk, reason=reason)
    assert served == conversations


def test_two_agents_racing_for_one_conversation_leave_one_holder_and_one_charge() -> None:
    sari, dewi = factories.agent("Sari"), factories.agent("Dewi")
    conversation = citizen_says("halo")

    def act(number: int) -> None:
        services.take_over(actor=(sari, dewi)[number], conversation_id=conversation.pk)

    in_threads(2, act)
    conversation.refresh_from_db()
    loads = dict(Presence.objects.values_list("agent_id", "load"))
    assert loads[conversation.agent_id] == 25
    assert sum(loads.values()) == 25


def test_a_worker_that_dies_hands_its_partitions_over_at_once() -> None:
    first, second = worker.Worker(), worker.Worker()
    first._rebalance()
    assert len(first.held) == 64

    def other(_: int) -> None:
        second._rebalance()
        assert second.held == set()

    in_threads(1, other)
    connection.close()

    def heir(_: int) -> None:
        second.present = False
        second._rebalance()
        assert len(second.held) == 64

    in_threads(1, heir)


def in_one_place(row: Conversation) -> bool:
    """Waiting in a queue, or with exactly one agent, or with neither; never both."""
    held = row.status in ("offered", "assigned")
    return (row.agent_id is not None) == held and (row.waiting_since is not None) >= (
        row.status == "waiting"
    )


def test_eight_hands_at_everything_keep_each_citizen_in_one_place_and_loads_in_balance() -> None:
    Queue.objects.filter(key="general").update(wrap_up_s=1)
    queries.forget()
    agents = [factories.agent(f"Agent{number}") for number in range(10)]
    for number in range(200):
        wire("agent", sender=person(number))
    work()
    ids = list(Conversation.objects.order_by("id").values_list("pk", flat=True))
    reason = factories.pack().wrap_up[0].key

    def act(number: int) -> None:
        chance = random.Random(number)
        for turn in range(30):
            if number == 0 and turn % 5 == 0:  # charges of three sizes live side by side
                costs = {"whatsapp": (10, 25, 100)[turn // 5 % 3]}
                routing.put_policy(actor=None, data=policy.Policy(costs=costs))
            with contextlib.suppress(Refused):
                _one_act(chance, ids, agents, reason)
            assert not balance.imbalances()

    in_threads(8, act)
    assert not balance.imbalances()
    rows = list(Conversation.objects.filter(pk__in=ids))
    assert [row.pk for row in rows if not in_one_place(row)] == []
    assert not [p for p in Presence.objects.all() if p.load > p.capacity]


def _one_act(chance: random.Random, ids: list[int], agents: list[User], reason: str) -> None:
    agent, other, wanted = chance.choice(agents), chance.choice(agents), chance.choice(ids)
    mine = Conversation.objects.filter(agent=agent, status="assigned").first()
    asked = Conversation.objects.filter(agent=agent, status="offered").first()
    match chance.randrange(9):
        case 0 | 1:
            router.run_pass()
        case 2:
            services.take_over(actor=agent, conversation_id=wanted)
        case 3 if asked:
            services.accept_offer(actor=agent, conversation_id=asked.pk)
        case 4 if mine:
            team.snooze(actor=agent, conversation_id=mine.pk)
        case 5:
            team.wake(actor=agent, conversation_id=wanted)
        case 6 if mine:
            services.transfer_to_agent(actor=agent, conversation_id=mine.pk, agent_id=other.pk)
        case 7 if mine:
            services.close(actor=agent, conversation_id=mine.pk, reason=reason)
        case _:
            team.join(actor=other, conversation_id=wanted, agent_id=other.pk)


def test_a_load_that_is_wrong_is_found_and_mended() -> None:
    sari = factories.agent()
    conversation = citizen_says("halo")
    services.take_over(actor=sari, conversation_id=conversation.pk)
    Presence.objects.filter(agent=sari).update(load=75)
    assert balance.imbalances() == [(sari.pk, 75, 25)]
    assert balance.repair() == [(sari.pk, 75, 25)]
    assert Presence.objects.get(agent=sari).load == 25
    assert balance.repair() == []
