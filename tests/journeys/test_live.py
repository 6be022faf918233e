"""Nothing that happens while a page, or a part of it, is on its way gets lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from playwright.sync_api import APIResponse, Route, expect

from resmi.agency import live
from resmi.agency.live import hub
from resmi.agency.models import User
from tests.conversations import factories
from tests.desk import scenes
from tests.journeys.conftest import PageFor
from tests.journeys.test_desk import address_of, lines, on_desk
from tests.journeys.test_desk_slow import first_of, wait

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COUNT = """() => {
    window.said = [];
    document.body.addEventListener("live:queues", ({ detail }) => window.said.push(detail.n));
}"""


def is_past() -> Callable[[], bool]:
    """Whether all that has been written until now lies behind a stream that is told something."""
    with connection.cursor() as cursor:
        cursor.execute(hub.NOW)
        _oldest, newest = cursor.fetchone()
    return lambda: live.position() >= newest


@pytest.fixture
def sari(transactional_db: None) -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari")


def test_the_stream_begins_when_every_part_of_the_page_listens(
    sari: User, page_for: PageFor
) -> None:
    page = page_for(sari)
    slow: list[Route] = []
    page.route("**/desk/desk.js", lambda way: slow.append(way))
    page.goto("/desk/", wait_until="commit")
    wait(page, lambda: slow)
    page.evaluate("import('/static/agency/page.js')")  # the rest has come, and runs
    scenes.offered("Budi Santoso")
    assert page.evaluate("document.body.dataset.liveState") is None
    slow[0].continue_()
    expect(page.locator("#rows-offers")).to_contain_text("Budi Santoso")


def test_what_is_said_while_a_conversation_comes_to_the_screen_is_shown(
    sari: User, page_for: PageFor
) -> None:
    first, second = scenes.held(sari, "Budi Santoso"), scenes.held(sari, "Ayu Lestari")
    page = on_desk(page_for(sari), first)
    held: list[tuple[Route, APIResponse]] = []
    page.route(f"**/desk/{second.pk}/", lambda way: held.append((way, way.fetch())))
    page.locator(f"#open-{second.pk}").click()
    way, answer = first_of(page, held)
    factories.citizen_says("masih di sana?", sender=address_of(second))
    page.evaluate(COUNT)
    wait(page, is_past())
    live.announce("queues", n=1)  # the stream goes on, past what it was not asked for
    page.wait_for_function("window.said.includes(1)")
    way.fulfill(response=answer)
    expect(lines(page).last).to_contain_text("masih di sana?")
