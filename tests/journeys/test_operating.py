"""The operators' pages with a lot on them: long reasons, three languages, both themes, a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from resmi.agency.models import AuditEntry, User
from resmi.channels import operating
from resmi.channels.models import Channel, Delivery, Inbound
from tests.conversations import factories
from tests.desk import scenes
from tests.desk.test_floor import parked
from tests.desk.test_operating import delivery, park_unknown
from tests.journeys.conftest import PageFor, cut_off_tables, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG = "ValueError: kunci_yang_sangat_panjang_tanpa_spasi_" + "x" * 120 + " tidak dikenal. " * 12
PATHS = ("/floor/channels/", "/floor/inbound/", "/floor/deliveries/", "/floor/")


@pytest.fixture
def agus(transactional_db: None) -> User:
    scenes.office()
    agus = scenes.supervisor("Agus", "admin")
    channel = factories.channel()
    operating.pause_channel(actor=agus, channel_id=channel.pk, reason=LONG)
    Channel.objects.create(kind="whatsapp", address="2002", name="Layanan " * 8)
    for status in ("parked", "unparsed"):
        parked(status=status, error=LONG)
    for status in ("failed", "unknown"):
        delivery(status, error=LONG, error_code="131026")
    return agus


@pytest.mark.parametrize(
    ("theme", "width", "language"),
    [("light", 1440, "en"), ("dark", 1440, "ko"), ("light", 360, "id"), ("dark", 360, "ko")],
)
def test_long_reasons_fit_everywhere(
    agus: User, page_for: PageFor, theme: str, width: int, language: str
) -> None:
    park_unknown("15550001111", 2)
    agus.language = language
    agus.save()
    page = page_for(agus, theme=theme, width=width)
    for path in PATHS:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert cut_off_tables(page) == [], path


def test_a_double_click_replays_and_resends_once(agus: User, page_for: PageFor) -> None:
    page = page_for(agus)
    page.goto("/floor/inbound/")
    page.get_by_role("button", name="Replay all").dblclick()
    expect(page.get_by_text("Nothing is waiting")).to_be_visible()
    assert Inbound.objects.filter(status="new").count() == 2
    page.goto("/floor/deliveries/")
    page.get_by_role("button", name="Send again, even if it arrived").dblclick()
    expect(page.get_by_role("button", name="Send again, even if it arrived")).to_have_count(0)
    assert Delivery.objects.filter(status="queued", purpose="message").count() == 1
    actions = ["inbound_all_replayed", "delivery_resent"]
    for action in actions:
        assert AuditEntry.objects.filter(action=action).count() == 1, action


def test_all_of_a_page_are_chosen_with_one_box(agus: User, page_for: PageFor) -> None:
    page = page_for(agus)
    page.goto("/floor/deliveries/")
    every = page.get_by_label("Choose all of this page")
    every.check()
    expect(page.locator("input[name=delivery]:checked")).to_have_count(2)
    page.locator("input[name=delivery]").first.uncheck()
    expect(every).not_to_be_checked()
    every.check()
    page.get_by_role("button", name="Send the chosen again").click()
    expect(page.get_by_text("2 messages are sent again.")).to_be_visible()
    expect(page.get_by_text("Everything arrived")).to_be_visible()
