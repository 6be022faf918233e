"""Required notices: sent by one key, and proved."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from resmi.agency.models import AuditEntry, User
from resmi.bot import notices
from resmi.channels.models import Delivery
from resmi.conversations import queries, services, team
from resmi.conversations.models import Conversation
from resmi.engine import content
from tests.conversations import factories
from tests.desk import scenes

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PACK = factories.pack()
WORDS = notices.words(PACK, PACK.notices[0], "id")


@pytest.fixture
def sari() -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari")


def send(client: Client, conversation: Conversation, notice: str = "data_protection") -> Any:
    fields = {"once": str(uuid.uuid4()), "notice": notice}
    return client.post(f"/desk/{conversation.pk}/required/", fields, headers=HTMX)


def delivery(conversation: Conversation) -> Delivery:
    return Delivery.objects.filter(conversation=conversation.pk, author="agent").latest("id")


def test_a_notice_goes_out_in_the_citizens_language_and_can_be_taken_back(sari: User) -> None:
    conversation = scenes.held(sari)
    answer = send(scenes.signed_in(sari), conversation).content.decode()
    assert "sent the required notice “Data-protection notice”" in answer
    assert 'id="undo-send"' in answer
    sent = delivery(conversation)
    assert content.decode_outbound(bytes(sent.content)) == content.Text(WORDS)
    assert sent.not_before > datetime.now(UTC)


def test_after_the_window_the_notice_goes_as_its_approved_template(sari: User) -> None:
    conversation = scenes.held(sari)
    scenes.close_window(conversation)
    assert send(scenes.signed_in(sari), conversation).status_code == 200
    sent = content.decode_outbound(bytes(delivery(conversation).content))
    assert isinstance(sent, content.Template)
    assert (sent.name, sent.language, sent.preview) == ("data_protection_notice", "id", WORDS)


def test_only_who_writes_there_sends_notices_and_only_those_of_the_pack(sari: User) -> None:
    conversation = scenes.held(sari)
    assert send(scenes.signed_in(scenes.agent("Dewi")), conversation).status_code == 409
    assert send(scenes.signed_in(sari), conversation, "anything").status_code == 409
    assert not Delivery.objects.filter(author="agent").exists()


def test_the_proof_shows_text_sender_message_id_and_the_channels_times(sari: User) -> None:
    conversation, client = scenes.held(sari), scenes.signed_in(sari)
    send(client, conversation)
    times = {"sent": "09:00:01", "delivered": "09:00:02", "read": "09:05:00"}
    Delivery.objects.filter(pk=delivery(conversation).pk).update(
        provider_id="wamid.proof",
        status="read",
        statuses=[
            {"status": status, "at": f"2026-11-22T{at}Z", "heard": "2026-11-22T09:06:00Z"}
            for status, at in times.items()
        ],
    )
    page = client.get(f"/desk/{conversation.pk}/proof/").content.decode()
    (proof,) = queries.notice_proofs(conversation.pk)
    for words in (WORDS, "Sari Wulandari", "wamid.proof", proof.mark, "Data-protection notice"):
        assert words in page
    assert {s: t.strftime("%H:%M:%S") for s, t in proof.parts[0].times.items()} == times
    assert AuditEntry.objects.filter(actor=sari, action="notices_read").exists()


def test_a_notice_that_was_taken_back_is_not_proved_as_sent(sari: User) -> None:
    conversation, client = scenes.held(sari), scenes.signed_in(sari)
    send(client, conversation)
    seq = queries.notice_proofs(conversation.pk)[0].seq
    team.withdraw(actor=sari, conversation_id=conversation.pk, seq=seq)
    page = client.get(f"/desk/{conversation.pk}/proof/").content.decode()
    assert "never sent" in page
    assert "Message id" not in page


def test_many_notices_cost_as_many_queries_as_one(
    sari: User, django_assert_max_num_queries: Any
) -> None:
    conversation, client = scenes.held(sari), scenes.signed_in(sari)
    services.reply(actor=sari, conversation_id=conversation.pk, content=content.Text("Baik"))
    for notice in PACK.notices * 2:
        send(client, conversation, notice.key)
    with django_assert_max_num_queries(3):
        assert len(queries.notice_proofs(conversation.pk)) == 4


def test_without_notices_the_page_says_how_one_is_sent(sari: User) -> None:
    conversation = scenes.held(sari)
    page = scenes.signed_in(sari).get(f"/desk/{conversation.pk}/proof/").content.decode()
    assert "No notice was sent" in page
