"""Watches from the tap to the news, on a real database."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resmi.bot import services as bot
from resmi.channels.models import Delivery
from resmi.contacts.models import Contact
from resmi.conversations import services, watching
from resmi.conversations.models import Conversation, Event
from resmi.engine import chain, content, events
from resmi.engine.address import Address
from resmi.engine.conversation import Conversation as State
from resmi.registry import services as registry
from resmi.registry.watches import queries
from resmi.registry.watches.models import Watch
from tests.conversations import factories
from tests.conversations.factories import BUDI, citizen_says
from tests.registry.making import csv_of

pytestmark = pytest.mark.django_db
AYU = Address(kind="whatsapp", scope="p1", user_id="ID.2", phone="628222", profile_name="Ayu")
LICENSED = {"id": "W1", "name": "PT Dana Lestari Contoh", "status": "licensed"}
REVOKED = {**LICENSED, "status": "revoked"}
OTHER = {"id": "W2", "name": "PT Arta Sentosa Contoh", "status": "licensed"}
NEW = {"id": "W3", "name": "PT Zamrud Quintal", "status": "licensed"}
TAP = content.Choice("watch:W1:PT Dana Lestari Contoh", "Kabari jika berubah")
TAP_NEW = content.Choice("watch::PT Zamrud Quintal", "Kabari jika berubah")


def publish(*rows: dict[str, str]) -> None:
    registry.import_csv(
        actor=None,
        file=io.BytesIO(csv_of(*rows)),
        source="Register",
        authority="Authority",
        as_of=date(2026, 1, 1),
    )
    registry.forget_index()


@pytest.fixture(autouse=True)
def _office() -> Iterator[None]:
    factories.channel()
    factories.queues()
    publish(LICENSED, OTHER)
    watching.tell_watchers()
    yield
    registry.forget_index()


def heard(person: Address = BUDI) -> list[str]:
    """What the system sent, oldest first."""
    rows = Delivery.objects.filter(author="system", recipient__user_id=person.user_id)
    return [
        content.preview(content.decode_outbound(bytes(row.content)), 4096)
        for row in rows.order_by("id")
    ]


def watch() -> Watch:
    return Watch.objects.get()


def let_the_window_close() -> None:
    """Everybody last wrote 30 hours ago."""
    before = datetime.now(UTC) - timedelta(hours=30)
    for row in Conversation.objects.all():
        state = msgspec.json.decode(bytes(row.state), type=State)
        row.state = msgspec.json.encode(msgspec.structs.replace(state, last_inbound_at=before))
        row.last_inbound_at = before
        row.save()


def types(conversation: Conversation) -> list[str]:
    rows = Event.objects.filter(conversation=conversation).order_by("seq")
    return list(rows.values_list("type", flat=True))


def test_a_tap_is_kept_with_what_was_told() -> None:
    conversation = citizen_says(TAP)
    kept = watch()
    assert (kept.contact, kept.channel) == (conversation.contact_id, conversation.channel_id)
    assert (kept.subject, kept.standing, kept.language) == ("entity:W1", "licensed", "id")
    assert "watch_started" in types(conversation)


def test_watching_twice_is_one_watch_and_one_event() -> None:
    citizen_says(TAP)
    conversation = citizen_says(TAP)
    assert Watch.objects.count() == 1
    assert types(conversation).count("watch_started") == 1


def test_stopping_and_starting_again_is_the_same_row() -> None:
    citizen_says(TAP)
    citizen_says("berhenti memantau")
    assert watch().ended_at is not None
    citizen_says(TAP)
    assert watch().ended_at is None


def test_taps_of_one_batch_see_each_other() -> None:
    factories.wire(TAP)
    factories.wire("pantauan saya")
    factories.wire("berhenti memantau")
    factories.work()
    assert watch().ended_at is not None
    bodies = [bytes(d.content).decode() for d in Delivery.objects.order_by("id")]
    assert any("1. *PT Dana Lestari Contoh*" in body for body in bodies)


def test_watches_outlive_the_conversation() -> None:
    conversation = citizen_says(TAP)
    agent = factories.agent()
    services.take_over(actor=agent, conversation_id=conversation.pk)
    services.close(actor=agent, conversation_id=conversation.pk, reason="advice_given")
    later = citizen_says("pantauan saya")
    assert later.pk != conversation.pk
    last = Delivery.objects.filter(conversation=later.pk).order_by("id").last()
    assert last is not None
    assert "PT Dana Lestari Contoh" in bytes(last.content).decode()


def test_a_change_in_the_register_is_told_in_the_open_conversation() -> None:
    conversation = citizen_says(TAP)
    publish(REVOKED, OTHER)
    assert watching.tell_watchers() == 1
    assert "izin dicabut" in heard()[0]
    assert types(conversation)[-2:] == ["watch_told", "message_created"]
    kept = watch()
    assert (kept.standing, kept.held) == ("revoked", "")
    assert kept.told_at is not None


def test_a_release_is_told_once_however_often_the_job_runs() -> None:
    citizen_says(TAP)
    publish(REVOKED, OTHER)
    watching.tell_watchers()
    assert watching.tell_watchers() == 0
    assert len(heard()) == 1


def test_a_release_that_changes_nothing_watched_tells_nobody() -> None:
    citizen_says(TAP)
    publish(LICENSED)
    assert watching.tell_watchers() == 0


def test_undoing_a_release_sends_the_correction() -> None:
    citizen_says(TAP)
    publish(REVOKED, OTHER)
    watching.tell_watchers()
    publish(LICENSED, OTHER)
    assert watching.tell_watchers() == 1
    assert "Sebelumnya: izin dicabut" in heard()[1]
    assert "Sekarang: *ada di daftar dan berizin*" in heard()[1]


def test_an_unknown_name_that_gets_a_licence_is_news() -> None:
    citizen_says(TAP_NEW)
    assert watch().subject == "name:zamrudquintal"
    publish(LICENSED, OTHER, NEW)
    assert watching.tell_watchers() == 1
    assert "Sebelumnya: tidak ada di daftar" in heard()[0]


def test_an_entity_that_left_the_register_is_news() -> None:
    citizen_says(TAP)
    publish(OTHER)
    assert watching.tell_watchers() == 1
    assert "Sekarang: *tidak ada di daftar*" in heard()[0]


def test_who_stopped_watching_hears_nothing() -> None:
    citizen_says(TAP)
    citizen_says("berhenti memantau")
    publish(REVOKED, OTHER)
    assert watching.tell_watchers() == 0


def test_stop_ends_all_watches() -> None:
    citizen_says(TAP)
    citizen_says("stop")
    assert watch().ended_at is not None


def test_after_the_end_of_a_talk_news_open_a_conversation_that_ends_with_them() -> None:
    conversation = citizen_says(TAP)
    agent = factories.agent()
    services.take_over(actor=agent, conversation_id=conversation.pk)
    services.close(actor=agent, conversation_id=conversation.pk, reason="advice_given")
    publish(REVOKED, OTHER)
    watching.tell_watchers()
    opened = Conversation.objects.latest("id")
    assert opened.pk != conversation.pk
    assert types(opened) == [
        "conversation_started",
        "watch_told",
        "message_created",
        "conversation_closed",
    ]
    assert (opened.status, opened.wrap_up) == ("closed", "told")
    sent = content.decode_outbound(bytes(Delivery.objects.latest("id").content))
    assert isinstance(sent, content.Choices)  # the window of the earlier talk is still open
    log = [
        events.Event(
            conversation=row.conversation_id,
            seq=row.seq,
            at=row.at,
            actor=msgspec.convert(row.actor, events.Actor),
            data=events.decode_payload(msgspec.json.encode(row.data)),
            hash=bytes(row.hash),
        )
        for row in Event.objects.filter(conversation=opened).order_by("seq")
    ]
    assert chain.first_break(log) is None


def test_after_the_window_the_template_goes_out() -> None:
    citizen_says(TAP)
    let_the_window_close()
    publish(REVOKED, OTHER)
    assert watching.tell_watchers() == 1
    sent = content.decode_outbound(bytes(Delivery.objects.latest("id").content))
    assert isinstance(sent, content.Template)
    assert sent.parameters[:3] == (
        "PT Dana Lestari Contoh",
        "ada di daftar dan berizin",
        "izin dicabut",
    )


def test_one_tap_on_the_template_ends_the_watch() -> None:
    citizen_says(TAP)
    let_the_window_close()
    publish(REVOKED, OTHER)
    watching.tell_watchers()
    sent = content.decode_outbound(bytes(Delivery.objects.latest("id").content))
    assert isinstance(sent, content.Template)
    (button,) = sent.buttons
    citizen_says(content.Choice(button, "Berhenti memantau"))
    assert watch().ended_at is not None


def test_without_a_template_the_news_are_held_and_shown_to_staff_until_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    citizen_says(TAP)
    let_the_window_close()
    publish(REVOKED, OTHER)
    pack = bot.current_pack()
    bare = msgspec.structs.replace(pack, templates={}, version="bare")
    with monkeypatch.context() as patch:
        patch.setattr(bot, "current_pack", lambda: bare)
        assert watching.tell_watchers() == 0
    assert (watch().held, watch().standing) == ("no_template", "licensed")
    assert queries.held_for_staff() == 1
    assert watching.tell_watchers() == 1
    assert watch().held == ""
    assert queries.held_for_staff() == 0


def test_who_wants_no_messages_gets_none() -> None:
    citizen_says(TAP)
    Contact.objects.update(opted_out_at=datetime.now(UTC))
    publish(REVOKED, OTHER)
    assert watching.tell_watchers() == 0
    assert watch().held == "opted_out"
    assert queries.held_for_staff() == 0


def test_a_watch_begun_after_the_stop_is_a_wish_of_its_own() -> None:
    citizen_says("halo")
    Contact.objects.update(opted_out_at=datetime.now(UTC))
    citizen_says(TAP)
    publish(REVOKED, OTHER)
    assert watching.tell_watchers() == 1


def test_who_left_the_channel_is_noted_as_out_of_reach() -> None:
    citizen_says(TAP)
    Watch.objects.update(contact=999_999)
    publish(REVOKED, OTHER)
    assert watching.tell_watchers() == 0
    assert watch().held == "unreachable"


def test_each_watcher_is_told_in_the_language_they_speak() -> None:
    citizen_says(TAP)
    citizen_says("english", sender=AYU)
    citizen_says(TAP, sender=AYU)
    publish(REVOKED, OTHER)
    assert watching.tell_watchers() == 2
    assert "Sekarang: *izin dicabut*" in heard()[0]
    assert "Now: *licence revoked*" in heard(AYU)[0]


def test_one_citizen_hears_of_every_change_in_one_conversation() -> None:
    citizen_says(TAP)
    citizen_says(TAP_NEW)
    publish(REVOKED, OTHER, NEW)
    assert watching.tell_watchers() == 2
    assert len({d.conversation for d in Delivery.objects.filter(author="system")}) == 1


def test_more_watchers_take_hardly_more_statements() -> None:
    def statements(count: int, start: int, *rows: dict[str, str]) -> int:
        for number in range(start, start + count):
            citizen_says(TAP, sender=Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}"))
        publish(*rows)
        with CaptureQueriesContext(connection) as captured:
            watching.tell_watchers()
        return len(captured)

    few = statements(2, 100, REVOKED, OTHER)
    many = statements(20, 200, LICENSED, OTHER)
    assert many <= few + 2


def test_a_batch_that_fails_is_halved_until_the_others_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    citizen_says(TAP)
    citizen_says(TAP, sender=AYU)
    publish(REVOKED, OTHER)
    poisoned = Watch.objects.order_by("id")[0].contact
    whole = watching.storing.save

    def save(outcomes: Any) -> None:
        if any(outcome.loaded.line.contact == poisoned for outcome in outcomes):
            raise watching.DatabaseError("broken")
        whole(outcomes)

    monkeypatch.setattr(watching.storing, "save", save)
    assert watching.tell_watchers() == 1
    assert heard() == []
    assert len(heard(AYU)) == 1
    monkeypatch.undo()
    assert watching.tell_watchers() == 1
    assert len(heard()) == 1
