"""The phone page in a real browser: a citizen's way through a chat, and accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.channels import sending
from tests.channels.simulator.stand import PHONE, Stand

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live() -> Iterator[Stand]:
    stand = Stand(clock_rate=20.0)
    yield stand
    stand.close()


@pytest.fixture(scope="module")
def page(live: Stand, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    page.close()


@pytest.fixture(autouse=True)
def fresh(live: Stand, page: Page) -> None:
    live.answer = lambda serial: 200
    live.call("POST", "/control/reset", {})
    live.received.clear()
    page.goto(live.base + "/phone?theme=light")
    expect(page.locator(".person").first).to_be_visible()


def write(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def ask(live: Stand) -> None:
    rows = [{"id": "loan", "title": "Pinjaman"}, {"id": "bank", "title": "Bank"}]
    action = {"button": "Lihat pilihan", "sections": [{"title": "Jenis", "rows": rows}]}
    interactive = {"type": "list", "body": {"text": "Pilih jenis."}, "action": action}
    live.sent_id({"type": "interactive", "interactive": interactive})


def test_a_message_gets_two_ticks_and_turns_blue_when_read(live: Stand, page: Page) -> None:
    write(page, "Halo")
    expect(page.get_by_role("img", name="sampai")).to_be_visible()
    body = {"messaging_product": "whatsapp", "status": "read"}
    body["message_id"] = live.messages()[0]["id"]
    live.graph("POST", f"/{PHONE}/messages", body)
    expect(page.get_by_role("img", name="dibaca")).to_be_visible()


def test_a_row_is_chosen_with_the_keyboard_alone(live: Stand, page: Page) -> None:
    write(page, "Halo")
    expect(page.get_by_role("img", name="sampai")).to_be_visible()
    ask(live)
    page.get_by_role("button", name="Lihat pilihan", exact=True).press("Enter")
    page.get_by_role("button", name="Bank").press("Enter")
    expect(page.locator(".mine .words").last).to_have_text("Bank")
    sending.wait_until(lambda: "interactive" in live.messages()[-1])
    assert live.messages()[-1]["interactive"]["list_reply"]["id"] == "bank"


def test_a_refused_signature_is_explained_with_the_remedy(live: Stand, page: Page) -> None:
    live.answer = lambda serial: 401
    write(page, "Halo")
    expect(page.locator("#banner")).to_contain_text("RESMI_WHATSAPP_APP_SECRETS")
    live.answer = lambda serial: 200
    expect(page.locator("#banner")).to_be_hidden()


def test_another_citizen_speaks_her_own_language(page: Page) -> None:
    page.locator("[data-key=minji]").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.get_by_role("textbox")).to_have_attribute("aria-label", "메시지")


def test_a_thread_that_comes_late_is_not_shown_to_somebody_else(page: Page) -> None:
    write(page, "Halo dari Budi")
    expect(page.get_by_role("img", name="sampai")).to_be_visible()
    page.locator("[data-key=minji]").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    held: list[Route] = []
    page.route("**/budi/thread*", lambda way: held.append(way), times=1)
    with page.expect_request("**/budi/thread*"):
        page.locator("[data-key=budi]").click()
    with page.expect_response("**/minji/thread*"):
        page.locator("[data-key=minji]").click()
    while not held:
        page.evaluate("0")
    with page.expect_response("**/budi/thread*"):
        held[0].continue_()
    write(page, "민지예요")
    expect(page.locator(".words")).to_have_text(["민지예요"])


def test_what_happens_before_the_line_stands_is_shown(live: Stand, page: Page) -> None:
    held: list[Route] = []
    page.route("**/control/events", lambda way: held.append(way), times=1)
    with page.expect_request("**/control/events"):
        page.goto(live.base + "/phone?theme=light")
    live.say(type="text", text="Halo")
    while not held:  # the browser's word arrives while something is asked of it
        page.evaluate("0")
    held[0].continue_()
    expect(page.get_by_role("img", name="sampai")).to_be_visible()


def test_nobody_types_before_the_page_listens(live: Stand, page: Page) -> None:
    held: list[Route] = []
    page.route("**/words.json", lambda way: held.append(way), times=1)
    with page.expect_request("**/words.json"):
        page.goto(live.base + "/phone", wait_until="commit")
    expect(page.locator("#text")).to_be_disabled()
    held[0].continue_()
    write(page, "Halo")
    expect(page.locator(".mine .words")).to_have_text("Halo")


def test_an_edit_thought_better_of_leaves_nothing_to_send(page: Page) -> None:
    write(page, "Halo")
    expect(page.get_by_role("img", name="sampai")).to_be_visible()
    page.locator("#language").select_option("en")
    page.locator(".mine .more").click()
    page.get_by_role("button", name="Edit").click()
    expect(page.locator("#text")).to_have_value("Halo")
    page.locator("#text").press("Escape")
    expect(page.locator("#text")).to_have_value("")


def test_typing_shows_until_the_answer_comes(live: Stand, page: Page) -> None:
    write(page, "Halo")
    expect(page.get_by_role("img", name="sampai")).to_be_visible()
    mark = {"messaging_product": "whatsapp", "status": "read", "typing_indicator": {"type": "text"}}
    live.graph("POST", f"/{PHONE}/messages", mark | {"message_id": live.messages()[0]["id"]})
    expect(page.locator("#typing")).to_be_visible()
    live.sent_id()
    expect(page.locator("#typing")).to_be_hidden()


def test_markup_in_a_message_is_shown_as_text(live: Stand, page: Page) -> None:
    write(page, "<img src=x onerror=alert(1)> *tebal*")
    expect(page.locator(".mine .words strong")).to_have_text("tebal")
    assert page.locator(".words img").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_has_no_accessibility_violations(live: Stand, page: Page, theme: str) -> None:
    page.goto(f"{live.base}/phone?theme={theme}")
    write(page, "Halo")
    expect(page.get_by_role("img", name="sampai")).to_be_visible()
    ask(live)
    page.get_by_role("button", name="Lihat pilihan", exact=True).click()
    page.evaluate(AXE.read_text())
    with_sheet = page.evaluate("axe.run()")["violations"]
    page.keyboard.press("Escape")
    without_sheet = page.evaluate("axe.run()")["violations"]
    assert [one["id"] for one in with_sheet + without_sheet] == []
    assert page.complaints == []  # type: ignore[attr-defined]
