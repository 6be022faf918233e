"""Answers in conversations come with a receipt that is there when the citizen opens it."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resmi.channels.models import Delivery
from resmi.conversations import services, turn, world
from resmi.conversations.building import World
from resmi.conversations.models import Event
from resmi.engine import content, conversation, events
from resmi.registry.receipts import codes, queries
from resmi.registry.receipts.models import Receipt
from tests.conversations import factories
from tests.registry.receipts.making import ISSUER, SECRET

LICENSED = "Dana Sejahtera Nusantara"
ILLEGAL = "Pinjam Kilat Makmur"


@pytest.fixture(autouse=True)
def _register() -> object:
    with mock.patch.object(world.registry, "current_index", factories.index):
        yield


def with_receipts() -> World:
    return msgspec.structs.replace(factories.world(), receipts=codes.Issuer(SECRET, ISSUER))


def taken(*said: str) -> turn.Turn:
    return turn.take(
        conversation.Conversation(id=5, language="en"),
        [factories.message(text) for text in said],
        factories.line(),
        with_receipts(),
        factories.OPEN,
    )


def given_in(result: turn.Turn) -> list[events.VerdictGiven]:
    return [event.data for event in result.events if isinstance(event.data, events.VerdictGiven)]


def words_of(result: turn.Turn) -> str:
    return "\n".join(content.preview(one.content, limit=4096) for one in result.deliveries)


def test_the_text_to_the_citizen_names_the_receipt_before_it_is_written() -> None:
    result = taken(f"is {LICENSED} licensed?")
    (verdict,) = given_in(result)
    assert f"Receipt: {ISSUER}/v/{codes.shown(verdict.receipt)}" in words_of(result)


def test_of_several_companies_each_has_a_receipt_of_its_own() -> None:
    result = taken(f"{LICENSED}\n{ILLEGAL}")
    receipts = [verdict.receipt for verdict in given_in(result)]
    assert len(set(receipts)) == 2
    for code in receipts:
        assert words_of(result).count(codes.shown(code)) == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([LICENSED, ILLEGAL, "menu", "agent", "halo"]), max_size=8))
def test_no_two_answers_of_a_conversation_share_a_receipt(said: list[str]) -> None:
    receipts = [verdict.receipt for verdict in given_in(taken(*said))]
    assert len(set(receipts)) == len(receipts)
    assert all(receipts)


def test_the_same_turn_taken_again_names_the_same_receipts() -> None:
    first, second = (given_in(taken(LICENSED, ILLEGAL)) for _ in range(2))
    assert first == second


@pytest.mark.django_db
def test_a_citizen_finds_the_receipt_of_what_they_were_told(keys: Path) -> None:
    row = factories.citizen_says(f"apakah {ILLEGAL} legal?")
    logged = Event.objects.get(conversation=row, type="verdict_given")
    receipt = queries.find(logged.data["receipt"])
    assert receipt is not None
    assert receipt.statement.verdict.status == "illegal"
    assert msgspec.to_builtins(receipt.statement.verdict) == logged.data["verdict"]
    stored = Receipt.objects.get()
    assert (stored.conversation, stored.seq) == (row.pk, logged.seq)
    body = str(Delivery.objects.filter(conversation=row.pk).latest("id").content)
    assert codes.shown(stored.code) in body


@pytest.mark.django_db
def test_what_an_agent_sends_has_a_receipt_and_what_they_look_up_has_none(keys: Path) -> None:
    factories.queues()
    sari = factories.agent()
    row = factories.citizen_says("agent")
    services.take_over(actor=sari, conversation_id=row.pk)
    (verdict,) = services.verify(actor=sari, conversation_id=row.pk, query=ILLEGAL)
    assert Receipt.objects.count() == 0
    services.send_verdict(actor=sari, conversation_id=row.pk, verdict=verdict)
    receipt = Receipt.objects.get()
    sent = Event.objects.filter(conversation=row, type="verdict_given").latest("seq")
    assert (receipt.seq, receipt.code) == (sent.seq, sent.data["receipt"])
    message = Event.objects.get(conversation=row, seq=sent.seq + 1)
    assert codes.shown(receipt.code) in message.data["content"]["body"]


@pytest.mark.django_db
def test_without_keys_citizens_are_answered_all_the_same(no_keys: None) -> None:
    row = factories.citizen_says(ILLEGAL)
    logged = Event.objects.get(conversation=row, type="verdict_given")
    assert "receipt" not in logged.data
    assert Receipt.objects.count() == 0
