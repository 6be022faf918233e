"""Nothing that happens while a page, or a part of it, is on its way gets lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from playwright.sync_api import APIResponse, Route, expect

from resmi.agency import live
from resmi.agency.live import hub
from resmi.agency.models import User
from resmi.routing.notices import services as notices
from tests.conversations import factories
from tests.desk import scenes
from tests.journeys.conftest import PageFor
from tests.journeys.test_desk import address_of, lines, on_desk
from tests.journeys.test_desk_slow import first_of, wait
from tests.journeys.test_media import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HEAR = """(topic) => {
    window.said = [];
    document.body.addEventListener(topic, ({ detail }) => window.said.push(detail.n));
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
    page.route(f"**/desk/{second.pk}/", lambda way: held.append((way, way.fetch())), times=1)
    page.locator(f"#open-{second.pk}").click()
    way, answer = first_of(page, held)
    factories.citizen_says("masih di sana?", sender=address_of(second))
    page.evaluate(HEAR, "live:queues")
    wait(page, is_past())
    live.announce("queues", n=1)  # the stream goes on, past what it was not asked for
    until(page, "window.said.includes(1)")
    way.fulfill(response=answer)
    expect(lines(page).last).to_contain_text("masih di sana?")


def test_what_happens_while_lines_are_fetched_has_them_fetched_once_more(
    sari: User, page_for: PageFor
) -> None:
    conversation = scenes.held(sari)
    page = page_for(sari)
    page.clock.install()
    on_desk(page, conversation)
    held: list[tuple[Route, APIResponse]] = []
    page.route(
        f"**/desk/{conversation.pk}/thread/**", lambda way: held.append((way, way.fetch())), times=1
    )
    factories.citizen_says("satu", sender=address_of(conversation))
    way, answer = first_of(page, held)
    page.evaluate(HEAR, "live:conversation")
    factories.citizen_says("dua", sender=address_of(conversation))
    live.announce(f"conversation:{conversation.pk}", n=1)
    until(page, "window.said.includes(1)")
    page.clock.fast_forward(1_000)
    way.fulfill(response=answer)
    expect(lines(page).last).to_contain_text("dua")


def test_a_notice_put_away_hands_the_focus_on_whichever_answer_comes_first(
    sari: User, page_for: PageFor
) -> None:
    for words in ("Register terlambat.", "Minum air."):
        notices.send(actor=scenes.supervisor(), body=words, queue="", minutes=60)
    page = on_desk(page_for(sari))
    strip = page.locator("#desk-notices")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/dismiss/", lambda way: held.append((way, way.fetch())), times=1)
    strip.get_by_role("button").first.press("Enter")
    way, answer = first_of(page, held)
    expect(strip.get_by_role("button")).to_have_count(1)
    expect(strip.get_by_role("button")).to_be_focused()
    with page.expect_response("**/dismiss/"):
        way.fulfill(response=answer)
    expect(strip.get_by_role("button")).to_be_focused()
