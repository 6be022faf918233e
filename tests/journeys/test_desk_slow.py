"""The desk on a slow or broken way: no word is lost, nothing old is shown, nothing is silent."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Request, Route, expect

from resmi.agency import live
from resmi.agency.models import User
from resmi.conversations.models import Draft
from resmi.routing.notices import services as notices
from tests.conftest import PATIENCE_MS
from tests.conversations import factories
from tests.desk import scenes
from tests.journeys.conftest import UNDO_S, PageFor, stop_clock
from tests.journeys.test_desk import address_of, composer, lines, on_desk
from tests.journeys.test_media import SOME_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DRAFT = "**/draft/"
SILENT = """
    localStorage.setItem("resmi.sound", "yes");
    window.AudioContext = class extends AudioContext {
        get state() { return "suspended"; } // as before anybody touched the page
        resume() { window.sounded = true; return super.resume(); }
    };
"""
LISTEN = """
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (what) => (window.microphone = await ask(what));
"""
DUE = """(what) =>
    void document.body.dispatchEvent(new CustomEvent("resmi:due", { detail: what }))"""
PATIENCE = """() => {
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (body) {
        if (body) window.patience = this.timeout;
        return send.call(this, body);
    };
}"""
PRESS = """(key) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }))"""
BREAK_LINE = """() => document.activeElement.dispatchEvent(new InputEvent("beforeinput",
    { inputType: "insertLineBreak", bubbles: true, cancelable: true }))"""


@pytest.fixture
def sari(transactional_db: None) -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari")


def state(page: Page) -> Locator:
    return page.locator("#draft-state")


def wait(page: Page, ready: Callable[[], object]) -> None:
    """Waits for what happens outside the page, or in a route of it."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not ready() and time.monotonic() < end:
        page.wait_for_timeout(20)  # lets Playwright hear of it


def first_of(page: Page, held: list[tuple[Route, APIResponse]]) -> tuple[Route, APIResponse]:
    """The answer held back first, as soon as the server has given it."""
    wait(page, lambda: held)
    return held[0]


def test_of_two_drafts_the_newer_stays(sari: User, page_for: PageFor) -> None:
    page = page_for(sari)
    page.clock.install()
    on_desk(page, scenes.held(sari))
    slow: list[Route] = []
    free: list[bool] = []
    page.route(DRAFT, lambda way: way.continue_() if free else slow.append(way))
    for words in ("Selamat", " pagi Pak"):
        composer(page).press_sequentially(words)
        page.clock.fast_forward(1_000)
    free.append(True)
    for way in reversed(slow):
        with page.expect_response(DRAFT):
            way.continue_()
    expect(state(page)).to_have_text("Draft saved")
    assert Draft.objects.get().body == "Selamat pagi Pak"


def test_a_draft_given_up_on_replaces_no_newer_one_when_it_arrives(
    sari: User, page_for: PageFor
) -> None:
    page = page_for(sari)
    page.clock.install()
    on_desk(page, scenes.held(sari))
    stop_clock(page)
    given_up: list[Request] = []

    def give_up(way: Route) -> None:
        given_up.append(way.request)
        way.abort()

    page.route(DRAFT, give_up, times=1)
    composer(page).fill("Selamat")
    page.clock.fast_forward(1_000)
    expect(state(page)).to_have_text("Draft not saved yet")
    composer(page).fill("Selamat pagi Pak")
    page.clock.fast_forward(5_000)
    expect(state(page)).to_have_text("Draft saved")
    late = given_up[0]
    data, headers = late.post_data_buffer, late.all_headers()
    assert page.request.post(late.url, data=data, headers=headers).status == 204
    assert Draft.objects.get().body == "Selamat pagi Pak"


def test_a_draft_that_could_not_be_kept_goes_again(sari: User, page_for: PageFor) -> None:
    page = page_for(sari)
    page.clock.install()
    on_desk(page, scenes.held(sari))
    stop_clock(page)
    page.route(DRAFT, lambda way: way.abort(), times=1)
    composer(page).fill("Selamat pagi")
    page.clock.fast_forward(1_000)
    expect(state(page)).to_have_text("Draft not saved yet")
    page.clock.fast_forward(5_000)
    expect(state(page)).to_have_text("Draft saved")
    page.clock.resume()
    page.route("**/write/", lambda way: way.fulfill(status=503), times=1)
    composer(page).fill("Selamat pagi Pak Budi")
    with page.expect_response(DRAFT):
        composer(page).press("Control+Enter")  # not sent: a draft again
    assert Draft.objects.get().body == "Selamat pagi Pak Budi"
    page.route(DRAFT, lambda way: way.abort())
    composer(page).fill("Baik")
    with page.expect_navigation():
        page.evaluate(DUE, "factor")  # a second factor is due: the page loads again
    expect(composer(page)).to_have_value("Baik")


def test_a_text_comes_along_when_its_conversation_is_opened_again(
    sari: User, page_for: PageFor
) -> None:
    first, second = scenes.held(sari, "Budi Santoso"), scenes.held(sari, "Ayu Lestari")
    page = page_for(sari)
    page.clock.install()
    on_desk(page, first)
    name = page.locator("#conversation-name")
    slow: list[Route] = []
    free: list[bool] = []
    page.route(DRAFT, lambda way: way.continue_() if free else slow.append(way))
    composer(page).press_sequentially("Kepada Budi")
    page.locator(f"#open-{second.pk}").click()
    expect(name).to_have_text("Ayu Lestari")
    page.locator(f"#open-{first.pk}").click()
    expect(name).to_have_text("Budi Santoso")
    expect(composer(page)).to_have_value("Kepada Budi")
    page.locator(f"#open-{second.pk}").click()
    expect(name).to_have_text("Ayu Lestari")
    wait(page, lambda: slow)
    with page.expect_response(DRAFT):
        slow.pop().continue_()
    composer(page).press_sequentially("Kepada Ayu")
    expect(state(page)).to_be_empty()
    assert Draft.objects.get().body == "Kepada Budi"
    free.append(True)
    for way in slow:
        way.continue_()

    held: list[Route] = []
    page.route("**/write/", lambda way: held.append(way))
    composer(page).press("Control+Enter")
    page.locator(f"#open-{first.pk}").click()
    expect(name).to_have_text("Budi Santoso")
    composer(page).fill("Kepada Budi lagi")
    held[0].fulfill(status=503)  # nobody looks at it any more, but it is told
    expect(page.locator("#toasts")).to_contain_text("The server did not answer")
    page.goto("/desk/")  # leaves at once: both are brought all the same
    left = {second: "Kepada Ayu", first: "Kepada Budi lagi"}
    kept = Draft.objects.values_list("body", flat=True)
    wait(page, lambda: {*kept.all()} >= {*left.values()})
    for conversation, words in left.items():
        page.goto(f"/desk/{conversation.pk}/")
        expect(composer(page)).to_have_value(words)


def test_what_one_does_waits_for_no_list_and_is_not_drawn_over_by_it(
    sari: User, page_for: PageFor
) -> None:
    page = on_desk(page_for(sari))
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/desk/bar/", lambda way: held.append((way, way.fetch())), times=1)
    live.announce("queues")
    way, answer = first_of(page, held)
    standing = page.locator("#presence-menu summary")
    standing.click()
    page.get_by_role("button", name="Away", exact=True).click()
    expect(standing).to_have_text("Away")
    with page.expect_response("**/desk/bar/"):
        way.fulfill(response=answer)
    page.keyboard.press("Escape")
    assert standing.inner_text() == "Away"


def test_an_offer_whose_list_did_not_come_is_shown_a_little_later(
    sari: User, page_for: PageFor
) -> None:
    page = page_for(sari)
    page.add_init_script(SILENT)
    page.clock.install()
    on_desk(page)
    up: list[bool] = []
    page.route("**/desk/lists/**", lambda way: way.continue_() if up else way.abort())
    with page.expect_request("**/desk/lists/**"):
        scenes.offered("Budi Santoso")
    page.clock.fast_forward(1_000)
    expect(page.locator("#toasts")).to_contain_text("The server did not answer")
    up.append(True)
    page.clock.fast_forward(3_000)
    expect(page.locator("#rows-offers")).to_contain_text("Budi Santoso")
    assert page.evaluate("window.sounded")
    cut_off = page.locator("body[data-live-state=lost]")
    page.route("**/live/**", lambda way: way.abort())
    page.evaluate("dispatchEvent(new Event('online'))")
    page.clock.fast_forward(1_000)
    cut_off.wait_for()
    scenes.offered("Ayu Lestari")
    page.clock.fast_forward(15_000)
    expect(page.locator("#rows-offers")).to_contain_text("Ayu Lestari")


def test_two_steps_go_two_lines_and_a_dialog_that_comes_late_stays_away(
    sari: User, page_for: PageFor
) -> None:
    for name in ("Budi Santoso", "Ayu Lestari"):
        scenes.held(sari, name)
    page = on_desk(page_for(sari))
    links = page.locator("#rows-mine a")
    first = links.first.get_attribute("href")
    names = [link.locator(".list__title").inner_text() for link in links.all()]
    page.route(f"**{first}", lambda way: None, times=1)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#conversation-name")).to_have_text(names[1])

    held: list[Route] = []
    page.route("**/transfer/", lambda way: held.append(way), times=1)
    with page.expect_request("**/transfer/"):
        page.keyboard.press("t")
    page.keyboard.press("k")
    expect(page.locator("#conversation-name")).to_have_text(names[0])
    with page.expect_response("**/transfer/"):
        held[0].continue_()
    page.evaluate("document.body.classList.add('locked')")  # nothing comes over the lock
    with page.expect_response("**/transfer/"):
        page.keyboard.press("t")
    expect(page.locator("#desk-dialog")).to_be_attached()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.evaluate("document.body.classList.remove('locked')")
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Transfer {names[0]}")

    note = dialog.locator("textarea")
    note.hover()
    page.mouse.down()
    page.mouse.move(5, 5)
    page.mouse.up()  # marked text, and let go beside the dialog
    note.fill("Tolong lanjutkan")
    page.mouse.click(5, 5)
    expect(note).to_have_value("Tolong lanjutkan")


def test_what_is_chosen_stays_when_the_composer_is_drawn_anew(
    sari: User, page_for: PageFor
) -> None:
    page = on_desk(page_for(sari), scenes.held(sari))
    file = {"name": "formulir.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 isi"}
    page.locator("#composer-file").set_input_files([file])
    page.keyboard.press("q")
    page.locator("#mode-template").check()
    picker = page.locator("#template-picker")
    expect(picker).not_to_contain_text("Loading")
    page.locator("#mode-reply").check()
    composer(page).press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    emoji = page.locator(".remark__emoji")
    expect(emoji).to_have_text(["👍"])
    page.keyboard.press("1")
    expect(page.locator("#thread-lines")).to_contain_text("sent the required notice")
    expect(page.locator("#composer-file-name")).to_contain_text("formulir.pdf")
    expect(page.locator("#composer-quoted")).to_contain_text("halo")
    page.locator("#mode-template").check()
    expect(picker).not_to_contain_text("Loading")
    composer(page).press("Escape")
    page.keyboard.press("r")
    page.get_by_role("button", name="🙏").click()  # the same form a second time
    expect(emoji).to_have_text(["👍", "🙏"])

    page.locator("#mode-note").check()
    composer(page).fill("Cek formulir")
    composer(page).press("Control+Enter")
    expect(page.locator(".line--note")).to_contain_text("Cek formulir")
    page.locator("#mode-reply").check()
    expect(page.locator("#composer-file-name")).to_contain_text("formulir.pdf")
    page.evaluate(PATIENCE)
    composer(page).press("Control+Enter")
    expect(lines(page).last).to_contain_text("formulir.pdf")
    assert page.evaluate("window.patience") == 600_000
    expect(page.locator("#composer-file-name")).to_be_hidden()


def test_a_message_taken_back_at_the_last_moment_is_in_the_composer(
    sari: User, page_for: PageFor
) -> None:
    page = page_for(sari)
    page.clock.install()
    conversation = scenes.held(sari)
    on_desk(page, conversation)
    composer(page).fill("Terlalu cepat")
    composer(page).press("Control+Enter")
    bar = page.locator("#undo-send")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/undo/", lambda way: held.append((way, way.fetch())), times=1)
    bar.click()
    way, answer = first_of(page, held)
    page.clock.fast_forward(1_000 * UNDO_S + 1_000)
    expect(bar).to_have_count(0)
    factories.citizen_says("masih di sana?", sender=address_of(conversation))  # overtakes it
    expect(lines(page).last).to_contain_text("masih di sana?")
    way.fulfill(response=answer)
    expect(composer(page)).to_have_value("Terlalu cepat")
    expect(lines(page).last).to_contain_text("masih di sana?")


def test_hangul_works_with_keys_and_lists(sari: User, page_for: PageFor) -> None:
    page = on_desk(page_for(sari), scenes.held(sari))
    page.evaluate(PRESS, {"key": "ㅜ", "code": "KeyN"})  # the key `n` of a Korean keyboard
    expect(composer(page)).to_be_focused()
    expect(page.locator("#mode-note")).to_be_checked()
    page.locator("#mode-reply").check()
    page.route("**/canned/", lambda way: way.abort(), times=1)
    composer(page).press_sequentially("/")
    expect(page.locator("#toasts")).to_contain_text("The server did not answer")
    expect(page.locator("#canned")).to_be_hidden()
    composer(page).fill("/bukti")
    expect(page.get_by_role("option", selected=True)).to_contain_text("/bukti")
    page.evaluate(PRESS, {"key": "Enter", "code": "Enter", "isComposing": True})
    assert page.evaluate(BREAK_LINE) is False  # the list took it
    expect(composer(page)).to_have_value(re.compile("tangkapan layar"))
    page.evaluate("document.documentElement.lang = 'id'")
    composer(page).fill("a" * 1_000)
    expect(page.locator("#composer-count")).to_have_text("1.000")


def test_a_microphone_that_is_pulled_out_leaves_what_was_said(
    sari: User, page_for: PageFor
) -> None:
    page = page_for(sari)
    page.context.grant_permissions(["microphone"])
    page.add_init_script(LISTEN)
    on_desk(page, scenes.held(sari))
    page.keyboard.press("w")
    expect(page.get_by_role("timer")).to_have_text(SOME_SECONDS)
    page.evaluate("window.microphone.getTracks()[0].stop()")
    expect(page.locator("#recorder-play")).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_focused()


def test_a_clock_that_is_fast_does_not_ask_for_notices_all_the_time(
    sari: User, page_for: PageFor
) -> None:
    notices.send(actor=scenes.supervisor(), body="Minum air.", queue="", minutes=60)
    page = page_for(sari)
    page.clock.install(time=datetime.now(UTC) + timedelta(hours=2))
    on_desk(page)
    expect(page.locator("#desk-notices")).to_contain_text("Minum air.")
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one) if "/notices/" in one.url else None)
    for _ in range(3):
        page.clock.fast_forward(600)
    assert asked == []


def test_a_clock_that_is_fast_learns_when_the_window_has_closed(
    sari: User, page_for: PageFor
) -> None:
    conversation = scenes.held(sari)
    page = page_for(sari)
    page.clock.install(time=datetime.now(UTC) + timedelta(hours=25))
    on_desk(page, conversation)
    expect(page.locator("#mode-reply")).to_be_checked()
    scenes.close_window(conversation)
    page.clock.fast_forward(30_000)
    expect(page.locator("#composer")).to_contain_text("The 24-hour window has closed.")
