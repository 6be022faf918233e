"""Rows of lists that were drawn before look as if they were drawn now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from resmi.agency.models import User
from resmi.desk import drawing
from tests.desk import scenes

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _office() -> Iterator[None]:
    scenes.office()
    drawing._drawn.cache_clear()
    yield
    drawing._drawn.cache_clear()


def lists(client: Client) -> str:
    return client.get("/desk/lists/", headers=HTMX).content.decode()


def row(page: str, conversation: int) -> str:
    found = re.search(rf'<li [^>]*id="row-{conversation}".*?</li>', page, re.DOTALL)
    assert found
    return found[0]


def test_a_row_drawn_before_is_used_again_and_each_form_acts_once() -> None:
    conversation = scenes.waiting()
    sari, dewi = (scenes.signed_in(scenes.agent(name, available=False)) for name in ("S", "D"))
    seen = [row(lists(client), conversation.pk) for client in (sari, dewi, sari)]
    assert drawing._drawn.cache_info().hits >= 2
    tokens = [re.search(r'name="once" value="([^"]+)"', one)[1] for one in seen]  # type: ignore[index]
    assert len(set(tokens)) == 3
    masked = [re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', one) for one in seen]
    assert all(masked)
    assert len({one[1] for one in masked if one}) == 3


def test_a_row_drawn_before_tells_the_time_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = scenes.waiting()
    client = scenes.signed_in(scenes.agent(available=False))
    before = row(lists(client), conversation.pk)
    later = timezone.now() + timedelta(minutes=30)
    monkeypatch.setattr(timezone, "now", lambda: later)
    after = row(lists(client), conversation.pk)
    spoken = [re.search(r"<time[^>]*>([^<]*)</time>", one)[1] for one in (before, after)]  # type: ignore[index]
    assert spoken[0].startswith("0:")
    assert spoken[1].startswith("30:")
    assert "promise--late" in after
    assert "promise--late" not in before


def test_each_reader_sees_rows_in_their_language() -> None:
    conversation = scenes.with_bot()
    agent = scenes.agent(available=False)
    allowed = row(lists(scenes.signed_in(agent)), conversation.pk)
    User.objects.filter(pk=agent.pk).update(language="id")
    translated = row(lists(scenes.signed_in(agent)), conversation.pk)
    assert "Take over" in allowed
    assert "Take over" not in translated
    assert "Ambil alih" in translated


def test_a_row_changes_with_its_conversation() -> None:
    conversation = scenes.with_bot(said="halo")
    client = scenes.signed_in(scenes.agent(available=False))
    before = row(lists(client), conversation.pk)
    conversation.last_preview = "Terima kasih banyak"
    conversation.save()
    after = row(lists(client), conversation.pk)
    assert "Terima kasih banyak" in after
    assert "Terima kasih banyak" not in before


def test_what_a_citizen_writes_fills_no_place_of_ours() -> None:
    conversation = scenes.with_bot(said="[x fields] [0123456789abcdef fields]")
    client = scenes.signed_in(scenes.agent(available=False))
    page = row(lists(client), conversation.pk)
    assert "[0123456789abcdef fields]" in page
    assert page.count('name="once"') == 1
