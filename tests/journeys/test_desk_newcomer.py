"""A newcomer's first day, by keyboard alone; two agents and a citizen in one conversation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from resmi.agency.models import User
from resmi.channels.models import Delivery
from tests.conversations import factories
from tests.desk import scenes
from tests.journeys.conftest import PageFor, hold_date, violations
from tests.journeys.test_desk import address_of, composer, lines, on_desk, status

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASTE = """() => {
    const data = new DataTransfer();
    const row = "<tr><td onclick='x()'><b>Baris</b> <i>isi</i></td></tr>";
    const table = `<style>b{}</style><script>alert(1)</script><table>${row.repeat(36000)}`;
    data.setData("text/html", table);
    const event = new ClipboardEvent("paste",
        { clipboardData: data, bubbles: true, cancelable: true });
    document.getElementById("composer-body").dispatchEvent(event);
}"""


@pytest.fixture
def sari(transactional_db: None) -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari")


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def _dialog(page: Page, words: str) -> None:
    """Waits for a dialog as people do: until it is there and has the keyboard."""
    expect(page.get_by_role("dialog")).to_contain_text(words)
    expect(page.locator("dialog[open] :focus")).to_have_count(1)


def test_a_newcomer_serves_a_citizen_from_accepting_to_closing(
    sari: User, page_for: PageFor
) -> None:
    page = on_desk(page_for(sari))
    page.keyboard.press("?")
    overlay = page.get_by_role("dialog")
    for words in ("Accept the first offer", "Verify a company", "Lay aside for a while"):
        expect(overlay).to_contain_text(words)
    page.keyboard.press("Escape")

    conversation = scenes.offered("Budi Santoso")
    expect(page.locator("#rows-offers")).to_contain_text("Budi Santoso")
    page.keyboard.press("a")  # accept
    expect(composer(page)).to_be_focused()
    expect(page.locator("#thread-lines")).to_contain_text("agent")  # read

    keys(page, "Escape", "v")  # verify
    page.keyboard.type("PT Zamrud Kencana")
    page.keyboard.press("Enter")
    expect(page.locator("#verify-result")).to_contain_text("Not in the register")

    keys(page, "Escape", "/")  # a canned reply
    page.keyboard.type("bukti")
    expect(page.get_by_role("option", selected=True)).to_contain_text("/bukti")
    page.keyboard.press("Enter")
    expect(composer(page)).to_have_value(re.compile("screenshots"))
    page.keyboard.press("Control+Enter")
    expect(lines(page).last).to_contain_text("screenshots")
    expect(page.locator("#undo-send")).to_be_visible()
    page.keyboard.press("Control+z")  # thought better of it
    expect(composer(page)).to_have_value(re.compile("screenshots"))
    expect(page.locator("del").last).to_contain_text("screenshots")
    page.keyboard.press("Control+Enter")
    expect(composer(page)).to_have_value("")
    expect(page.locator(".line--mine")).to_have_count(2)

    keys(page, "Escape", "n")  # a note
    page.keyboard.type("Menunggu bukti transfer")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".line--note")).to_contain_text("Menunggu bukti transfer")

    keys(page, "Escape", "1")  # the required notice, by one key
    expect(page.locator("#thread-lines")).to_contain_text("sent the required notice")
    expect(page.locator("#undo-send")).to_be_visible()

    keys(page, "Escape", "s")  # lay aside
    _dialog(page, "Until when?")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#list-aside")).to_contain_text("Budi Santoso")
    assert status(conversation) == "snoozed"
    page.locator("#take-over-here").wait_for()
    keys(page, "Escape", "o")  # and take up again
    expect(page.locator("#mode-reply")).to_be_checked()

    keys(page, "Escape", "t")  # transfer
    _dialog(page, "Illegal offer reports")
    keys(page, "Space", "Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("#take-over-here").wait_for()
    keys(page, "Escape", "o")
    expect(page.locator("#mode-reply")).to_be_checked()

    keys(page, "Escape", "p")  # the script of reports, point by point
    point = page.get_by_role("checkbox", name="Ask for the exact name of the offer")
    expect(point).to_be_focused()
    page.keyboard.press("Space")
    expect(point).to_be_checked()
    page.keyboard.press("p")
    expect(page.get_by_role("checkbox", name="Ask whether money was sent")).to_be_focused()
    assert violations(page) == []

    keys(page, "Escape", "e")  # close, though three required points are open
    _dialog(page, "Ask whether money was sent")
    keys(page, "Shift+Tab", "Space", "Tab", "ArrowDown", "Enter")
    expect(page.locator("#composer")).to_contain_text("Closed: Report taken")
    assert status(conversation) == "closed"


def test_two_agents_and_a_citizen_in_one_conversation(sari: User, page_for: PageFor) -> None:
    dewi = scenes.agent("Dewi Lestari")
    conversation = scenes.held(sari, "Budi Santoso")
    mine, theirs = on_desk(page_for(sari), conversation), on_desk(page_for(dewi))

    mine.keyboard.press("i")
    dialog = mine.get_by_role("dialog")
    expect(dialog).to_contain_text("Dewi Lestari")
    keys(mine, "Space", "Enter")
    expect(mine.locator("#conversation-head")).to_contain_text("Dewi Lestari")

    expect(theirs.locator("#rows-mine")).to_contain_text("Budi Santoso")
    expect(theirs.locator("#announcer")).to_have_text(
        "Sari Wulandari brings you into a conversation"
    )
    theirs.keyboard.press("j")
    expect(theirs.locator("#mode-reply")).to_be_checked()
    expect(mine.locator("#viewers")).to_have_text("Dewi Lestari is reading this too")
    hold_date(theirs)
    composer(theirs).press_sequentially("Saya bantu periksa")
    expect(mine.locator("#viewers")).to_have_text("Dewi Lestari is writing here")
    composer(theirs).press("Control+Enter")
    expect(mine.locator("#thread-lines")).to_contain_text("Saya bantu periksa")
    factories.citizen_says("terima kasih berdua", sender=address_of(conversation))
    for page in (mine, theirs):
        expect(lines(page).last).to_contain_text("terima kasih berdua")

    keys(theirs, "Escape", "q")
    expect(theirs.locator("#composer-quoted")).to_contain_text("terima kasih berdua")
    composer(theirs).press_sequentially("Sama-sama")
    composer(theirs).press("Control+Enter")
    expect(mine.locator(".bubble__quote").last).to_have_text("terima kasih berdua")
    keys(theirs, "Escape", "r", "Enter")
    expect(mine.locator(".remark__emoji").last).to_have_text("👍")

    keys(mine, "Escape", "h")
    expect(mine.locator("#conversation-head")).to_contain_text("Hand is up")
    expect(theirs.locator("#conversation-head")).to_contain_text("Hand is up")
    for page in (mine, theirs):
        assert violations(page) == []
    keys(mine, "h")
    expect(theirs.locator("#conversation-head")).not_to_contain_text("Hand is up")
    keys(theirs, "Escape", "l")
    expect(mine.locator("#conversation-head")).not_to_contain_text("Dewi Lestari")
    assert Delivery.objects.filter(author="agent").count() == 3


def test_a_report_on_a_slow_way_does_not_come_after_a_newer_one(
    sari: User, page_for: PageFor
) -> None:
    conversation = scenes.held(sari, "Budi Santoso")
    mine = on_desk(page_for(sari), conversation)
    theirs = page_for(scenes.agent("Dewi Lestari"))
    theirs.clock.install()
    on_desk(theirs, conversation)
    expect(mine.locator("#viewers")).to_have_text("Dewi Lestari is reading this too")
    expect(theirs.locator("#viewers")).to_have_text("Sari Wulandari is reading this too")
    theirs.keyboard.press("o")
    expect(theirs.locator("#mode-reply")).to_be_checked()

    slow: list[Route] = []
    free: list[bool] = []
    theirs.route("**/desk/here/", lambda way: way.continue_() if free else slow.append(way))
    with theirs.expect_request("**/desk/here/"):  # "reads", the regular one
        theirs.clock.fast_forward(15_000)
    hold_date(theirs)
    composer(theirs).press_sequentially("Saya bantu")  # "writes"
    free.append(True)
    for way in reversed(slow):
        with theirs.expect_response("**/desk/here/"):
            way.continue_()
    composer(theirs).press("Control+Enter")
    expect(mine.locator("#thread-lines")).to_contain_text("Saya bantu")
    expect(mine.locator("#viewers")).to_have_text("Dewi Lestari is writing here")


def test_a_colleague_called_in_a_note_finds_the_conversation(sari: User, page_for: PageFor) -> None:
    dewi = scenes.agent("Dewi Lestari")
    conversation = scenes.held(sari, "Budi Santoso")
    mine, theirs = on_desk(page_for(sari), conversation), on_desk(page_for(dewi))
    mine.keyboard.press("n")
    mine.keyboard.type("Tolong @dew")
    expect(mine.get_by_role("option", selected=True)).to_contain_text("Dewi Lestari")
    mine.keyboard.press("Enter")
    expect(composer(mine)).to_have_value("Tolong @Dewi Lestari ")
    mine.keyboard.press("Control+Enter")
    expect(mine.locator("mark.mention")).to_have_text("@Dewi Lestari")
    expect(theirs.locator("#open-mentions .unread")).to_contain_text("1")
    theirs.keyboard.press("m")
    expect(theirs.get_by_role("dialog")).to_contain_text("Sari Wulandari")
    assert violations(theirs) == []
    theirs.keyboard.press("Enter")
    expect(theirs.locator("mark.mention--me")).to_have_text("@Dewi Lestari")
    expect(theirs.locator("#open-mentions .unread")).to_have_count(0)


def test_two_megabytes_of_pasted_html_become_text_that_fits(sari: User, page_for: PageFor) -> None:
    page = on_desk(page_for(sari), scenes.held(sari))
    composer(page).focus()
    with page.expect_response("**/draft/"):
        page.evaluate(PASTE)
    typed = composer(page).input_value()
    assert len(typed) == 10_000
    assert typed.startswith("Baris isi\nBaris isi\n")
    expect(page.locator("#draft-state")).to_contain_text("cut at 10,000")


def test_the_back_button_and_two_tabs_show_what_is_true(sari: User, page_for: PageFor) -> None:
    first, second = scenes.held(sari, "Budi Santoso"), scenes.held(sari, "Ayu Lestari")
    page = on_desk(page_for(sari), first)
    page.locator(f"#open-{second.pk}").click()
    expect(page.locator("#conversation-name")).to_have_text("Ayu Lestari")
    page.go_back()
    expect(page.locator("#conversation-name")).to_have_text("Budi Santoso")
    other = page.context.new_page()
    on_desk(other, first)
    composer(page).fill("Dari tab pertama")
    composer(page).press("Control+Enter")
    expect(lines(other).last).to_contain_text("Dari tab pertama")
    other.keyboard.press("u")
    expect(page.locator("del").last).to_contain_text("Dari tab pertama")
