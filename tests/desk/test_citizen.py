from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from resmi.agency.models import AuditEntry, User
from resmi.channels.models import Delivery
from resmi.conversations import queries
from resmi.conversations.models import Event
from resmi.engine import events
from tests.desk import scenes

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def sari() -> User:
    return scenes.agent("Sari")


@pytest.fixture
def client(sari: User) -> Client:
    return scenes.signed_in(sari)


def form(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), **fields}


def test_verifying_notes_the_answer_and_sends_nothing(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    before = Delivery.objects.count()
    answer = client.post(
        f"/desk/{conversation.pk}/verify/", form(query="PT Zamrud Kencana"), headers=HTMX
    )
    assert "Not in the register" in answer.content.decode()
    assert Event.objects.filter(type="verdict_given", data__sent=False).count() == 1
    assert Delivery.objects.count() == before


def test_a_verdict_is_sent_from_the_log_not_from_the_form(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    client.post(f"/desk/{conversation.pk}/verify/", form(query="PT Zamrud Kencana"), headers=HTMX)
    seq = Event.objects.get(type="verdict_given").seq
    answer = client.post(
        f"/desk/{conversation.pk}/verdict/",
        form(seq=seq, status="licensed", verdict='{"status":"licensed"}'),
        headers=HTMX,
    )
    assert answer.status_code == 200
    sent = [line for line in queries.thread(conversation.pk) if line.type == "verdict_given"][-1]
    assert isinstance(sent.payload, events.VerdictGiven)
    assert sent.payload.verdict["status"] == "unknown"


@pytest.mark.parametrize("seq", ["", "1", "999", "x"])
def test_a_line_that_is_no_verdict_is_not_sent(client: Client, sari: User, seq: str) -> None:
    conversation = scenes.held(sari)
    answer = client.post(f"/desk/{conversation.pk}/verdict/", form(seq=seq), headers=HTMX)
    assert answer.status_code == 409


def test_an_empty_question_says_what_to_type(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    answer = client.post(f"/desk/{conversation.pk}/verify/", form(query="  "), headers=HTMX)
    assert answer.status_code == 409
    assert "licence number" in answer.content.decode()


def test_showing_a_phone_number_is_written_down(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    answer = client.post(f"/desk/{conversation.pk}/phone/", headers=HTMX)
    assert "+62811" in answer.content.decode()
    entry = AuditEntry.objects.get(action="phone_revealed")
    assert (entry.actor, entry.target) == (sari, f"conversation:{conversation.pk}")


def test_reading_is_written_down_only_for_conversations_of_others(
    client: Client, sari: User
) -> None:
    mine, others = scenes.held(sari), scenes.with_bot()
    client.get(f"/desk/{mine.pk}/")
    assert not AuditEntry.objects.filter(action="conversation_read").exists()
    client.get(f"/desk/{others.pk}/")
    entry = AuditEntry.objects.get(action="conversation_read")
    assert entry.target == f"conversation:{others.pk}"
