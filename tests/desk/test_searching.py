from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from resmi.agency.models import AuditEntry, User
from resmi.contacts.models import Contact
from resmi.conversations import filling, services
from resmi.conversations.models import Conversation, Event
from resmi.desk import found
from resmi.routing import services as routing
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


def noted(by: User, *bodies: str) -> Conversation:
    conversation = scenes.held(by)
    for body in bodies:
        services.add_note(actor=by, conversation_id=conversation.pk, body=body)
    filled()
    return conversation


def filled() -> None:
    filling.fill(now=datetime.now(UTC) + timedelta(seconds=1))


def test_a_result_leads_to_its_line_and_marks_the_words(client: Client, sari: User) -> None:
    conversation = noted(sari, "Gurita <b>raksasa</b> di laut")
    seq = Event.objects.get(type="note_added").seq
    page = client.get("/desk/search/", {"q": "raksasa"}).content.decode()
    assert f'href="/desk/{conversation.pk}/?line={seq}#line-{seq}"' in page
    assert "&lt;b&gt;<mark>raksasa</mark>&lt;/b&gt;" in page
    assert "Note by Sari" in page


def test_what_was_searched_for_is_written_down_once_not_for_every_page(
    client: Client, sari: User
) -> None:
    noted(sari, *(f"gurita {n}" for n in range(25)))
    first = client.get("/desk/search/", {"q": "gurita", "status": "assigned"})
    assert len(first.context["results"]) == 20
    more = first.context["more"]
    cursor = f"{more.conversation}.{more.seq}"
    second = client.get("/desk/search/", {"q": "gurita", "before": cursor})
    assert len(second.context["results"]) == 5
    entry = AuditEntry.objects.get(action="messages_searched")
    assert entry.after == {"text": "gurita", "status": "assigned", "found": 20, "has_more": True}


@pytest.mark.parametrize(
    "query",
    [
        "q=%00&queue=%00",
        "q=" + "a" * 5000,
        "q=x&agent=-1&channel=99999999999999999999&since=2026-02-31&until=0000-01-01",
        "q=x&before=1.2.3&status=gone&tag=%F0%9F%90%99",
        "before=7",
    ],
)
def test_an_address_that_makes_no_sense_is_answered_with_a_page(client: Client, query: str) -> None:
    assert client.get(f"/desk/search/?{query}").status_code == 200


def test_days_are_whole_days_of_the_reader(client: Client, sari: User) -> None:
    noted(sari, "gurita")
    today = datetime.now(UTC).astimezone().date()
    near = {"since": today - timedelta(days=1), "until": today + timedelta(days=1)}
    assert client.get("/desk/search/", {"q": "gurita", **near}).context["results"]
    past = {"until": today - timedelta(days=2)}
    answer = client.get("/desk/search/", {"q": "gurita", **past})
    assert not answer.context["results"]
    assert "fits what you narrowed down" in answer.content.decode()


def test_a_page_of_results_costs_the_same_however_many_people_it_names(
    client: Client, sari: User
) -> None:
    noted(sari, "gurita")
    client.get("/desk/search/", {"q": "gurita"})
    with CaptureQueriesContext(connection) as one:
        client.get("/desk/search/", {"q": "gurita"})
    for number in range(3):
        person = noted(sari, "gurita")
        Contact.objects.filter(pk=person.contact_id).update(tags=[f"tag{number}"])
    with CaptureQueriesContext(connection) as four:
        answer = client.get("/desk/search/", {"q": "gurita"})
    assert len(answer.context["results"]) == 4
    assert len(four) == len(one) <= 16


def test_a_line_of_a_long_thread_is_opened_though_it_is_far_back(
    client: Client, sari: User
) -> None:
    conversation = noted(sari, "jarum", *(f"jerami {n}" for n in range(200)))
    seq = Event.objects.filter(type="note_added").earliest("seq").seq
    hits = client.get(f"/desk/{conversation.pk}/find/", {"q": "jarum"}, headers=HTMX)
    assert f"?line={seq}" in hits.content.decode()
    page = client.get(f"/desk/{conversation.pk}/?line={seq}").content.decode()
    assert f'id="line-{seq}"' in page
    assert f'data-line="{seq}"' in page
    assert "load-later" in page
    usual = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert f'id="line-{seq}"' not in usual
    assert "load-later" not in usual
    assert client.get(f"/desk/{conversation.pk}/?line=999999").status_code == 200


def test_only_this_conversation_is_looked_through(client: Client, sari: User) -> None:
    mine, other = noted(sari, "gurita satu"), noted(sari, "gurita dua")
    page = client.get(f"/desk/{mine.pk}/find/", {"q": "gurita"}, headers=HTMX).content.decode()
    assert "satu" in page
    assert "dua" not in page
    assert AuditEntry.objects.get(action="messages_searched").target == f"conversation:{mine.pk}"
    assert client.get(f"/desk/{other.pk + 99}/find/").status_code == 404


def test_a_day_that_is_none_is_left_out() -> None:
    asked = found.asked({"q": "  a\n b ", "since": "2026-13-01", "until": "soon"})
    assert (asked.text, asked.since, asked.until) == ("a b", None, None)


def test_who_serves_one_queue_finds_nothing_of_another(sari: User) -> None:
    conversation = noted(sari, "gurita")
    Conversation.objects.filter(pk=conversation.pk).update(queue="general", status="closed")
    dewi = scenes.agent("Dewi")
    routing.set_queues(actor=None, agent_id=dewi.pk, queues=["reports"])
    other = scenes.signed_in(dewi)
    assert not other.get("/desk/search/", {"q": "gurita"}).context["results"]
    assert other.get(f"/desk/{conversation.pk}/find/", {"q": "gurita"}).status_code == 404
