from __future__ import annotations

import uuid

import pytest
from django.core.cache import caches
from django.test import Client

from resmi.agency.models import User
from resmi.channels.models import Delivery
from resmi.channels.whatsapp import catalogue
from resmi.channels.whatsapp.catalogue import Approved
from resmi.conversations.models import Conversation
from resmi.engine import content
from tests.desk import scenes

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
REMINDER = Approved(
    name="case_update", language="id", body="Halo {{1}}, laporan {{2}} diproses.", names=("1", "2")
)


@pytest.fixture(autouse=True)
def _office(monkeypatch: pytest.MonkeyPatch) -> None:
    caches["process"].clear()
    monkeypatch.setattr(catalogue, "approved", lambda account: [REMINDER])
    scenes.office()


@pytest.fixture
def sari() -> User:
    return scenes.agent("Sari")


@pytest.fixture
def client(sari: User) -> Client:
    return scenes.signed_in(sari)


@pytest.fixture
def closed_window(sari: User) -> Conversation:
    """A conversation whose citizen last wrote 25 hours ago."""
    conversation = scenes.held(sari)
    scenes.close_window(conversation)
    return conversation


def write(client: Client, conversation: Conversation, **fields: str) -> tuple[int, str]:
    answer = client.post(
        f"/desk/{conversation.pk}/write/", {"once": str(uuid.uuid4()), **fields}, headers=HTMX
    )
    return answer.status_code, answer.content.decode()


def test_the_composer_turns_into_the_template_picker_and_says_why(
    client: Client, closed_window: Conversation
) -> None:
    page = client.get(f"/desk/{closed_window.pk}/").content.decode()
    assert "The 24-hour window has closed." in page
    assert 'value="reply" id="mode-reply" disabled' in page
    assert 'value="template" id="mode-template" checked' in page


def test_free_text_after_the_window_is_refused_with_the_reason(
    client: Client, closed_window: Conversation
) -> None:
    status, page = write(client, closed_window, mode="reply", body="Halo")
    assert status == 409
    assert "24-hour window has closed" in page


def test_an_approved_template_is_sent_with_its_values(
    client: Client, closed_window: Conversation
) -> None:
    draft = {"mode": "reply", "body": "Tadinya mau saya tulis"}
    client.post(f"/desk/{closed_window.pk}/draft/", draft)
    status, page = write(
        client,
        closed_window,
        mode="template",
        template="case_update|id",
        value_1="Budi",
        value_2="48213",
    )
    assert status == 200
    assert "Halo Budi, laporan 48213 diproses." in page
    assert "Tadinya mau saya tulis" in page
    sent = content.decode_outbound(bytes(Delivery.objects.get(author="agent").content))
    assert isinstance(sent, content.Template)
    assert sent.parameters == ("Budi", "48213")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"template": "case_update|id", "value_1": "Budi"}, "every value"),
        ({"template": "case_update|en", "value_1": "a", "value_2": "b"}, "approved"),
        ({"template": "gift|id"}, "approved"),
        ({}, "approved"),
    ],
)
def test_a_template_that_is_incomplete_or_not_approved_is_refused(
    client: Client, closed_window: Conversation, fields: dict[str, str], reason: str
) -> None:
    status, page = write(client, closed_window, mode="template", **fields)
    assert status == 409
    assert reason in page


def test_values_cannot_smuggle_in_other_variables(
    client: Client, closed_window: Conversation
) -> None:
    _status, page = write(
        client,
        closed_window,
        mode="template",
        template="case_update|id",
        value_1="{{2}}",
        value_2="rahasia",
    )
    assert "Halo {{2}}, laporan rahasia diproses." in page


def test_the_picker_lists_what_the_channel_approved(
    client: Client, closed_window: Conversation
) -> None:
    page = client.get(f"/desk/{closed_window.pk}/templates/", headers=HTMX).content.decode()
    assert "case_update" in page


def test_a_channel_that_does_not_answer_is_said_so(
    client: Client, closed_window: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(account: str) -> list[Approved]:
        raise catalogue.Unavailable("timed out")

    monkeypatch.setattr(catalogue, "approved", silent)
    page = client.get(f"/desk/{closed_window.pk}/templates/", headers=HTMX).content.decode()
    assert "did not say which templates are approved" in page
    status, _page = write(client, closed_window, mode="template", template="case_update|id")
    assert status == 409


def test_the_open_window_lets_one_write(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert 'value="reply" id="mode-reply" checked' in page
