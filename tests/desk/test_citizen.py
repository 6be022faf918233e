from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from resmi.agency.models import AuditEntry, User
from resmi.channels.models import Delivery
from resmi.conversations import queries, services
from resmi.conversations.models import Conversation, Event
from resmi.engine import events
from resmi.registry.rules import Candidate, Verdict
from resmi.registry.watches.models import Watch
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


def doubtful(by: User) -> tuple[Conversation, int]:
    """A conversation `by` holds whose log has an answer with a candidate, and its event number."""
    conversation = scenes.held(by)
    verdict = Verdict(
        status="similar",
        query="Dana Zamrvd",
        source="Register",
        as_of="2026-01-01",
        version=0,
        candidates=(
            Candidate(entity="L9", name="PT Dana Zamrud", status="licensed", differs=("v",)),
        ),
    )
    services.send_verdict(actor=by, conversation_id=conversation.pk, verdict=verdict)
    return conversation, Event.objects.get(type="verdict_given").seq


def test_a_card_with_candidates_offers_each_to_be_sent(client: Client, sari: User) -> None:
    conversation, seq = doubtful(sari)
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert "PT Dana Zamrud" in page
    assert f'name="seq" value="{seq}"' in page
    assert 'name="entity" value="L9"' in page


def test_who_only_looks_on_is_offered_no_candidate(sari: User) -> None:
    conversation, _seq = doubtful(sari)
    page = scenes.signed_in(scenes.supervisor()).get(f"/desk/{conversation.pk}/").content.decode()
    assert "PT Dana Zamrud" in page
    assert 'name="entity"' not in page


def test_the_candidate_chosen_is_what_the_citizen_is_told(client: Client, sari: User) -> None:
    conversation, seq = doubtful(sari)
    answer = client.post(
        f"/desk/{conversation.pk}/verdict/", form(seq=seq, entity="L9"), headers=HTMX
    )
    assert answer.status_code == 200
    sent = Event.objects.filter(type="verdict_given").latest("seq")
    assert sent.data["verdict"]["entity"] == "L9"
    told = Delivery.objects.filter(conversation=conversation.pk, author="agent").latest("id")
    assert "PT Dana Zamrud" in bytes(told.content).decode()


def test_an_answer_is_not_sent_when_the_register_has_changed_since(
    client: Client, sari: User
) -> None:
    conversation = scenes.held(sari)
    verdict = Verdict(
        status="licensed",
        query="PT Dana Zamrud",
        source="Register",
        as_of="2026-01-01",
        version=1,
        entity="L9",
        name="PT Dana Zamrud",
    )
    services.send_verdict(actor=sari, conversation_id=conversation.pk, verdict=verdict)
    seq = Event.objects.get(type="verdict_given").seq
    answer = client.post(f"/desk/{conversation.pk}/verdict/", form(seq=seq), headers=HTMX)
    assert answer.status_code == 409
    assert "The register has changed since" in answer.content.decode()
    assert Event.objects.filter(type="verdict_given").count() == 1


def test_a_candidate_that_was_never_on_offer_is_refused(client: Client, sari: User) -> None:
    conversation, seq = doubtful(sari)
    answer = client.post(
        f"/desk/{conversation.pk}/verdict/", form(seq=seq, entity="L1"), headers=HTMX
    )
    assert answer.status_code == 409
    assert "no longer on offer" in answer.content.decode()


def test_what_a_citizen_watches_is_shown_with_why_news_did_not_reach_them(
    client: Client, sari: User
) -> None:
    conversation = scenes.held(sari)
    assert "watches-title" not in client.get(f"/desk/{conversation.pk}/").content.decode()
    Watch.objects.create(
        contact=conversation.contact_id,
        channel=conversation.channel_id,
        subject="entity:L9",
        name="PT Dana Zamrud",
        standing="licensed",
        started_at=timezone.now(),
        held="no_template",
    )
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert "watches-title" in page
    assert "no template is set up" in page


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


def test_reading_is_written_down_once_a_minute(client: Client, sari: User) -> None:
    mine, others = scenes.held(sari), scenes.with_bot()
    for conversation in (mine, others, others):
        client.get(f"/desk/{conversation.pk}/")
    entries = AuditEntry.objects.filter(action="conversation_read", actor=sari).order_by("id")
    assert [e.target for e in entries] == [f"conversation:{c.pk}" for c in (mine, others)]
