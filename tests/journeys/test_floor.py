"""Two supervisors and two agents at once: hands, whispers, moves, the wall-board and the day."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from resmi.agency.models import AuditEntry, User
from resmi.conversations import services, team
from resmi.conversations.models import Conversation
from resmi.engine.content import Text
from resmi.routing import services as routing
from tests.desk import scenes
from tests.journeys.conftest import PageFor, stop_clock, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def rina(transactional_db: None) -> User:
    scenes.office()
    return scenes.supervisor("Rina Kusuma")


def opened(page: Page, path: str) -> Page:
    page.goto(path)
    page.locator("body[data-live-state=open]").wait_for()
    return page


def test_a_raised_hand_is_seen_by_both_supervisors_opened_with_one_key_and_taken_down(
    rina: User, page_for: PageFor
) -> None:
    sari, tono = scenes.agent("Sari Wulandari"), scenes.supervisor("Tono Hadi")
    conversation = scenes.held(sari, "Budi Santoso")
    first, second = opened(page_for(rina), "/floor/"), opened(page_for(tono), "/floor/")
    team.ask_help(actor=sari, conversation_id=conversation.pk, note="Dia mengancam")
    for page in (first, second):
        expect(page.locator("#floor-hands")).to_contain_text("Dia mengancam")
    first.keyboard.press("h")
    expect(first.locator("#conversation-name")).to_have_text("Budi Santoso")
    second.get_by_role("button", name="Helped").click()
    expect(second.locator("#floor-hands")).to_have_count(0)


def test_a_whisper_reaches_the_agents_thread_at_once(rina: User, page_for: PageFor) -> None:
    sari = scenes.agent("Sari Wulandari")
    conversation = scenes.held(sari, "Budi Santoso")
    scenes.held(sari, "Ayu Lestari")
    desk = opened(page_for(sari), f"/desk/{conversation.pk}/")
    floor = opened(page_for(rina), "/floor/")
    floor.get_by_role("button", name="Whisper to Sari Wulandari about Ayu Lestari").click()
    floor.get_by_label("What the agent should know").fill("Tentang Ayu")
    floor.keyboard.press("Escape")
    floor.get_by_role("button", name="Whisper to Sari Wulandari about Budi Santoso").click()
    expect(floor.get_by_label("What the agent should know")).to_have_value("")
    floor.get_by_label("What the agent should know").fill("Tanyakan nomor izin")
    floor.get_by_role("button", name="Whisper", exact=True).click()
    expect(floor.locator("#toasts")).to_contain_text("Whispered")
    expect(desk.locator(".line--note")).to_contain_text("Tanyakan nomor izin")


def test_several_are_chosen_and_moved_while_the_floor_goes_on_moving(
    rina: User, page_for: PageFor
) -> None:
    dewi = scenes.agent("Dewi Lestari")
    first, second = scenes.waiting("Budi Santoso"), scenes.waiting("Ayu Lestari")
    floor = opened(page_for(rina), "/floor/")
    floor.get_by_label("Choose Budi Santoso").check()
    scenes.waiting("Joko Prabowo")  # the page renews itself meanwhile
    expect(floor.locator("#floor-waiting")).to_contain_text("Joko Prabowo")
    expect(floor.get_by_label("Choose Budi Santoso")).to_be_checked()
    floor.get_by_label("Choose Ayu Lestari").check()
    expect(floor.locator("#move-count")).to_have_text("Chosen: 2")
    floor.keyboard.press("Tab")
    floor.locator("#move-to").select_option(f"agent:{dewi.pk}")
    floor.get_by_role("button", name="Move", exact=True).click()
    expect(floor.locator("#toasts")).to_contain_text("2 conversations moved.")
    moved = Conversation.objects.filter(pk__in=[first.pk, second.pk])
    assert set(moved.values_list("agent_id", flat=True)) == {dewi.pk}


def test_a_conversation_is_dragged_onto_an_agent_and_onto_a_queue(
    rina: User, page_for: PageFor
) -> None:
    dewi = scenes.agent("Dewi Lestari")
    waits, other = scenes.waiting("Budi Santoso"), scenes.waiting("Ayu Lestari")
    floor = opened(page_for(rina), "/floor/")
    floor.get_by_label("Choose Ayu Lestari").check()  # what is dragged moves, nothing else
    row, card = f"#waiting-row-{waits.pk}", f"#agent-{dewi.pk}"
    floor.locator(row).drag_to(floor.locator("#floor-alarms"))
    floor.locator(row).drag_to(floor.locator(f"#queue-{waits.queue}"))
    floor.locator(row).drag_to(floor.locator(card))
    expect(floor.locator("#toasts")).to_contain_text("1 conversation moved.")
    expect(floor.locator(card)).to_contain_text("Budi Santoso")
    floor.locator(f"#talk-{waits.pk}").drag_to(floor.locator("#queue-reports th"))
    expect(floor.locator(f"#waiting-row-{waits.pk}")).to_contain_text("Illegal offer reports")
    moved = Conversation.objects.get(pk=waits.pk)
    assert (moved.status, moved.queue) == ("waiting", "reports")
    assert Conversation.objects.get(pk=other.pk).queue == other.queue
    carried = {"dataTransfer": floor.evaluate_handle("new DataTransfer()")}
    floor.dispatch_event(row, "dragstart", carried)
    expect(floor.locator("html")).to_have_class(re.compile("is-dragging"))
    services.take_over(actor=dewi, conversation_id=waits.pk)  # it leaves while one drags it
    expect(floor.locator("html")).not_to_have_class(re.compile("is-dragging"))
    assert AuditEntry.objects.filter(action="conversations_moved").count() == 2


def test_a_supervisor_moves_somebody_ahead_in_the_list_of_the_desk(
    rina: User, page_for: PageFor
) -> None:
    scenes.waiting("Budi Santoso")
    second = scenes.waiting("Ayu Lestari")
    desk = opened(page_for(rina), "/desk/")
    desk.locator(f"#ahead-{second.pk}").focus()
    desk.keyboard.press("Enter")
    desk.get_by_label("Why?").fill("Pembayaran malam ini")
    assert violations(desk) == []
    desk.keyboard.press("Enter")
    expect(desk.locator("#rows-waiting .list__title").first).to_have_text("Ayu Lestari")
    expect(desk.locator("#desk-dialog")).to_have_count(0)
    expect(desk.locator(f"#row-{second.pk}")).to_contain_text("15 points ahead, Rina Kusuma")


def test_an_agent_sees_that_a_supervisor_set_them_away(rina: User, page_for: PageFor) -> None:
    sari = scenes.agent("Sari Wulandari")
    desk, floor = opened(page_for(sari), "/desk/"), opened(page_for(rina), "/floor/")
    floor.locator(f"#presence-of-{sari.pk} summary").click()
    floor.locator(f"#presence-of-{sari.pk}").get_by_role("button", name="Away").click()
    expect(desk.locator("#presence-menu summary")).to_contain_text("Away")
    expect(floor.locator(f"#agent-{sari.pk}")).to_contain_text("Away")


def test_the_wall_board_renews_itself_without_an_account(rina: User, page_for: PageFor) -> None:
    wall = page_for(rina)
    wall.goto("/floor/wall/")
    wall.get_by_text("Link for a screen without an account").click()
    link = wall.locator(".wall__link .mono").inner_text()
    screen = page_for()
    screen.clock.install()
    screen.goto(link)
    stop_clock(screen)
    expect(screen.locator("#wall-general .wall__count")).to_contain_text("0")
    for number in ("1", "2"):
        scenes.waiting("Budi Santoso")
        screen.clock.run_for(5_000)
        expect(screen.locator("#wall-general .wall__count")).to_contain_text(number)
    assert "Budi" not in screen.content()


def shown(wall: Page) -> list[str]:
    tiles: list[str] = wall.evaluate(
        "[...document.querySelectorAll('.wall__queue')].filter(t => !t.hidden).map(t => t.id)"
    )
    return tiles


def test_the_wall_board_shows_one_screenful_of_queues_after_the_other(
    rina: User, page_for: PageFor
) -> None:
    for number in range(12):
        routing.put_queue(actor=None, key=f"q{number}", settings={"name": f"Loket {number}"})
    wall = page_for(rina)
    wall.clock.install()
    wall.emulate_media(reduced_motion="no-preference")
    wall.goto("/floor/wall/")
    expect(wall.locator("#wall-page")).to_have_text("1 / 3")
    stop_clock(wall)
    pages = [shown(wall)]
    scenes.waiting("Budi Santoso")
    wall.clock.run_for(5_000)
    expect(wall.locator("#wall-now .wall__totals dd").first).to_have_text("1")
    assert shown(wall) == pages[0], "renewing turns no page"
    for name in ("2 / 3", "3 / 3"):
        wall.clock.fast_forward(12_000)
        expect(wall.locator("#wall-page")).to_have_text(name)
        pages.append(shown(wall))
    everything = [one for some in pages for one in some]
    assert len(everything) == len(set(everything)) == 14
    wall.clock.fast_forward(12_000)
    expect(wall.locator("#wall-page")).to_have_text("1 / 3")
    assert shown(wall) == pages[0]
    wall.get_by_role("button", name="Show all queues").click()
    wall.clock.fast_forward(12_000)
    wall.get_by_text("Loket 11").wait_for()
    assert shown(wall) == everything


def test_the_wall_board_turns_no_page_for_who_wants_no_movement(
    rina: User, page_for: PageFor
) -> None:
    for number in range(12):
        routing.put_queue(actor=None, key=f"q{number}", settings={"name": f"Loket {number}"})
    wall = page_for(rina)
    wall.clock.install()
    wall.goto("/floor/wall/")
    expect(wall.get_by_role("button", name="Show all queues")).to_have_attribute(
        "aria-pressed", "true"
    )
    wall.clock.fast_forward(12_000)
    assert len(shown(wall)) == 14
    assert violations(wall) == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_the_floors_pages_have_no_accessibility_faults(
    rina: User, page_for: PageFor, theme: str, width: int
) -> None:
    sari = scenes.agent("Sari Wulandari")
    held = scenes.held(sari, "Budi Santoso")
    answered = scenes.waiting("Joko Prabowo")
    services.take_over(actor=sari, conversation_id=answered.pk)
    services.reply(actor=sari, conversation_id=answered.pk, content=Text("Selamat pagi"))
    scenes.waiting("Ayu Lestari")
    team.ask_help(actor=sari, conversation_id=held.pk, note="Dia mengancam")
    page = page_for(rina, theme=theme, width=width)
    for path in ("/floor/", "/floor/today/?fate=arrived", "/floor/wall/"):
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
