from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from resmi.agency.models import User
from resmi.channels.models import Delivery
from resmi.conversations import companions, team
from resmi.conversations.models import Draft
from tests.desk import scenes

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
UNDO_S = team.UNDO_S


@pytest.fixture
def sari() -> User:
    scenes.office()
    return scenes.agent("Sari")


@pytest.fixture
def client(sari: User) -> Client:
    return scenes.signed_in(sari)


def form(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), **fields}


def write(client: Client, conversation: int, body: str = "Selamat pagi") -> str:
    sent = form(mode="reply", body=body)
    return client.post(f"/desk/{conversation}/write/", sent, headers=HTMX).content.decode()


def newest() -> Delivery:
    return Delivery.objects.filter(author="agent").latest("id")


def test_a_reply_waits_five_seconds(
    client: Client, sari: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "UNDO_S", UNDO_S)
    conversation, begin = scenes.held(sari), datetime.now(UTC)
    write(client, conversation.pk)
    wait = timedelta(seconds=5)
    assert begin + wait <= newest().not_before <= datetime.now(UTC) + wait


def test_while_a_reply_waits_it_can_be_taken_back(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    page = write(client, conversation.pk)
    seq = newest().ref.split(".")[1]
    assert f'id="undo-{seq}"' in page

    answer = client.post(f"/desk/{conversation.pk}/undo/", form(seq=seq), headers=HTMX)
    assert '"body": "Selamat pagi"' in answer.headers["HX-Trigger-After-Swap"]
    page = answer.content.decode()
    assert "line--cancelled" in page
    assert "<del>" in page
    assert "took a message back before it left" in page
    assert 'class="undo"' not in page
    assert newest().status == "cancelled"
    assert Draft.objects.get(conversation=conversation).body == "Selamat pagi"


def test_what_left_cannot_be_taken_back(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    write(client, conversation.pk)
    Delivery.objects.filter(author="agent").update(status="sent", rank=20)
    seq = newest().ref.split(".")[1]
    answer = client.post(f"/desk/{conversation.pk}/undo/", form(seq=seq), headers=HTMX)
    assert answer.status_code == 409
    assert "Too late" in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_colleagues_message_cannot_be_taken_back(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    write(client, conversation.pk)
    dewi = scenes.signed_in(scenes.agent("Dewi"))
    seq = newest().ref.split(".")[1]
    answer = dewi.post(f"/desk/{conversation.pk}/undo/", form(seq=seq), headers=HTMX)
    assert answer.status_code == 409
    assert 'class="undo"' not in dewi.get(f"/desk/{conversation.pk}/").content.decode()


def test_without_javascript_the_text_waits_as_a_draft(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    client.post(f"/desk/{conversation.pk}/write/", form(mode="reply", body="Halo"))
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    seq = newest().ref.split(".")[1]
    assert f'id="undo-{seq}"' in page
    answer = client.post(f"/desk/{conversation.pk}/undo/", form(seq=seq), follow=True)
    assert "Halo</textarea>" in answer.content.decode()


def test_who_wants_no_delay_has_none(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    assert 'aria-pressed="false"' in _switched(client, "off")
    page = write(client, conversation.pk)
    assert newest().not_before <= datetime.now(UTC)
    assert 'class="undo"' not in page
    assert companions.preference(sari.pk).undo_send is False
    _switched(client, "on")
    assert companions.preference(sari.pk).undo_send is True


def _switched(client: Client, value: str) -> str:
    page = client.post("/desk/undo/", form(undo_send=value), headers=HTMX).content.decode()
    return page[page.index("undo-switch") :]
