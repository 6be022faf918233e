"""Agents at work: a real server, a real browser, mostly the keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from resmi.agency import live
from resmi.agency.models import User
from resmi.channels.models import Delivery
from resmi.conversations import queries, services
from resmi.conversations.models import Conversation
from resmi.engine.address import Address
from resmi.engine.content import Text
from tests.conversations import factories
from tests.desk import scenes
from tests.journeys.conftest import PageFor, hold_date, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG = (
    "Kemarin saya dihubungi orang yang mengaku petugas dan diminta mengirim biaya administrasi. "
) * 6


@pytest.fixture
def sari(transactional_db: None) -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari")


def on_desk(page: Page, conversation: Conversation | None = None) -> Page:
    """The desk, its live stream open."""
    page.goto(f"/desk/{conversation.pk}/" if conversation else "/desk/")
    page.locator("body[data-live-state=open]").wait_for()
    return page


def composer(page: Page) -> Locator:
    return page.locator("#composer-body")


def lines(page: Page) -> Locator:
    return page.locator("#thread-lines > .line")


def address_of(conversation: Conversation) -> Address:
    identity = conversation.identity
    return Address(
        kind="whatsapp",
        scope="p1",
        user_id=identity.user_id or "",
        phone=identity.phone or "",
        profile_name=identity.profile_name,
    )


def status(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return conversation.status


def cut_off(page: Page) -> None:
    """From here the page hears nothing from the server by itself."""
    page.route("**/live/**", lambda route: route.abort())
    page.route("**/desk/lists/**", lambda route: route.abort())


def test_an_agent_serves_a_citizen_with_the_keyboard_alone(sari: User, page_for: PageFor) -> None:
    page = on_desk(page_for(sari))
    conversation = scenes.offered("Budi Santoso")
    expect(page.locator("#rows-offers")).to_contain_text("Budi Santoso")
    expect(page).to_have_title(re.compile(r"^\(1\) "))

    page.keyboard.press("a")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("Selamat pagi Pak Budi")
    page.keyboard.press("Control+Enter")
    expect(lines(page).last).to_contain_text("Selamat pagi Pak Budi")
    expect(composer(page)).to_have_value("")
    assert Delivery.objects.filter(author="agent").count() == 1

    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("Cek rekening tujuan")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".line--note")).to_contain_text("Cek rekening tujuan")

    page.keyboard.press("Escape")
    page.keyboard.press("v")
    page.keyboard.type("PT Zamrud Kencana")
    page.keyboard.press("Enter")
    expect(page.locator("#verify-result")).to_contain_text("Not in the register")
    page.get_by_role("button", name="Send this answer to the citizen").press("Enter")
    expect(lines(page).last).to_contain_text("PT Zamrud Kencana")

    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.get_by_role("dialog")).to_contain_text("Illegal offer reports")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#rows-waiting, #rows-offers")).to_contain_text("Budi Santoso")
    assert status(conversation) in ("waiting", "offered")

    page.locator("#take-over-here").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    expect(page.locator("#mode-reply")).to_be_checked()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#close-left")).to_contain_text("Required points")
    for key in ("Shift+Tab", "Space", "Tab", "ArrowDown", "Enter"):  # close all the same
        page.keyboard.press(key)
    expect(page.locator("#composer")).to_contain_text("Closed: Report taken")
    assert status(conversation) == "closed"


def test_who_comes_second_is_told_that_the_offer_passed_on(sari: User, page_for: PageFor) -> None:
    conversation = scenes.offered("Budi Santoso")
    dewi = scenes.agent("Dewi Lestari")
    first, second = on_desk(page_for(dewi), conversation), page_for(sari)
    cut_off(second)
    second.goto(f"/desk/{conversation.pk}/")
    first.keyboard.press("o")
    expect(first.locator("#mode-reply")).to_be_checked()
    second.locator("#accept-here").click()
    expect(second.locator(".thread__refusal")).to_contain_text("This offer has passed on")
    conversation.refresh_from_db()
    assert (conversation.status, conversation.agent_id) == ("assigned", dewi.pk)


def test_an_agent_takes_over_from_the_bots_list(sari: User, page_for: PageFor) -> None:
    conversation = scenes.with_bot("Ayu Lestari")
    page = on_desk(page_for(sari))
    page.get_by_role("button", name="Take over Ayu Lestari").click()
    expect(page.locator("#thread-lines")).to_contain_text("took over; the bot is silent")
    expect(page.locator("#rows-mine")).to_contain_text("Ayu Lestari")
    assert status(conversation) == "assigned"


def test_a_window_that_closes_turns_the_composer_and_keeps_the_text(
    sari: User, page_for: PageFor
) -> None:
    conversation = scenes.held(sari)
    page = on_desk(page_for(sari), conversation)
    composer(page).fill("Teks yang belum dikirim")
    scenes.close_window(conversation)
    live.announce(f"conversation:{conversation.pk}")
    expect(page.locator("#composer")).to_contain_text("The 24-hour window has closed.")
    expect(page.locator("#mode-template")).to_be_checked()
    expect(composer(page)).to_have_value("Teks yang belum dikirim")


def test_a_refused_reply_keeps_the_text_and_says_why(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari)
    page = page_for(sari)
    cut_off(page)
    page.goto(f"/desk/{conversation.pk}/")
    services.transfer_to_queue(actor=sari, conversation_id=conversation.pk, queue="reports")
    composer(page).fill("Jawaban yang panjang")
    composer(page).press("Control+Enter")
    expect(page.locator(".thread__refusal")).to_contain_text("take it over first")
    expect(composer(page)).to_have_value("Jawaban yang panjang")


def test_a_lost_connection_keeps_the_text_and_a_second_try_sends_once(
    sari: User, page_for: PageFor
) -> None:
    conversation = scenes.held(sari)
    page = on_desk(page_for(sari), conversation)
    composer(page).fill("Selamat pagi")

    def deliver_but_lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/write/", deliver_but_lose_the_answer, times=1)
    composer(page).press("Control+Enter")
    expect(page.locator(".thread__refusal")).to_contain_text("The server did not answer")
    expect(composer(page)).to_have_value("Selamat pagi")
    composer(page).press("Control+Enter")
    expect(composer(page)).to_have_value("")
    expect(lines(page).filter(has_text="Selamat pagi")).to_have_count(1)
    assert Delivery.objects.filter(author="agent").count() == 1


def test_a_text_changed_after_a_lost_answer_is_not_lost_with_it(
    sari: User, page_for: PageFor
) -> None:
    page = on_desk(page_for(sari), scenes.held(sari))

    def deliver_but_lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/write/", deliver_but_lose_the_answer, times=1)
    composer(page).fill("Selamat pagi")
    composer(page).press("Control+Enter")
    expect(page.locator(".thread__refusal")).to_contain_text("The server did not answer")
    composer(page).fill("Selamat pagi, Pak Budi")
    composer(page).press("Control+Enter")
    expect(page.locator(".thread__refusal")).to_contain_text("has arrived after all")
    expect(composer(page)).to_have_value("Selamat pagi, Pak Budi")
    expect(lines(page).filter(has_text="Selamat pagi")).to_have_count(1)
    composer(page).press("Control+Enter")
    expect(composer(page)).to_have_value("")
    expect(lines(page).filter(has_text="Selamat pagi")).to_have_count(2)


def test_a_new_message_scrolls_only_for_who_is_at_the_end(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari)
    for _ in range(8):
        services.reply(actor=sari, conversation_id=conversation.pk, content=Text(LONG))
    page = on_desk(page_for(sari), conversation)
    scroller = page.locator("#thread-scroller")
    citizen = address_of(conversation)

    factories.citizen_says("pesan pertama", sender=citizen)
    expect(lines(page).last).to_contain_text("pesan pertama")
    expect(lines(page).last).to_be_in_viewport()

    scroller.evaluate(
        """element => new Promise((done) => {
            element.addEventListener("scroll", () => done(), { once: true });
            element.scrollTop = 0;
        })"""
    )
    factories.citizen_says("pesan kedua", sender=citizen)
    pill = page.get_by_role("button", name="New messages")
    expect(pill).to_be_visible()
    assert scroller.evaluate("element => element.scrollTop") == 0
    pill.click()
    expect(lines(page).last).to_be_in_viewport()
    expect(pill).to_be_hidden()


def test_older_lines_come_in_above_what_one_reads(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari)
    for number in range(70):
        text = Text(f"Baris nomor {number}")
        services.reply(actor=sari, conversation_id=conversation.pk, content=text)
    page = on_desk(page_for(sari), conversation)
    before = lines(page).count()
    page.locator("#thread-scroller").evaluate("element => { element.scrollTop = 0; }")
    seen = page.get_by_text("Baris nomor 12", exact=True)
    top = seen.bounding_box()
    page.get_by_role("button", name="Load earlier").click()
    expect(page.get_by_text("Baris nomor 1", exact=True)).to_have_count(1)
    assert lines(page).count() > before
    assert top is not None
    box = seen.bounding_box()
    assert box is not None
    assert abs(box["y"] - top["y"]) < 40
    seqs = [int(s) for s in lines(page).evaluate_all("all => all.map(one => one.dataset.seq)")]
    assert seqs == sorted(set(seqs))
    days = page.locator(".day").all_inner_texts()
    assert len(days) == len(set(days))


def test_only_the_columns_scroll_never_the_page(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari)
    for _ in range(8):
        services.reply(actor=sari, conversation_id=conversation.pk, content=Text(LONG))
    for width in (1440, 360):
        page = on_desk(page_for(sari, width=width), conversation)
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert page.evaluate("document.body.scrollHeight <= innerHeight")


def test_ticks_move_without_a_new_line(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari)
    services.reply(actor=sari, conversation_id=conversation.pk, content=Text("Halo"))
    page = on_desk(page_for(sari), conversation)
    count = lines(page).count()
    Delivery.objects.filter(author="agent").update(status="read", rank=40)
    live.announce(f"conversation:{conversation.pk}", status="read")
    expect(lines(page).last.locator(".tick")).to_have_attribute("title", "Read")
    assert lines(page).count() == count


def test_lists_change_without_taking_focus_or_what_is_typed(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari, "Budi Santoso")
    page = on_desk(page_for(sari), conversation)
    composer(page).fill("setengah kalimat")
    page.locator("#verify-query").fill("dana")
    page.locator(f"#open-{conversation.pk}").focus()
    scenes.held(sari, "Ayu Lestari")
    expect(page.locator("#rows-mine")).to_contain_text("Ayu Lestari")
    expect(page.locator(f"#open-{conversation.pk}")).to_be_focused()
    expect(composer(page)).to_have_value("setengah kalimat")
    expect(page.locator("#verify-query")).to_have_value("dana")


def test_a_draft_waits_on_the_server(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari)
    page = on_desk(page_for(sari), conversation)
    composer(page).fill("Belum selesai")
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    page.reload()
    expect(composer(page)).to_have_value("Belum selesai")


def test_a_slash_lists_canned_replies_and_enter_inserts_one(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari)
    page = on_desk(page_for(sari), conversation)
    page.keyboard.press("/")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.type("bukti")
    expect(page.get_by_role("option", selected=True)).to_contain_text("/bukti")
    page.keyboard.press("Enter")
    expect(composer(page)).to_have_value(re.compile("tangkapan layar"))


def test_a_file_goes_with_the_text_and_can_be_taken_back(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari)
    page = on_desk(page_for(sari), conversation)
    file = {"name": "formulir.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 isi"}
    page.locator("#composer-file").set_input_files([file])
    expect(page.locator("#composer-file-name")).to_contain_text("formulir.pdf")
    page.get_by_role("button", name="Remove the file").click()
    expect(page.locator("#composer-file-name")).to_be_hidden()
    page.locator("#composer-file").set_input_files([file])
    composer(page).fill("Isi formulir ini")
    composer(page).press("Control+Enter")
    expect(lines(page).last).to_contain_text("formulir.pdf")
    expect(lines(page).last).to_contain_text("Isi formulir ini")
    expect(page.locator("#composer-file-name")).to_be_hidden()


def test_who_reads_along_is_shown_by_name(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari)
    dewi = scenes.agent("Dewi Lestari")
    mine, theirs = on_desk(page_for(sari), conversation), on_desk(page_for(dewi), conversation)
    expect(mine.locator("#viewers")).to_have_text("Dewi Lestari is reading this too")
    expect(theirs.locator("#viewers")).to_have_text("Sari Wulandari is reading this too")
    hold_date(mine)
    composer(mine).press_sequentially("Halo")
    expect(theirs.locator("#viewers")).to_have_text("Sari Wulandari is writing here")


def test_on_a_phone_one_column_shows_at_a_time(sari: User, page_for: PageFor) -> None:
    conversation = scenes.held(sari, "Budi Santoso")
    page = on_desk(page_for(sari, width=360, height=740))
    page.locator(f"#open-{conversation.pk}").click()
    expect(page.locator("#thread")).to_be_visible()
    expect(page.locator(".desk__lists")).to_be_hidden()
    page.get_by_role("button", name="About the citizen").click()
    expect(page.locator("#verify-query")).to_be_visible()
    page.get_by_role("button", name="Back to the conversation").click()
    expect(composer(page)).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(".desk__lists")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_j_and_k_go_through_the_list(sari: User, page_for: PageFor) -> None:
    scenes.held(sari, "Budi Santoso")
    scenes.held(sari, "Ayu Lestari")
    page = on_desk(page_for(sari))
    rows = [row.inner_text() for row in page.locator("#rows-mine .list__title").all()]
    for key, at in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(page.locator("#conversation-name")).to_have_text(rows[at])
        expect(page.locator("[aria-current=true] .list__title")).to_have_text(rows[at])


def test_without_javascript_an_agent_can_still_reply(
    sari: User, page_for: PageFor, browser, site
) -> None:
    conversation = scenes.held(sari)
    cookies = page_for(sari).context.cookies()
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"/desk/{conversation.pk}/")
    page.locator("#composer-body").fill("Tanpa skrip")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#thread-lines")).to_contain_text("Tanpa skrip")
    context.close()
    assert [line for line in queries.thread(conversation.pk) if line.kind == "agent"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_desk_has_no_accessibility_faults(sari: User, page_for: PageFor, theme: str) -> None:
    conversation = scenes.held(sari)
    services.reply(actor=sari, conversation_id=conversation.pk, content=Text("Halo"))
    services.add_note(actor=sari, conversation_id=conversation.pk, body="Catatan")
    services.verify(actor=sari, conversation_id=conversation.pk, query="PT Zamrud Kencana")
    Delivery.objects.filter(author="agent").update(status="failed", rank=99, error="Off.")
    scenes.offered("Rina")
    scenes.with_bot("Joko")
    page = on_desk(page_for(sari, theme=theme), conversation)
    assert violations(page) == []
    page.keyboard.press("e")
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
