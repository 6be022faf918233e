from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from resmi.agency.models import User
from resmi.channels.models import Delivery
from resmi.conversations import queries, services
from resmi.conversations.models import Conversation, Draft
from resmi.engine import events
from tests.desk import scenes

HTMX = {"HX-Request": "true"}


def form(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), **fields}


@pytest.fixture
def sari(db: None) -> User:
    scenes.office()
    return scenes.agent("Sari")


@pytest.fixture
def client(sari: User) -> Client:
    return scenes.signed_in(sari)


def said_by_citizen(conversation: Conversation) -> tuple[int, str]:
    for line in queries.thread(conversation.pk):
        if isinstance(line.payload, events.MessageReceived):
            return line.seq, line.payload.provider_id
    raise AssertionError("the citizen said nothing")


def test_an_answer_quotes_the_message_on_the_channel_and_in_the_thread(
    client: Client, sari: User
) -> None:
    conversation = scenes.held(sari)
    seq, provider_id = said_by_citizen(conversation)
    sent = form(mode="reply", body="Ini jawabannya", quote=str(seq))
    page = client.post(f"/desk/{conversation.pk}/write/", sent, headers=HTMX).content.decode()
    assert "bubble__quote" in page
    assert Delivery.objects.filter(author="agent").latest("id").reply_to == provider_id


@pytest.mark.parametrize("seq", ["1", "99999", "x"])
def test_only_a_citizens_message_can_be_quoted(client: Client, sari: User, seq: str) -> None:
    conversation = scenes.held(sari)
    sent = form(mode="reply", body="Halo", quote=seq)
    answer = client.post(f"/desk/{conversation.pk}/write/", sent, headers=HTMX)
    assert answer.status_code == 409


def test_a_reaction_goes_out_without_counting_as_an_answer(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    services.save_draft(actor=sari, conversation_id=conversation.pk, body="sedang ditulis")
    before = queries.conversation(conversation.pk)
    seq, provider_id = said_by_citizen(conversation)
    sent = form(seq=seq, emoji="👍")
    page = client.post(f"/desk/{conversation.pk}/react/", sent, headers=HTMX).content.decode()
    assert "remark__emoji" in page
    delivery = Delivery.objects.filter(author="agent").latest("id")
    assert f'"target":"{provider_id}"'.encode() in bytes(delivery.content)
    after = queries.conversation(conversation.pk)
    assert before is not None
    assert after is not None
    assert after.row.course.answered_at == before.row.course.answered_at
    assert after.row.last_preview == before.row.last_preview
    assert Draft.objects.get().body == "sedang ditulis"


def test_only_the_reactions_offered_are_sent(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    seq, _provider_id = said_by_citizen(conversation)
    answer = client.post(f"/desk/{conversation.pk}/react/", form(seq=seq, emoji="💣"), headers=HTMX)
    assert answer.status_code == 409
    answer = client.post(f"/desk/{conversation.pk}/react/", form(seq="", emoji="👍"), headers=HTMX)
    assert answer.status_code == 409


def test_who_only_reads_along_has_no_such_buttons(client: Client) -> None:
    conversation = scenes.with_bot()
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert "data-quote=" not in page
    assert "data-react=" not in page
