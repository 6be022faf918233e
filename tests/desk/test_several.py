from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from resmi.agency.models import AuditEntry, User
from resmi.conversations.models import Conversation
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


def open_ones() -> set[int]:
    return set(Conversation.objects.exclude(status="closed").values_list("pk", flat=True))


def test_several_are_closed_with_one_reason_and_each_is_written_down(
    client: Client, sari: User
) -> None:
    first, second, third = (scenes.held(sari, name) for name in ("Budi", "Ayu", "Rina"))
    page = client.get("/desk/close/", headers=HTMX).content.decode()
    assert page.count('type="checkbox"') == 3
    sent = form(conversation=[first.pk, second.pk, first.pk], reason="advice_given")
    assert client.post("/desk/close/", sent, headers=HTMX).status_code == 200
    assert client.post("/desk/close/", sent, headers=HTMX).status_code == 200
    assert open_ones() == {third.pk}
    entries = AuditEntry.objects.filter(action="conversation_closed_with_others")
    assert sorted(entries.values_list("target", flat=True)) == sorted(
        f"conversation:{one.pk}" for one in (first, second)
    )


def test_one_that_cannot_be_closed_holds_up_no_other(client: Client, sari: User) -> None:
    mine, theirs = scenes.held(sari, "Budi"), scenes.held(scenes.agent("Dewi"), "Ayu")
    sent = form(conversation=[theirs.pk, mine.pk, 999_999], reason="advice_given")
    page = client.post("/desk/close/", sent, headers=HTMX).content.decode()
    assert open_ones() == {theirs.pk}
    assert f"#{theirs.pk}: You do not hold this conversation" in page
    assert "#999999: This conversation does not exist" in page


@pytest.mark.parametrize("reason", ["", "because"])
def test_without_a_reason_nothing_is_closed(client: Client, sari: User, reason: str) -> None:
    mine = scenes.held(sari)
    sent = form(conversation=[mine.pk], reason=reason)
    assert client.post("/desk/close/", sent, headers=HTMX).status_code == 409
    assert client.post("/desk/close/", form(reason="advice_given"), headers=HTMX).status_code == 409
    assert open_ones() == {mine.pk}


def test_a_supervisor_also_closes_what_waits(sari: User) -> None:
    waiting = scenes.waiting("Tono")
    rina = scenes.signed_in(scenes.supervisor("Rina"))
    assert "Tono" in rina.get("/desk/close/", headers=HTMX).content.decode()
    assert "Tono" not in scenes.signed_in(sari).get("/desk/close/", headers=HTMX).content.decode()
    rina.post("/desk/close/", form(conversation=[waiting.pk], reason="no_answer"), headers=HTMX)
    assert open_ones() == set()
