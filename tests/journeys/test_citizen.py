"""The citizen's column in a real browser: tags, what is noted, merging and its undoing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from resmi.agency.models import User
from resmi.contacts import noting
from resmi.contacts.models import Contact
from resmi.conversations.models import Conversation
from tests.desk import scenes
from tests.journeys.conftest import PageFor, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def sari(transactional_db: None) -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari")


def test_a_citizen_is_tagged_and_noted_about_with_the_keyboard(
    sari: User, page_for: PageFor
) -> None:
    noting.define_attribute(actor=None, name="Kota", kind="choice", choices=["Bandung", "Medan"])
    talk = scenes.held(sari)
    page = page_for(sari)
    page.goto(f"/desk/{talk.pk}/")
    page.keyboard.press("#")
    page.locator("#tag-new").press_sequentially("UMKM")
    page.keyboard.press("Enter")
    expect(page.locator("#citizen-record .chip")).to_contain_text("umkm")
    with page.expect_response("**/note/"):
        page.locator(".noted select").select_option("Medan")
    expect(page.locator(".noted select")).to_have_value("Medan")
    page.locator("#noted-value").fill("zehn")
    page.locator("#noted-value").press("Enter")
    expect(page.locator("#citizen .citizen__refusal")).to_contain_text("whole number")
    contact = Contact.objects.get(pk=talk.contact_id)
    assert (contact.tags, contact.attributes) == (["umkm"], {"kota": "Medan"})
    assert violations(page) == []


def test_what_is_typed_while_a_save_returns_stays_and_is_saved_too(
    sari: User, page_for: PageFor
) -> None:
    for name in ("Kota", "Usaha"):
        noting.define_attribute(actor=None, name=name, kind="text", choices=[])
    talk = scenes.held(sari)
    page = page_for(sari)
    held: list[Route] = []
    page.route("**/note/", lambda route: held.append(route))
    page.goto(f"/desk/{talk.pk}/")
    town, trade, tag = (
        page.get_by_label("Kota"),
        page.get_by_label("Usaha"),
        page.locator("#tag-new"),
    )
    town.fill("Bandung")
    with page.expect_request("**/note/"):
        town.press("Tab")
    trade.press_sequentially("Warung")
    with page.expect_response("**/note/"):
        held.pop().continue_()
    trade.press_sequentially(" kopi")  # goes on in the same field
    expect(trade).to_be_focused()
    expect(town).to_have_value("Bandung")
    page.unroute("**/note/")
    tag.fill("umkm")
    tag.press("Enter")
    expect(page.locator("#citizen-record .chip")).to_contain_text("umkm")
    expect(tag).to_have_value("")
    expect(trade).to_have_value("Warung kopi")
    contact = Contact.objects.get(pk=talk.contact_id)
    assert contact.attributes == {"kota": "Bandung", "usaha": "Warung kopi"}


TYPE_AND_CHOOSE = """() => {
    document.body.addEventListener("htmx:beforeSend", ({ target }) => {
        if (target.matches(".finder")) window.searched = true;
    });
    const field = document.querySelector("#merge-q");
    field.value += "h";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    document.querySelector("#merge-found button").click();
}"""


def test_a_search_begun_before_a_choice_does_not_replace_it(sari: User, page_for: PageFor) -> None:
    scenes.with_bot("Boedi Santosa")
    talk = scenes.held(sari, "Budi Santoso")
    page = page_for(sari)
    page.clock.install()
    page.goto(f"/desk/{talk.pk}/")
    page.locator("#open-merge").click()
    page.locator("#merge-q").fill("boedi")
    page.clock.fast_forward(300)
    page.locator("#merge-found button").first.wait_for()
    page.evaluate(TYPE_AND_CHOOSE)
    page.locator("#merge-found .merge").wait_for()
    page.clock.fast_forward(1_000)
    assert not page.evaluate("window.searched")
    page.locator("#merge-q").press_sequentially("x")  # whoever types on, searches on
    page.clock.fast_forward(1_000)
    assert page.evaluate("window.searched")


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_two_records_become_one_and_two_again(
    sari: User, page_for: PageFor, theme: str, width: int
) -> None:
    other = scenes.with_bot("Boedi Santosa")
    Conversation.objects.filter(pk=other.pk).update(status="closed")
    talk = scenes.held(sari, "Budi Santoso")
    page = page_for(sari, theme=theme, width=width)

    def look_at_citizen() -> None:
        if width < 800:
            page.locator("[data-shows=citizen]").click()

    page.goto(f"/desk/{talk.pk}/")
    look_at_citizen()
    page.locator("#open-merge").click()
    page.locator("#merge-q").fill("boedi")
    page.locator("#merge-found button").first.click()
    page.locator("#merge-found .merge").wait_for()
    assert violations(page) == []
    page.get_by_role("radio", name="Boedi Santosa").check()
    page.locator("#merge-found button[type=submit]").click()
    expect(page.locator("#conversation-name")).to_have_text("Boedi Santosa")
    expect(page.locator("dialog[open]")).to_have_count(0)
    look_at_citizen()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".citizen__change button").click()
    expect(page.locator("#conversation-name")).to_have_text("Budi Santoso")
    other.refresh_from_db()
    assert other.contact_id != talk.contact_id
