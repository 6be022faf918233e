"""The head of the desk between the width of a phone and that of a large screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from playwright.sync_api import expect

from resmi.agency.models import User
from resmi.conversations.models import Conversation
from resmi.routing.models import Presence
from tests.desk import scenes
from tests.journeys.conftest import PageFor

WAITED = timedelta(hours=16, minutes=50)
SIZE = "[innerWidth, innerHeight]"
NEEDED = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
# What of the head of the page lies over something else of it.
CROWDED = """() => {
    const parts = [...document.querySelectorAll(
        ".topbar__brand, .topbar__nav, #desk-bar > *, .topbar__end")].filter(
        (one) => one.getClientRects().length && !one.matches(".visually-hidden"));
    const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
        && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    return parts.filter((one) => parts.some((two) => one !== two
        && over(one.getBoundingClientRect(), two.getBoundingClientRect())))
        .map((one) => one.className);
}"""


@pytest.fixture
def sari(transactional_db: None) -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari Kusumaningrum")


def test_a_long_wait_and_a_badge_fit_into_the_bar_at_any_width(
    sari: User, page_for: PageFor
) -> None:
    User.objects.update(language="id")
    talk = scenes.waiting("Ayu Lestari")
    Conversation.objects.filter(pk=talk.pk).update(waiting_since=F("waiting_since") - WAITED)
    Presence.objects.update(status="away", missed_offers=3)
    page = page_for(sari)
    page.goto("/desk/")
    expect(page.locator(".bar .badge")).to_be_visible()
    for width in (360, 769, 1018, 1210, 1366):
        page.set_viewport_size({"width": width, "height": 700})
        while page.evaluate(SIZE) != [width, 700]:
            pass
        assert page.evaluate(CROWDED) == [], width
        assert page.evaluate(NEEDED)[0] <= width
        assert page.evaluate(NEEDED)[1] <= 700
