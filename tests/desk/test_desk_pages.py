from __future__ import annotations

import pytest
from django.urls import reverse

from resmi.agency.models import User
from tests.desk import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def sari() -> User:
    return scenes.agent("Sari")


def test_an_empty_desk_says_what_would_be_here(sari: User) -> None:
    page = scenes.signed_in(sari).get("/desk/").content.decode()
    assert "You are available: the next one is offered to you." in page
    assert "Nobody waits." in page
    assert "The bot talks to nobody now." in page


def test_the_desk_lists_mine_offers_waiting_and_the_bots(sari: User) -> None:
    scenes.held(sari, "Ayu Lestari")
    scenes.offered("Rina Kartika")
    scenes.with_bot("Joko Susilo")
    page = scenes.signed_in(sari).get("/desk/").content.decode()
    for name in ("Ayu Lestari", "Rina Kartika", "Joko Susilo"):
        assert name in page


def test_a_conversation_opens_with_its_thread_and_composer(sari: User) -> None:
    conversation = scenes.held(sari)
    page = scenes.signed_in(sari).get(f"/desk/{conversation.pk}/").content.decode()
    assert 'id="line-' in page
    assert 'id="mode-reply"' in page
    assert "•••• " in page
    assert "62811" not in page


@pytest.mark.parametrize("name", ["desk:desk", "desk:lists", "desk:bar"])
def test_strangers_are_sent_to_sign_in(client, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert "/accounts/login" in answer["Location"]
