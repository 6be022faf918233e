"""Finding what was written, in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from resmi.agency.models import User
from resmi.conversations import filling, services
from resmi.conversations.models import Conversation, Event
from tests.desk import scenes
from tests.journeys.conftest import PageFor, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def sari(transactional_db: None) -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari")


def long_thread(by: User) -> tuple[Conversation, int]:
    """A thread of 230 lines with one needle near its beginning, and the needle's line."""
    conversation = scenes.held(by, "Budi Santoso")
    services.add_note(actor=by, conversation_id=conversation.pk, body="Nomor rekening 99887766")
    seq = Event.objects.filter(type="note_added").latest("seq").seq
    for number in range(230):
        services.add_note(actor=by, conversation_id=conversation.pk, body=f"jerami {number}")
    filling.fill(now=datetime.now(UTC) + timedelta(seconds=1))
    return conversation, seq


def on_desk(page: Page, conversation: Conversation) -> Page:
    page.goto(f"/desk/{conversation.pk}/")
    page.locator("body[data-live-state=open]").wait_for()
    return page


def test_a_line_not_on_screen_is_found_with_the_keyboard_and_shown(
    sari: User, page_for: PageFor
) -> None:
    conversation, seq = long_thread(sari)
    page = on_desk(page_for(sari), conversation)
    expect(page.locator(f"#line-{seq}")).to_have_count(0)
    page.keyboard.press("f")
    page.locator("#find-q").fill("rekening 9988")
    page.locator("#found a").wait_for()
    assert violations(page) == []
    page.locator("#found a").press("Enter")
    line = page.locator(f"#line-{seq}.line--found")
    expect(line).to_be_in_viewport()
    expect(page.locator("#desk-dialog")).to_have_count(0)
    assert page.url.endswith(f"?line={seq}")
    page.locator("#load-later").click()
    expect(page.locator("#thread-lines")).to_contain_text("jerami 229")
    expect(page.locator("#load-later")).to_be_hidden()


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_search_everywhere_leads_to_the_line(
    sari: User, page_for: PageFor, theme: str, width: int
) -> None:
    conversation, seq = long_thread(sari)
    page = on_desk(page_for(sari, theme=theme, width=width), conversation)
    page.keyboard.press("Control+k")
    page.wait_for_url("**/desk/search/")
    page.locator("#search-q").fill("rekening")
    page.keyboard.press("Enter")
    page.locator(".hit").wait_for()
    page.locator(".seek__more summary").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".hit a").click()
    expect(page.locator(f"#line-{seq}.line--found")).to_be_in_viewport()
