"""Supervisors at work: the floor moves by itself, conversations can be read, taken and moved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from resmi.agency.models import AuditEntry, User
from resmi.channels.models import Delivery
from resmi.conversations import services
from resmi.routing.models import Notice
from tests.desk import scenes
from tests.desk.test_floor import parked
from tests.journeys.conftest import PageFor, cut_off_tables, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def rina(transactional_db: None) -> User:
    scenes.office()
    return scenes.supervisor("Rina Kusuma", "admin")


def on_floor(page: Page) -> Page:
    page.goto("/floor/")
    page.locator("body[data-live-state=open]").wait_for()
    return page


def test_the_floor_moves_by_itself(rina: User, page_for: PageFor) -> None:
    sari = scenes.agent("Sari Wulandari")
    page = on_floor(page_for(rina))
    general = page.locator("#queue-general td.num").first
    expect(general).to_have_text("0")
    conversation = scenes.waiting("Budi Santoso")
    expect(general).to_have_text("1")
    expect(page.locator("#floor-waiting")).to_contain_text("Budi Santoso")
    services.take_over(actor=sari, conversation_id=conversation.pk)
    expect(page.locator(f"#agent-{sari.pk}")).to_contain_text("Budi Santoso")
    expect(general).to_have_text("0")


def test_an_alarm_appears_and_leads_to_what_is_behind_it(rina: User, page_for: PageFor) -> None:
    item = parked()
    page = on_floor(page_for(rina))
    page.get_by_role("link", name="Look").click()
    expect(page.get_by_text("a shape nobody knows (ValueError)")).to_be_visible()
    page.get_by_role("button", name="Replay #").click()
    expect(page.locator("#toasts")).to_contain_text("Replayed")
    item.refresh_from_db()
    assert item.status == "new"


def test_a_supervisor_reads_along_live_and_moves_the_conversation(
    rina: User, page_for: PageFor
) -> None:
    sari = scenes.agent("Sari Wulandari")
    conversation = scenes.held(sari, "Budi Santoso")
    page = on_floor(page_for(rina))
    page.locator(f"#talk-{conversation.pk} a").click()
    expect(page.locator("#conversation-name")).to_have_text("Budi Santoso")
    page.locator("body[data-live-state=open]").wait_for()
    services.add_note(actor=sari, conversation_id=conversation.pk, body="Perlu bantuan")
    expect(page.locator(".line--note")).to_contain_text("Perlu bantuan")
    page.keyboard.press("t")
    page.get_by_role("dialog").get_by_label("Illegal offer reports").check()
    page.get_by_role("button", name="Transfer", exact=True).click()
    expect(page.locator("#composer")).to_contain_text("Waiting in a queue")
    assert AuditEntry.objects.filter(actor=rina, action="conversation_read").exists()


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_the_floor_has_no_accessibility_faults(
    rina: User, page_for: PageFor, theme: str, width: int
) -> None:
    sari = scenes.agent("Sari Wulandari")
    scenes.held(sari, "Budi Santoso")
    scenes.waiting("Ayu Lestari")
    item = parked()
    Delivery.objects.update(status="failed", error="The phone is off.")
    page = page_for(rina, theme=theme, width=width)
    for path in ("/floor/", "/floor/inbound/", f"/floor/inbound/{item.pk}/", "/floor/deliveries/"):
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert cut_off_tables(page) == [], path
    page.goto("/floor/")
    heads = 13
    assert read_out(page) == {"table": 1, "columnheader": heads, "rowheader": 2, "row": 3}


def read_out(page: Page) -> dict[str, int]:
    """How many parts of tables the browser tells a screen reader of, however they are drawn."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    return {role: roles.count(role) for role in ("table", "columnheader", "rowheader", "row")}


def test_a_notice_comes_to_the_desk_live_and_goes_by_hand_or_by_time(
    rina: User, page_for: PageFor
) -> None:
    sari = scenes.agent("Sari Wulandari")
    desk = page_for(sari, width=360, theme="dark")
    desk.clock.install()
    desk.goto("/desk/")
    desk.locator("body[data-live-state=open]").wait_for()
    floor = page_for(rina)
    floor.goto("/floor/notices/")
    for words in ("The register is late today.", "Please drink water."):
        floor.get_by_label("Notice", exact=True).fill(words)
        floor.get_by_role("button", name="Tell them").click()
        floor.locator("#toasts").get_by_text("Told.").first.wait_for()
    strip = desk.locator("#desk-notices")
    expect(strip).to_contain_text("Please drink water.")
    assert violations(desk) == []
    desk.locator("[data-notice]").first.get_by_role("button").click()
    expect(strip).not_to_contain_text("The register is late today.")
    expect(strip.get_by_role("button")).to_be_focused()
    floor.reload()
    floor.get_by_text("put away by 1").click()
    expect(floor.locator(".told__who:visible")).to_contain_text("Sari Wulandari saw it")
    assert violations(floor) == []
    Notice.objects.update(until=timezone.now() + timedelta(minutes=5))
    desk.reload()
    expect(strip).to_contain_text("Please drink water.")
    Notice.objects.update(until=timezone.now())
    desk.clock.fast_forward(5 * 60_000)
    expect(strip).not_to_contain_text("Please drink water.")
