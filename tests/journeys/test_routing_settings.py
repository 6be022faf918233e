"""The routing settings in a real browser: both themes, wide and 360 px, three languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from resmi.agency.models import User
from resmi.conversations import router, services
from resmi.routing import policy, queries
from resmi.routing import services as routing
from tests.conversations import factories
from tests.desk import scenes
from tests.journeys.conftest import PageFor, cut_off_tables, violations

pytestmark = pytest.mark.browser


@pytest.fixture
def rina(database_url: str) -> User:
    """A supervisor over an office with rules, a region, breaks and a day that was."""
    scenes.office()
    rina, sari = scenes.supervisor(), scenes.agent("Sari")
    region = policy.Region(
        key="papua",
        name="Papua",
        time_zone="Asia/Jayapura",
        weekly=(("08:00-16:00",),) * 7,
        holidays=(policy.Holiday(date="08-17", name="Hari Kemerdekaan"),),
    )
    names = {"en": "Lunch", "id": "Istirahat siang", "ko": "점심"}
    rule = policy.PriorityRule(key="sos", name="Emergency", points=60, words=("darurat", "긴급"))
    routing.put_policy(
        actor=rina,
        data=policy.Policy(
            priorities=(rule,),
            breaks=(policy.Break(key="lunch", name=names, most_s=2700),),
            regions=(region,),
        ),
    )
    queries.forget()
    for name in ("Budi Santoso", "Ayu Lestari"):
        conversation = scenes.waiting(name)
        router.run_pass()
        services.accept_offer(actor=sari, conversation_id=conversation.pk)
        services.close(
            actor=sari, conversation_id=conversation.pk, reason=factories.pack().wrap_up[0].key
        )
    return rina


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_the_settings_are_accessible(page_for: PageFor, rina: User, theme: str, width: int) -> None:
    page = page_for(rina, theme=theme, width=width)
    for address in (
        "/routing/",
        "/routing/queues/new/",
        "/routing/queues/general/",
        "/routing/agents/",
        f"/routing/agents/{rina.pk}/",
        "/routing/priorities/",
        "/routing/priorities/sos/",
        "/routing/breaks/lunch/",
        "/routing/regions/papua/",
        "/routing/whole/",
    ):
        page.goto(address)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert cut_off_tables(page) == [], address
    page.goto("/routing/queues/general/")
    page.locator("button[value=preview]").click()
    expect(page.locator("#preview-title")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert cut_off_tables(page) == []


def test_a_queue_is_tried_on_yesterday_and_put_in_force_with_the_keyboard(
    page_for: PageFor, rina: User
) -> None:
    page = page_for(rina)
    page.goto("/routing/")
    page.keyboard.press("c")
    page.get_by_label("Name").fill("Loans")
    page.get_by_role("textbox", name="Key").fill("loans")
    page.get_by_role("textbox", name="Key").press("Enter")
    expect(page.get_by_role("heading", name="Loans")).to_be_visible()
    assert "loans" in queries.queues()
    page.get_by_label("First answer within").fill("30")
    page.get_by_role("button", name="What if, yesterday?").press("Enter")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert queries.queues()["loans"].target_s == 60
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved. It counts from now on.")).to_be_visible()
    assert queries.queues()["loans"].target_s == 30
