from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from resmi.agency.models import User
from resmi.channels.models import Delivery
from resmi.conversations import queries, router, services
from resmi.conversations.models import Conversation
from resmi.engine.content import Text
from resmi.engine.lifecycle import Refused
from resmi.routing import services as routing
from resmi.routing.models import Presence
from tests.conversations import factories
from tests.conversations.factories import citizen_says

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _staffed() -> Iterator[None]:
    factories.channel()
    factories.queues()
    return


@pytest.fixture
def sari() -> User:
    return factories.agent("Sari")


def load(agent: User) -> int:
    return Presence.objects.get(agent=agent).load


def status(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return conversation.status


def offered_to(agent: User) -> Conversation:
    conversation = citizen_says("agent")
    router.run_pass()
    conversation.refresh_from_db()
    assert conversation.agent_id == agent.pk
    return conversation


def test_a_waiting_citizen_is_offered_to_an_available_agent_and_charged(sari: User) -> None:
    conversation = offered_to(sari)
    assert conversation.status == "offered"
    assert load(sari) == 25
    assert [row.id for row in queries.around(sari.pk).offers] == [conversation.pk]


def test_accepting_keeps_the_charge_and_closing_gives_it_back(sari: User) -> None:
    conversation = offered_to(sari)
    services.accept_offer(actor=sari, conversation_id=conversation.pk)
    assert (status(conversation), load(sari)) == ("assigned", 25)
    services.close(actor=sari, conversation_id=conversation.pk, reason=a_reason())
    assert (status(conversation), load(sari)) == ("closed", 0)


def a_reason() -> str:
    return factories.pack().wrap_up[0].key


def test_an_agent_never_holds_more_than_four_chats(sari: User) -> None:
    from_bot = [talk(number) for number in range(5)]
    for conversation in from_bot[:4]:
        services.take_over(actor=sari, conversation_id=conversation.pk)
    with pytest.raises(Refused) as refused:
        services.take_over(actor=sari, conversation_id=from_bot[4].pk)
    assert refused.value.code == "at_capacity"
    assert status(from_bot[4]) == "bot"
    assert load(sari) == 100


def talk(number: int, said: str = "halo") -> Conversation:
    person = factories.Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}")
    return citizen_says(said, sender=person)


def test_nobody_available_means_the_citizen_hears_their_position_once() -> None:
    conversation = citizen_says("agent")
    router.run_pass()
    router.run_pass()
    told = [line for line in queries.thread(conversation.pk) if line.type == "position_told"]
    assert len(told) == 1


def test_positions_are_counted_in_the_order_of_service() -> None:
    first, second = talk(1, "agent"), talk(2, "agent")
    router.run_pass()

    def position(conversation: Conversation) -> int:
        lines = queries.thread(conversation.pk)
        return next(line.payload.position for line in lines if line.type == "position_told")

    assert (position(first), position(second)) == (1, 2)


def test_a_freed_place_goes_to_the_longest_waiting(sari: User) -> None:
    held = [talk(number) for number in range(4)]
    for conversation in held:
        services.take_over(actor=sari, conversation_id=conversation.pk)
    oldest, younger = talk(10, "agent"), talk(11, "agent")
    router.run_pass()
    services.close(actor=sari, conversation_id=held[0].pk, reason=a_reason())
    router.run_pass()
    assert (status(oldest), status(younger)) == ("offered", "waiting")


def test_a_declined_offer_goes_to_the_next_agent(sari: User) -> None:
    conversation = offered_to(sari)
    dewi = factories.agent("Dewi")
    services.decline_offer(actor=sari, conversation_id=conversation.pk)
    router.run_pass()
    conversation.refresh_from_db()
    assert conversation.agent_id == dewi.pk
    assert (load(sari), load(dewi)) == (0, 25)


def test_an_offer_to_someone_who_went_away_passes_on(sari: User) -> None:
    conversation = offered_to(sari)
    routing.set_presence(actor=sari, agent_id=sari.pk, status="away")
    router.run_pass()
    assert status(conversation) == "waiting"
    assert load(sari) == 0


def test_an_agent_whose_desk_is_closed_goes_offline(sari: User) -> None:
    Presence.objects.update(seen_at=datetime.now(UTC) - timedelta(minutes=5))
    conversation = citizen_says("agent")
    router.run_pass()
    assert status(conversation) == "waiting"
    assert Presence.objects.get().status == "offline"


def test_an_agent_who_comes_back_in_that_moment_stays(
    sari: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Presence.objects.update(seen_at=datetime.now(UTC) - timedelta(minutes=5))
    monkeypatch.setattr(routing, "hold", lambda _agents: routing.seen(sari.pk))
    assert routing.retire_unseen() == 0
    assert Presence.objects.get().status == "available"


def test_two_missed_offers_in_a_row_set_the_agent_away(sari: User) -> None:
    for _ in range(2):
        routing.record_missed_offer(sari.pk)
    assert Presence.objects.get().status == "away"


def test_taking_over_takes_back_what_the_bot_had_not_sent(sari: User) -> None:
    conversation = citizen_says("halo")
    services.take_over(actor=sari, conversation_id=conversation.pk)
    bots = Delivery.objects.filter(conversation=conversation.pk, author="bot")
    assert set(bots.values_list("status", flat=True)) == {"cancelled"}


def test_taking_over_from_a_colleague_moves_the_charge(sari: User) -> None:
    conversation = offered_to(sari)
    services.accept_offer(actor=sari, conversation_id=conversation.pk)
    dewi = factories.agent("Dewi")
    services.take_over(actor=dewi, conversation_id=conversation.pk)
    assert (load(sari), load(dewi)) == (0, 25)


def test_a_colleague_without_room_cannot_be_handed_more(sari: User) -> None:
    dewi = factories.agent("Dewi")
    Presence.objects.filter(agent=dewi).update(load=100)
    conversation = citizen_says("halo")
    services.take_over(actor=sari, conversation_id=conversation.pk)
    with pytest.raises(Refused, match="Dewi"):
        services.transfer_to_agent(actor=sari, conversation_id=conversation.pk, agent_id=dewi.pk)
    assert load(sari) == 25


def test_a_transfer_to_a_queue_waits_there(sari: User) -> None:
    conversation = citizen_says("halo")
    services.take_over(actor=sari, conversation_id=conversation.pk)
    queue = factories.pack().queues[0].key
    services.transfer_to_queue(actor=sari, conversation_id=conversation.pk, queue=queue)
    assert [row.id for row in queries.waiting(queue)] == [conversation.pk]
    assert load(sari) == 0


def test_a_queue_that_is_gone_is_refused(sari: User) -> None:
    conversation = citizen_says("halo")
    with pytest.raises(Refused, match="choose another"):
        services.transfer_to_queue(actor=sari, conversation_id=conversation.pk, queue="gone")


def test_an_empty_reply_is_refused(sari: User) -> None:
    conversation = citizen_says("halo")
    services.take_over(actor=sari, conversation_id=conversation.pk)
    with pytest.raises(Refused, match="Write something"):
        services.reply(actor=sari, conversation_id=conversation.pk, content=Text("  "))


def test_a_conversation_that_does_not_exist_is_refused(sari: User) -> None:
    with pytest.raises(Refused, match="does not exist"):
        services.take_over(actor=sari, conversation_id=999_999)


def test_a_wrap_up_reason_must_be_chosen(sari: User) -> None:
    conversation = citizen_says("halo")
    with pytest.raises(Refused, match="wrap-up"):
        services.close(actor=sari, conversation_id=conversation.pk, reason="")


def test_a_verdict_is_looked_up_noted_and_sent_in_the_citizens_language(sari: User) -> None:
    conversation = citizen_says("halo")
    services.take_over(actor=sari, conversation_id=conversation.pk)
    verdicts = services.verify(
        actor=sari, conversation_id=conversation.pk, query="Entah Siapa Makmur"
    )
    assert [verdict.status for verdict in verdicts] == ["unknown"]
    services.send_verdict(actor=sari, conversation_id=conversation.pk, verdict=verdicts[0])
    last = Delivery.objects.filter(conversation=conversation.pk, author="agent").latest("id")
    assert b"Entah Siapa Makmur" in bytes(last.content)


def test_the_floor_counts_what_the_lists_show(sari: User) -> None:
    talk(1), talk(2, "agent")
    router.run_pass()
    talk(3, "agent")
    services.take_over(actor=sari, conversation_id=talk(4).pk)
    floor = queries.floor()
    assert sum(queue.waiting for queue in floor.queues) == len(queries.waiting())
    assert floor.bot_talking == len(queries.bot_talking())
    around = queries.around(sari.pk)
    assert sum(len(agent.conversations) for agent in floor.agents) == len(around.mine) + len(
        around.offers
    )


def test_the_floor_takes_five_queries_however_busy(sari: User, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(6):
        talk(number, "agent")
    router.run_pass()
    with django_assert_num_queries(5):
        queries.floor()


def test_lists_take_one_query_each(sari: User, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(6):
        talk(number)
    with django_assert_num_queries(3):
        queries.around(sari.pk)
        queries.bot_talking()
        queries.waiting()
