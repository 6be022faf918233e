from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from django.db import transaction

from resmi.agency.models import AuditEntry, User
from resmi.channels.models import Delivery
from resmi.conversations import (
    queues,
    router,
    services,
    stimuli,
    team,
    turn,
    visibility,
    worker,
)
from resmi.conversations.building import World
from resmi.conversations.models import Conversation, Event, Timer
from resmi.conversations.queries import floors
from resmi.engine import content
from resmi.engine.conversation import Conversation as State
from resmi.engine.lifecycle import Refused
from resmi.operations import measuring
from resmi.routing import policy
from resmi.routing import queries as routing_queries
from resmi.routing import services as routing
from resmi.routing.models import Presence, Queue
from tests.conversations import factories
from tests.conversations.factories import citizen_says

pytestmark = pytest.mark.django_db
CALL = content.Choice("queue:call", "Call me back")


@pytest.fixture(autouse=True)
def _staffed() -> None:
    factories.channel()
    factories.queues()
    routing_queries.forget()


@pytest.fixture
def sari() -> User:
    return factories.agent("Sari")


def configure(key: str, **settings: object) -> None:
    Queue.objects.filter(key=key).update(**settings)
    routing_queries.forget()


def talk(number: int, said: content.Inbound | str = "agent") -> Conversation:
    person = factories.Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}")
    return citizen_says(said, sender=person)


def state(conversation: Conversation) -> State:
    conversation.refresh_from_db()
    return msgspec.json.decode(bytes(conversation.state), type=State)


def said_to(conversation: Conversation) -> list[content.Outbound]:
    rows = Delivery.objects.filter(conversation=conversation.pk).order_by("id")
    return [content.decode_outbound(bytes(row.content)) for row in rows]


def words_to(conversation: Conversation) -> str:
    last = said_to(conversation)[-1]
    return getattr(last, "body", "")


def kinds(conversation: Conversation) -> list[str]:
    rows = Event.objects.filter(conversation=conversation).order_by("seq")
    return [event.type for event in rows]


def full() -> User:
    """An agent with no place left, so that others wait and the wait can be estimated."""
    agent = factories.agent("Dewi")
    Presence.objects.filter(agent=agent).update(load=100)
    return agent


def asked_to_choose(number: int = 1) -> Conversation:
    configure("general", callback_after_s=60)
    full()
    conversation = talk(number)
    router.run_pass()
    return conversation


def test_a_long_wait_brings_the_choice_not_to_wait() -> None:
    conversation = asked_to_choose()
    question = said_to(conversation)[-1]
    assert isinstance(question, content.Choices)
    assert [o.id for o in question.options] == ["queue:message", "queue:call", "queue:wait"]


def test_a_short_wait_only_tells_the_place() -> None:
    configure("general", callback_after_s=36_000)
    full()
    conversation = talk(1)
    router.run_pass()
    assert isinstance(said_to(conversation)[-1], content.Text)


def test_who_wants_a_call_hears_no_more_places_and_no_promise_runs() -> None:
    conversation = asked_to_choose()
    assert Timer.objects.filter(conversation=conversation, kind="sla").exists()
    talk(1, CALL)
    assert state(conversation).callback == "call"
    assert "We will call you" in words_to(conversation)
    assert not Timer.objects.filter(conversation=conversation, kind="sla").exists()
    before = len(said_to(conversation))
    router.run_pass()
    assert len(said_to(conversation)) == before


def test_who_wants_a_call_is_not_late_on_the_floor() -> None:
    conversation = asked_to_choose()
    Conversation.objects.filter(pk=conversation.pk).update(
        waiting_since=datetime.now(UTC) - timedelta(hours=1)
    )
    assert [queue.late for queue in floors.floor().queues if queue.key == "general"] == [1]
    talk(1, CALL)
    Conversation.objects.filter(pk=conversation.pk).update(
        waiting_since=datetime.now(UTC) - timedelta(hours=1)
    )
    assert [queue.late for queue in floors.floor().queues if queue.key == "general"] == [0]


def test_who_wants_a_call_makes_no_alarm_of_the_wait() -> None:
    conversation = asked_to_choose()
    assert measuring.measure().queues[0].oldest_s is not None
    talk(1, CALL)
    assert state(conversation).callback == "call"
    assert all(queue.oldest_s is None for queue in measuring.measure().queues)


@pytest.mark.parametrize(
    ("typed", "how"), [("1", "message"), ("call me back", "call"), ("3", ""), ("4", "")]
)
def test_a_typed_number_or_title_decides_too(typed: str, how: str) -> None:
    conversation = asked_to_choose()
    talk(1, typed)
    assert state(conversation).callback == how


def test_a_number_typed_when_nothing_was_asked_is_for_the_agent() -> None:
    conversation = talk(1)
    talk(1, "1")
    assert state(conversation).callback == ""


def test_live_citizens_go_first_and_the_call_back_is_answered_and_closed(sari: User) -> None:
    Presence.objects.filter(agent=sari).update(capacity=25)
    configure("general", callback_after_s=60)
    Presence.objects.filter(agent=sari).update(load=25)
    later = talk(1)
    router.run_pass()
    talk(1, CALL)
    live = talk(2)
    Presence.objects.filter(agent=sari).update(load=0)
    router.run_pass()
    assert (state(live).status, state(later).status) == ("offered", "waiting")
    services.accept_offer(actor=sari, conversation_id=live.pk)
    reason = factories.pack().wrap_up[0].key
    services.close(actor=sari, conversation_id=live.pk, reason=reason)
    router.run_pass()
    services.accept_offer(actor=sari, conversation_id=later.pk)
    team.called_back(actor=sari, conversation_id=later.pk, reached=False)
    assert state(later).callback == "call"
    team.called_back(actor=sari, conversation_id=later.pk, reached=True)
    assert state(later).callback == ""
    assert "We called you back" in words_to(later)
    with pytest.raises(Refused):
        team.called_back(actor=sari, conversation_id=later.pk, reached=True)


def test_a_message_left_is_done_once_an_agent_answers(sari: User) -> None:
    configure("general", callback_after_s=60)
    Presence.objects.filter(agent=sari).update(load=100)
    conversation = talk(1)
    router.run_pass()
    talk(1, content.Choice("queue:message", "Leave a message"))
    Presence.objects.filter(agent=sari).update(load=0)
    services.take_over(actor=sari, conversation_id=conversation.pk)
    services.reply(actor=sari, conversation_id=conversation.pk, content=content.Text("Halo"))
    assert state(conversation).callback == ""


@pytest.mark.parametrize("asked", ["berapa lama lagi?", "how long", "얼마나 걸려요?"])
def test_who_asks_how_long_hears_the_current_place(asked: str) -> None:
    full()
    conversation = talk(1)
    router.run_pass()
    before = len(said_to(conversation))
    talk(1, asked)
    router.run_pass()
    assert len(said_to(conversation)) == before + 1
    assert "place_asked" in kinds(conversation)
    router.run_pass()
    assert len(said_to(conversation)) == before + 1


def papua(**queue: object) -> World:
    """General questions answered in Papua, where the office is closed all of January."""
    days = [f"2026-01-{day:02}" for day in range(1, 32)]
    region = policy.Region(
        key="papua",
        name="Papua",
        time_zone="Asia/Jayapura",
        weekly=(("08:00-16:00",),) * 7,
        holidays=tuple(policy.Holiday(date=day, name="Tutup") for day in days),
    )
    fact = policy.QueueFacts(key="general", name="General", **queue)  # type: ignore[arg-type]
    return World(
        pack=factories.pack(),
        index=factories.index(),
        routing=policy.Policy(regions=(region,)),
        queues={"general": fact},
    )


@pytest.mark.parametrize(
    ("queue", "words"),
    [
        ({"region": "papua"}, "They are back on Sunday, 1 February, at 06:00"),
        ({"closed": True}, "off duty now."),
    ],
)
def test_a_queue_that_is_shut_says_when_it_opens_instead_of_a_place(
    queue: dict[str, object], words: str
) -> None:
    start, world = State(id=1), papua(**queue)
    taken = turn.take(start, (factories.message("agent"),), factories.line(), world, factories.OPEN)
    assert words in str(taken.deliveries[-1].content)
    told = turn.take(
        taken.conversation,
        (stimuli.TellPosition(1, -1),),
        factories.line(),
        world,
        factories.OPEN,
    )
    assert (told.deliveries, told.conversation.position) == ((), 1)


def test_a_queue_goes_only_when_another_takes_its_people(sari: User) -> None:
    routing.put_queue(actor=None, key="loans", settings={"name": "Loans"})
    conversation = talk(1)
    services.transfer_to_queue(actor=sari, conversation_id=conversation.pk, queue="loans")
    since = state(conversation).waiting_since
    with pytest.raises(Refused) as refused:
        queues.remove(actor=sari, key="loans")
    assert refused.value.code == "people_wait"
    assert queues.remove(actor=sari, key="loans", move_to="general") == 1
    moved = state(conversation)
    assert (moved.queue, moved.waiting_since) == ("general", since)
    assert not Queue.objects.filter(key="loans").exists()
    assert AuditEntry.objects.filter(action="queue_deleted", actor=sari).exists()


def test_who_serves_only_a_queue_that_goes_serves_the_one_that_takes_its_people(
    sari: User,
) -> None:
    for key in ("side", "other"):
        routing.put_queue(actor=None, key=key, settings={"name": key})
    dewi = factories.agent("Dewi")
    routing.set_queues(actor=None, agent_id=dewi.pk, queues=["side"])
    routing.set_queues(actor=None, agent_id=sari.pk, queues=["side", "general"])
    with pytest.raises(Refused) as refused, transaction.atomic():
        queues.remove(actor=sari, key="side")
    assert refused.value.code == "agents_serve"
    queues.remove(actor=sari, key="side", move_to="other")
    assert visibility.sight(dewi).queues == {"other"}
    assert visibility.sight(sari).queues == {"general"}
    entries = AuditEntry.objects.filter(action="agent_settings_changed", target=f"user:{dewi.pk}")
    written = entries.latest("id")
    assert (written.before, written.after) == ({"queues": ["side"]}, {"queues": ["other"]})


def test_a_long_line_nobody_serves_does_not_hide_another_queue(
    sari: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router, "LOOK_AHEAD", 2)
    routing.set_queues(actor=None, agent_id=sari.pk, queues=["reports"])
    line = [talk(number) for number in range(1, 4)]
    last = talk(9)
    Conversation.objects.filter(pk=last.pk).update(queue="reports")
    router.run_pass()
    assert [state(one).status for one in line] == ["waiting"] * 3
    assert state(last).status == "offered"


def test_a_queue_the_assistant_hands_over_to_stays(sari: User) -> None:
    with pytest.raises(Refused) as refused:
        queues.remove(actor=sari, key="general", move_to="reports")
    assert refused.value.code == "in_pack"


def test_what_a_departed_agent_held_goes_back_with_a_note(sari: User) -> None:
    conversation = talk(1)
    services.take_over(actor=sari, conversation_id=conversation.pk)
    User.objects.filter(pk=sari.pk).update(is_active=False)
    router.run_pass()
    assert state(conversation).status == "waiting"
    note = Event.objects.filter(conversation=conversation, type="note_added").get()
    assert "Sari" in note.data["body"]
    assert Presence.objects.get(agent=sari).load == 0


def test_what_a_departed_agent_laid_aside_until_a_reply_waits_for_others(sari: User) -> None:
    open_end, with_time = talk(1), talk(2)
    for conversation, until in ((open_end, None), (with_time, datetime.now(UTC) + timedelta(1))):
        services.take_over(actor=sari, conversation_id=conversation.pk)
        team.snooze(actor=sari, conversation_id=conversation.pk, until=until)
    router.run_pass()
    assert state(open_end).status == "snoozed"
    User.objects.filter(pk=sari.pk).update(is_active=False)
    router.run_pass()
    assert (state(open_end).status, state(with_time).status) == ("waiting", "snoozed")
    assert "note_added" in kinds(open_end)


def test_a_promise_made_meanwhile_holds_for_who_waits_already() -> None:
    configure("general", target_s=0)
    conversation = talk(1)
    assert not Timer.objects.filter(conversation=conversation, kind="sla").exists()
    boss = factories.agent("Rina")
    queues.change(actor=boss, key="general", settings={"target_s": 3600})
    routing_queries.forget()
    Timer.objects.filter(kind="sla").update(due_at=datetime.now(UTC) - timedelta(seconds=1))
    worker.tick_timers()
    factories.work()
    due = Timer.objects.get(conversation=conversation, kind="sla").due_at
    assert due > datetime.now(UTC) + timedelta(minutes=40)
