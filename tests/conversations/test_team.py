from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from resmi.agency.models import AuditEntry, User
from resmi.channels.models import Delivery
from resmi.conversations import queries, router, services, team
from resmi.conversations.models import Conversation
from resmi.engine.content import Text
from resmi.engine.lifecycle import Refused
from resmi.routing import errors, policy
from resmi.routing import queries as routing_queries
from resmi.routing import services as routing
from resmi.routing.models import Handled, Presence, PresenceSpan, Queue, WrapUpTime
from tests.conversations import factories
from tests.conversations.factories import citizen_says

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _staffed() -> None:
    factories.channel()
    factories.queues()
    routing_queries.forget()


@pytest.fixture
def sari() -> User:
    return factories.agent("Sari")


def load(agent: User) -> int:
    return Presence.objects.get(agent=agent).load


def now(conversation: Conversation) -> Conversation:
    conversation.refresh_from_db()
    return conversation


def talk(number: int, said: str = "agent") -> Conversation:
    person = factories.Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}")
    return citizen_says(said, sender=person)


def held(agent: User, number: int = 1) -> Conversation:
    conversation = talk(number)
    services.take_over(actor=agent, conversation_id=conversation.pk)
    return now(conversation)


def configure(key: str, **settings: object) -> None:
    Queue.objects.filter(key=key).update(**settings)
    routing_queries.forget()


def test_laying_aside_frees_the_agent_and_a_reply_brings_it_back_to_them(sari: User) -> None:
    factories.agent("Dewi")
    conversation = held(sari)
    team.snooze(actor=sari, conversation_id=conversation.pk, note="bukti")
    assert (now(conversation).status, load(sari)) == ("snoozed", 0)
    talk(1, "ini buktinya")
    router.run_pass()
    assert (now(conversation).status, conversation.agent_id) == ("offered", sari.pk)


def test_a_message_is_taken_back_before_it_leaves_and_never_after(sari: User) -> None:
    conversation, begin = held(sari), datetime.now(UTC)
    seq = services.reply(
        actor=sari, conversation_id=conversation.pk, content=Text("salah"), hold_s=5
    )
    delivery = Delivery.objects.get(ref=f"{conversation.pk}.{seq}.1")
    assert delivery.not_before >= begin + timedelta(seconds=5)
    assert not delivery.gives_way
    team.withdraw(actor=sari, conversation_id=conversation.pk, seq=seq)
    delivery.refresh_from_db()
    assert delivery.status == "cancelled"
    with pytest.raises(Refused) as refused, transaction.atomic():
        team.withdraw(actor=sari, conversation_id=conversation.pk, seq=seq)
    assert refused.value.code == "sent"


def test_nobody_takes_back_a_colleagues_message(sari: User) -> None:
    conversation = held(sari)
    seq = services.reply(
        actor=sari, conversation_id=conversation.pk, content=Text("halo"), hold_s=5
    )
    with pytest.raises(Refused) as refused:
        team.withdraw(actor=factories.agent("Dewi"), conversation_id=conversation.pk, seq=seq)
    assert refused.value.code == "not_yours"


def test_costs_that_change_meanwhile_never_leave_load_behind(sari: User) -> None:
    conversation = held(sari)
    routing.put_policy(actor=sari, data=policy.Policy(costs={"whatsapp": 50}))
    routing_queries.forget()
    other = held(sari, 2)
    assert load(sari) == 75
    for one in (conversation, other):
        services.close(actor=sari, conversation_id=one.pk, reason=reason())
    assert load(sari) == 0


def reason() -> str:
    return factories.pack().wrap_up[0].key


def test_wrap_up_time_keeps_the_place_until_it_is_over_or_ended(sari: User) -> None:
    configure("general", wrap_up_s=60)
    conversation = held(sari)
    services.close(actor=sari, conversation_id=conversation.pk, reason=reason())
    router.run_pass()
    assert load(sari) == 25
    WrapUpTime.objects.update(until=datetime.now(UTC) - timedelta(seconds=1))
    router.run_pass()
    assert load(sari) == 0


def test_a_wait_that_lasts_overflows_to_the_agents_behind() -> None:
    configure("general", skills=["general"], overflow_to="reports", overflow_after_s=60)
    configure("reports", skills=[])
    behind = factories.agent("Dewi")
    routing.set_queues(actor=None, agent_id=behind.pk, queues=["reports"])
    conversation = talk(1)
    router.run_pass()
    assert now(conversation).status == "waiting"
    Conversation.objects.update(waiting_since=datetime.now(UTC) - timedelta(seconds=61))
    router.run_pass()
    assert (now(conversation).status, conversation.agent_id) == ("offered", behind.pk)


def test_a_citizen_who_comes_back_is_offered_to_the_agent_they_know(sari: User) -> None:
    factories.agent("Dewi")
    first = held(sari)
    services.close(actor=sari, conversation_id=first.pk, reason=reason())
    second = talk(1)
    router.run_pass()
    assert (now(second).status, second.agent_id) == ("offered", sari.pk)


def test_a_tagged_contact_goes_ahead(sari: User) -> None:
    Presence.objects.update(capacity=25)
    rule = policy.PriorityRule(key="v", name="Vulnerable", points=50, flags=("vulnerable",))
    routing.put_policy(actor=sari, data=policy.Policy(priorities=(rule,)))
    routing_queries.forget()
    first, second = talk(1), talk(2)
    second.contact.tags = ["vulnerable"]
    second.contact.save()
    router.run_pass()
    assert (now(first).status, now(second).status) == ("waiting", "offered")


def test_outside_their_shift_an_agent_is_offered_nothing(sari: User) -> None:
    today = datetime.now(UTC).astimezone().weekday()
    routing.set_shifts(actor=None, agent_id=sari.pk, shifts=[((today + 3) % 7, 0, 1440)])
    conversation = talk(1)
    router.run_pass()
    assert now(conversation).status == "waiting"


def test_estimates_come_from_measured_time_once_ten_are_known(sari: User) -> None:
    fact = routing_queries.queues()["general"]
    assert routing_queries.handle_s(fact) == fact.handle_s
    for number in range(10):
        Handled.objects.create(
            queue="general", agent=sari, conversation=number, contact=number, kind="whatsapp",
            wait_s=1, handle_s=100 + number, at=datetime.now(UTC),
        )  # fmt: skip
    assert routing_queries.handle_s(fact) == 104


def test_a_break_has_a_reason_and_every_span_is_kept(sari: User) -> None:
    lunch = policy.Break(key="lunch", name={"en": "Lunch"}, most_s=1800)
    routing.put_policy(actor=sari, data=policy.Policy(breaks=(lunch,)))
    routing_queries.forget()
    routing.set_presence(actor=sari, agent_id=sari.pk, status="away", reason="lunch")
    routing.set_presence(actor=sari, agent_id=sari.pk, status="available")
    spans = PresenceSpan.objects.filter(agent=sari).order_by("since")
    assert [(span.status, span.reason) for span in spans][-2:] == [
        ("away", "lunch"),
        ("available", ""),
    ]
    assert spans.filter(until=None).count() == 1
    with pytest.raises(ValueError, match="no break"):
        routing.set_presence(actor=sari, agent_id=sari.pk, status="away", reason="golf")


def test_a_policy_with_mistakes_changes_nothing_and_names_them(sari: User) -> None:
    with pytest.raises(errors.BadPolicy) as refused:
        routing.put_policy(actor=sari, data=policy.Policy(costs={"chat": 0}))
    assert refused.value.problems == (policy.Problem("cost", "chat"),)
    assert not AuditEntry.objects.filter(action="routing_policy_changed").exists()


def test_a_mention_reaches_the_colleague_and_stands_in_the_note(sari: User) -> None:
    dewi = factories.agent("Dewi")
    conversation = held(sari)
    services.add_note(
        actor=sari, conversation_id=conversation.pk, body="@Dewi tolong", mentions=[dewi.pk]
    )
    note = next(line for line in queries.thread(conversation.pk) if line.type == "note_added")
    assert note.payload.mentions == (str(dewi.pk),)


def test_who_comes_back_while_the_unseen_are_retired_stays_available(
    sari: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Presence.objects.filter(agent=sari).update(seen_at=datetime.now(UTC) - timedelta(minutes=5))
    hold = routing.hold

    def returned(agents: list[int]) -> None:
        routing.set_presence(actor=sari, agent_id=sari.pk, status="available")
        hold(agents)

    monkeypatch.setattr(routing, "hold", returned)
    routing.retire_unseen()
    assert Presence.objects.get(agent=sari).status == "available"


def test_who_was_given_another_role_is_offered_nothing_though_still_available(sari: User) -> None:
    conversation = talk(1, "agent")
    User.objects.filter(pk=sari.pk).update(role="editor")
    router.run_pass()
    router.run_pass()
    said = Delivery.objects.filter(conversation=conversation.pk).count()
    router.run_pass()
    conversation.refresh_from_db()
    assert conversation.status == "waiting"
    assert Delivery.objects.filter(conversation=conversation.pk).count() == said


def test_a_rule_of_words_and_a_tag_counts_where_both_are_there(sari: User) -> None:
    rule = policy.PriorityRule(
        key="old", name="Old and paid", points=90, words=("transfer",), flags=("old",)
    )
    routing.put_policy(actor=sari, data=policy.Policy(priorities=(rule,)))
    routing_queries.forget()
    Presence.objects.filter(agent=sari).update(load=100)
    first, tagged, both = talk(1), talk(2), talk(3)
    for number in (1, 3):
        talk(number, "saya sudah transfer")
    for one in (tagged, both):
        one.contact.tags = ["old"]
        one.contact.save()
    Presence.objects.filter(agent=sari).update(load=75)
    router.run_pass()
    assert [now(one).status for one in (first, tagged, both)] == ["waiting", "waiting", "offered"]
