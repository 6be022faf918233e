"""The agency room in a real browser: both themes, wide and 360 px, no axe findings."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from resmi.agency import live
from resmi.agency.models import User
from tests.agency import making
from tests.journeys.conftest import PageFor, violations

pytestmark = pytest.mark.browser

OPEN = ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"]
SIGNED_IN = [
    *("/styleguide/", "/staff/", "/staff/new/", "/staff/import/", "/citizens/data/"),
    *("/desk/attributes/", "/audit/", "/account/", "/nothing/", "/account/theme/"),
]


@pytest.fixture
def ratna(database_url: str) -> User:
    return making.admin()


def _check(page: Page, address: str, width: int) -> None:
    page.goto(address)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_pages_before_sign_in_are_accessible(page_for: PageFor, theme: str, width: int) -> None:
    page = page_for(theme=theme, width=width)
    for address in OPEN:
        _check(page, address, width)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_pages_after_sign_in_are_accessible(
    page_for: PageFor, ratna: User, theme: str, width: int
) -> None:
    page = page_for(ratna, theme=theme, width=width)
    for address in SIGNED_IN:
        _check(page, address, width)


def test_people_sign_in_with_the_keyboard_alone(page_for: PageFor, ratna: User) -> None:
    page = page_for()
    page.goto("/account/")
    page.get_by_label("E-mail address").fill(ratna.email)
    page.keyboard.press("Tab")
    page.keyboard.type(making.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Profile and preferences")).to_be_visible()


def test_the_theme_button_flips_at_once_and_stays(page_for: PageFor, ratna: User) -> None:
    page = page_for(ratna)
    page.goto("/account/")
    with page.expect_response("**/account/theme/"):
        page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_theme_chosen_last_is_stored_and_a_failure_is_told(
    page_for: PageFor, ratna: User
) -> None:
    page = page_for(ratna)
    page.goto("/account/")
    page.route("**/account/theme/", lambda way: way.abort(), times=1)
    button = page.get_by_role("button", name="Light or dark")
    button.click()
    expect(page.locator("#toasts")).to_contain_text("The server did not answer")
    slow: list[Route] = []
    free: list[bool] = []
    page.route("**/account/theme/", lambda way: way.continue_() if free else slow.append(way))
    for _ in range(2):  # light, dark
        button.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    free.append(True)
    with page.expect_response(lambda one: b"dark" in (one.request.post_data_buffer or b"")):
        for way in reversed(slow):
            with page.expect_response("**/account/theme/"):
                way.continue_()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_question_mark_lists_the_keys(page_for: PageFor, ratna: User) -> None:
    page = page_for(ratna)
    page.goto("/staff/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("New account")


def test_keys_do_nothing_while_one_types(page_for: PageFor, ratna: User) -> None:
    page = page_for(ratna)
    page.goto("/staff/")
    page.keyboard.press("/")
    page.keyboard.type("c?")
    expect(page.get_by_role("searchbox")).to_have_value("c?")


def test_keys_can_be_switched_off(page_for: PageFor, ratna: User) -> None:
    User.objects.filter(pk=ratna.pk).update(shortcuts=False)
    page = page_for(ratna)
    page.goto("/staff/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_an_announcement_reaches_the_page(page_for: PageFor, ratna: User) -> None:
    page = page_for(ratna)
    page.goto("/styleguide/")
    page.evaluate(
        """() => {
            const { body } = document;
            body.addEventListener("live:queues", (event) => (body.dataset.told = event.detail.n));
            body.dataset.live = "queues";
            const detail = { elt: body };
            document.dispatchEvent(new CustomEvent("htmx:load", { detail }));
        }"""
    )
    body = page.locator("body")
    expect(body).to_have_attribute("data-live-state", "open")
    live.announce("queues", n=7)
    expect(body).to_have_attribute("data-told", "7")


def test_times_tick_in_the_language_of_the_page(page_for: PageFor, ratna: User) -> None:
    User.objects.filter(pk=ratna.pk).update(language="ko")
    page = page_for(ratna)
    page.goto("/styleguide/")
    page.evaluate(
        """() => {
            const time = document.querySelector("time[data-ago=short]");
            time.dateTime = new Date(Date.now() - 125000).toISOString();
        }"""
    )
    expect(page.locator("time[data-ago=short]").first).to_have_text("2분")
