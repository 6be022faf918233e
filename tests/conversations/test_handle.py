from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module

import msgspec
import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from resmi.agency.models import LiveEvent
from resmi.channels.models import Delivery, Inbound
from resmi.conversations import handle, queries, services, turn, worker
from resmi.conversations.models import Conversation, Event, Timer
from resmi.engine import chain, events
from resmi.engine import conversation as engine
from resmi.engine.address import Address
from resmi.engine.content import Text
from tests.conversations import factories
from tests.conversations.factories import BUDI, citizen_says, wire, work

pytestmark = pytest.mark.django_db
AYU = Address(kind="whatsapp", scope="p1", user_id="ID.2", phone="628222", profile_name="Ayu")


@pytest.fixture(autouse=True)
def _staffed() -> Iterator[None]:
    factories.channel()
    factories.queues()
    return


def log_of(conversation: Conversation) -> list[events.Event]:
    return [
        events.Event(
            conversation=event.conversation_id,
            seq=event.seq,
            at=event.at,
            actor=msgspec.convert(event.actor, events.Actor),
            data=events.decode_payload(msgspec.json.encode(event.data)),
            hash=bytes(event.hash),
        )
        for event in Event.objects.filter(conversation=conversation).order_by("seq")
    ]


def test_a_message_is_stored_answered_and_done() -> None:
    conversation = citizen_says("halo")
    assert Inbound.objects.get().status == "done"
    assert Delivery.objects.filter(conversation=conversation.pk, author="bot").exists()
    assert conversation.contact.name == "Budi"


def test_the_stored_log_proves_itself_and_folds_to_the_stored_state() -> None:
    citizen_says("halo")
    conversation = citizen_says("agent")
    log = log_of(conversation)
    assert chain.first_break(log) is None
    stored = msgspec.json.decode(bytes(conversation.state), type=engine.Conversation)
    assert engine.fold(conversation.pk, log) == stored


def test_messages_of_many_citizens_are_one_batch() -> None:
    for number in range(20):
        wire("halo", sender=Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}"))
    assert len(worker.claim(set(range(64)), 100)) == 20
    assert work() == 20
    assert Conversation.objects.count() == 20


def test_a_bigger_batch_takes_hardly_more_statements() -> None:
    def statements(count: int, start: int) -> int:
        for number in range(start, start + count):
            wire("halo", sender=Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}"))
        rows = worker.claim(set(range(64)), 100)
        with CaptureQueriesContext(connection) as captured:
            handle.handle(rows)
        return len(captured)

    few, many = statements(2, 100), statements(30, 200)
    assert many <= few + 2


def test_two_messages_of_one_citizen_keep_their_order() -> None:
    wire("pertama")
    wire("kedua")
    work()
    said = [e.data.content.body for e in log_of(Conversation.objects.get()) if received(e)]
    assert said == ["pertama", "kedua"]


def received(event: events.Event) -> bool:
    return isinstance(event.data, events.MessageReceived)


def test_a_message_after_the_end_opens_a_new_conversation_of_the_same_contact() -> None:
    first = citizen_says("stop")
    assert first.status == "closed"
    second = citizen_says("halo")
    assert second.pk != first.pk
    assert second.contact_id == first.contact_id


def test_end_and_new_beginning_may_share_a_batch() -> None:
    citizen_says("halo")
    wire("stop")
    wire("halo")
    work()
    assert list(Conversation.objects.order_by("id").values_list("status", flat=True)) == [
        "closed",
        "bot",
    ]


def test_a_poisoned_item_is_parked_with_its_error_and_the_rest_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = turn.take

    def poisoned(state, taken, *rest):  # type: ignore[no-untyped-def]
        if any(getattr(getattr(s, "content", None), "body", "") == "racun" for s in taken):
            raise RuntimeError("boom")
        return honest(state, taken, *rest)

    monkeypatch.setattr(turn, "take", poisoned)
    for number in range(7):
        wire("halo", sender=Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}"))
    bad = wire("racun", sender=AYU)
    wire("halo", sender=BUDI)
    assert work() == 8
    bad.refresh_from_db()
    assert (bad.status, bad.error) == ("parked", "RuntimeError: boom")
    assert Inbound.objects.filter(status="done").count() == 8


def test_what_is_too_much_for_the_database_is_parked_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = turn.take

    def poisoned(state, taken, *rest):  # type: ignore[no-untyped-def]
        if any(getattr(getattr(s, "content", None), "body", "") == "racun" for s in taken):
            with connection.cursor() as cursor:
                cursor.execute("SELECT array_fill(0, ARRAY[100000, 100000])")
        return honest(state, taken, *rest)

    monkeypatch.setattr(turn, "take", poisoned)
    bad = wire("racun", sender=AYU)
    good = wire("halo", sender=BUDI)
    work()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == ("parked", "done")


def test_a_database_error_is_tried_again_before_it_parks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    def refused(*arguments):  # type: ignore[no-untyped-def]
        calls.append(arguments)
        raise DatabaseError("lost a race")

    monkeypatch.setattr(turn, "take", refused)
    bad = wire("halo")
    work()
    bad.refresh_from_db()
    assert bad.status == "parked"
    assert len(calls) == handle.ATTEMPTS


def test_an_unreadable_item_is_kept_for_people_to_see() -> None:
    row = Inbound.objects.create(
        channel=factories.channel(), kind="message", key="k", raw=b'{"id": 1', envelope=b"{}"
    )
    work()
    row.refresh_from_db()
    assert row.status == "unparsed"
    assert row.error
    assert queries.inbound_for_people() == [row]


def test_an_event_cannot_be_changed_or_deleted() -> None:
    conversation = citizen_says("halo")
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_event SET type = 'x' WHERE conversation_id = %s",
            [conversation.pk],
        )


def test_open_screens_are_told() -> None:
    conversation = citizen_says("halo")
    topics = set(LiveEvent.objects.values_list("topic", flat=True))
    assert {f"conversation:{conversation.pk}", "queues"} <= topics


def test_a_due_timer_becomes_an_item_once() -> None:
    citizen_says("halo")
    Timer.objects.update(due_at="2020-01-01T00:00Z")
    assert worker.tick_timers() == 1
    assert worker.tick_timers() == 0
    assert Inbound.objects.filter(kind="timer").count() == 1


def test_a_failed_delivery_shows_in_the_thread() -> None:
    conversation = citizen_says("halo")
    ref = Delivery.objects.filter(conversation=conversation.pk).first().ref
    Inbound.objects.create(
        channel=factories.channel(),
        kind="status",
        key="s1",
        raw=msgspec.json.encode(
            {
                "id": "wamid.x",
                "status": "failed",
                "timestamp": "1767690000",
                "recipient_id": "628111",
                "biz_opaque_callback_data": ref,
                "errors": [{"code": 131026, "title": "Message undeliverable"}],
            }
        ),
        envelope=b"{}",
    )
    work()
    lines = queries.thread(conversation.pk)
    assert "message_failed" in [line.type for line in lines]


def test_a_status_of_a_message_that_is_not_ours_is_kept_with_a_remark() -> None:
    row = Inbound.objects.create(
        channel=factories.channel(),
        kind="status",
        key="s2",
        raw=msgspec.json.encode(
            {"id": "wamid.y", "status": "sent", "timestamp": "1767690000", "recipient_id": "1"}
        ),
        envelope=b"{}",
    )
    work()
    row.refresh_from_db()
    assert (row.status, row.error) == ("done", "no delivery of ours has this reference")


def test_the_contacts_language_is_remembered_for_the_next_conversation() -> None:
    citizen_says("이 업체 등록되어 있나요?")
    citizen_says("stop")
    assert citizen_says("1").language == "ko"


def test_a_thread_is_read_in_a_few_queries(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _ in range(5):
        conversation = citizen_says("halo")
    with django_assert_max_num_queries(3):
        assert len(queries.thread(conversation.pk)) > 10


def test_the_thread_pages_both_ways() -> None:
    for _ in range(5):
        conversation = citizen_says("halo")
    every = queries.thread(conversation.pk, limit=1000)
    last = queries.thread(conversation.pk, limit=4)
    assert [line.seq for line in last] == [line.seq for line in every[-4:]]
    earlier = queries.thread(conversation.pk, before=last[0].seq, limit=4)
    assert earlier[-1].seq == last[0].seq - 1
    assert queries.thread(conversation.pk, after=last[0].seq)[0].seq == last[1].seq


def test_the_draft_of_an_agent_is_kept_and_forgotten_on_sending() -> None:
    conversation = citizen_says("halo")
    sari = factories.agent()
    services.take_over(actor=sari, conversation_id=conversation.pk)
    services.save_draft(actor=sari, conversation_id=conversation.pk, body="Selamat")
    detail = queries.conversation(conversation.pk, sari.pk)
    assert detail is not None
    assert detail.draft == "Selamat"
    services.reply(actor=sari, conversation_id=conversation.pk, content=Text("Selamat pagi"))
    detail = queries.conversation(conversation.pk, sari.pk)
    assert detail is not None
    assert detail.draft == ""


def changed_to(after: Address) -> None:
    """WhatsApp says that Budi has a new number and user id."""
    system = {"type": "user_changed_number", "wa_id": after.phone, "user_id": after.user_id}
    body = {"from": BUDI.phone, "from_user_id": BUDI.user_id, "type": "system", "system": system}
    Inbound.objects.create(
        channel=factories.channel(),
        kind="identity",
        key="wa:1001:m:wamid.changed",
        contact_key=BUDI.key(),
        raw=msgspec.json.encode({**body, "id": "wamid.changed", "timestamp": "1767668400"}),
        envelope=msgspec.json.encode({"metadata": {}}),
    )
    factories.work()


def test_who_wrote_under_a_new_id_before_it_was_announced_stays_in_that_conversation() -> None:
    sari, new = (
        factories.agent("Sari"),
        Address(kind="whatsapp", scope="p1", user_id="ID.9", phone="628999", profile_name="Budi"),
    )
    before = citizen_says("stop")
    talk = citizen_says("agent", sender=new)
    services.take_over(actor=sari, conversation_id=talk.pk)
    changed_to(new)
    assert citizen_says("masih di sana?", sender=new).pk == talk.pk
    talk.refresh_from_db()
    assert (talk.status, talk.contact_id) == ("assigned", before.contact_id)


def test_who_was_forgotten_by_an_earlier_release_is_woken_and_ends() -> None:
    talk = citizen_says("halo")
    Timer.objects.all().delete()
    long_ago = datetime.now(UTC) - timedelta(days=3)
    state = msgspec.json.decode(bytes(talk.state), type=engine.Conversation)
    state = msgspec.structs.replace(state, last_message_at=long_ago)
    Conversation.objects.filter(pk=talk.pk).update(state=msgspec.json.encode(state))
    migration = import_module("resmi.conversations.migrations.0008_wake_forgotten")
    with connection.cursor() as cursor:
        cursor.execute(migration.WAKE)
    worker.tick_timers()
    work()
    talk.refresh_from_db()
    assert (talk.status, talk.wrap_up) == ("closed", "idle")
