from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from resmi.agency.models import User
from resmi.conversations import services
from resmi.conversations.models import Conversation, Event
from tests.desk import scenes

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
REPORT = "illegal_offer"
REQUIRED = ("offer", "money", "evidence", "next")


@pytest.fixture
def sari() -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari")


def report(by: User) -> Conversation:
    conversation = scenes.held(by)
    services.transfer_to_queue(actor=by, conversation_id=conversation.pk, queue="reports")
    services.take_over(actor=by, conversation_id=conversation.pk)
    return conversation


def post(client: Client, path: str, **fields: Any) -> Any:
    return client.post(path, {"once": str(uuid.uuid4()), **fields}, headers=HTMX)


def tick(client: Client, conversation: Conversation, point: str, act: str = "tick") -> Any:
    fields = {"script": REPORT, act: point}
    return post(client, f"/desk/{conversation.pk}/tick/", **fields)


def close(client: Client, conversation: Conversation, **fields: Any) -> Any:
    return post(client, f"/desk/{conversation.pk}/close/", reason="report_taken", **fields)


def closed(conversation: Conversation) -> list[str]:
    event = Event.objects.get(conversation=conversation.pk, type="conversation_closed")
    return list(event.data.get("unticked", []))


def test_the_script_of_the_topic_lies_beside_the_conversation_in_the_readers_language(
    sari: User,
) -> None:
    conversation = report(sari)
    sari.language = "ko"
    sari.save()
    page = scenes.signed_in(sari).get(f"/desk/{conversation.pk}/").content.decode()
    assert "불법 금융 신고" in page
    assert "화면 캡처, 계좌번호, 이체 내역을 요청하세요" in page
    assert "/bukti" in page


def test_a_tick_shows_in_the_panel_and_in_the_thread_and_can_be_taken_back(sari: User) -> None:
    conversation, client = report(sari), scenes.signed_in(sari)
    answer = tick(client, conversation, "money").content.decode()
    assert "ticked “Ask whether money was sent" in answer
    assert 'name="untick" value="money"' in answer
    again = tick(client, conversation, "money", "untick").content.decode()
    assert 'name="tick" value="money"' in again
    assert tick(client, conversation, "no_such_point").status_code == 409


def test_a_colleague_reads_the_ticks_but_cannot_tick(sari: User) -> None:
    conversation = report(sari)
    tick(scenes.signed_in(sari), conversation, "money")
    rina = scenes.signed_in(scenes.supervisor("Rina"))
    page = rina.get(f"/desk/{conversation.pk}/").content.decode()
    assert 'name="untick" value="money" disabled' in page
    assert tick(rina, conversation, "offer").status_code == 409
    floor = rina.get("/floor/").content.decode()
    assert "1/6" in floor


def test_closing_asks_for_required_points_and_notes_what_was_left_open(sari: User) -> None:
    conversation, client = report(sari), scenes.signed_in(sari)
    tick(client, conversation, "money")
    dialog = client.get(f"/desk/{conversation.pk}/close/").content.decode()
    assert "Ask for screenshots" in dialog
    assert "Ask whether money" not in dialog
    asked = close(client, conversation)
    assert asked.status_code == 409
    assert "3 required points" in asked.content.decode()
    answer = close(client, conversation, anyway="yes").content.decode()
    assert "left open: Ask for the exact name" in answer
    assert closed(conversation) == [f"{REPORT}/{p}" for p in REQUIRED if p != "money"]


def test_closing_asks_nothing_once_all_required_points_are_ticked(sari: User) -> None:
    conversation, client = report(sari), scenes.signed_in(sari)
    for point in REQUIRED:
        tick(client, conversation, point)
    assert "close-left" not in client.get(f"/desk/{conversation.pk}/close/").content.decode()
    assert close(client, conversation).status_code == 200
    assert closed(conversation) == []


def test_of_several_those_with_open_points_stay_unless_one_says_so(sari: User) -> None:
    conversation, client = report(sari), scenes.signed_in(sari)
    fields = {"conversation": conversation.pk, "reason": "report_taken"}
    assert 'name="anyway"' in client.get("/desk/close/", headers=HTMX).content.decode()
    answer = post(client, "/desk/close/", **fields)
    assert f"#{conversation.pk}: 4 required points" in answer.content.decode()
    post(client, "/desk/close/", **fields, anyway="yes")
    assert len(closed(conversation)) == 4


def test_another_script_or_none_is_chosen_at_the_desk(sari: User) -> None:
    conversation, client = report(sari), scenes.signed_in(sari)
    path = f"/desk/{conversation.pk}/script/"
    answer = post(client, path, script="licence_question").content.decode()
    assert "Look the full name up" in answer
    none = post(client, path, script="").content.decode()
    assert "goes by no script" in none
    assert close(client, conversation).status_code == 200
