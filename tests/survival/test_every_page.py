"""Every page there is, found in the addresses: usable at 360 px, and axe finds nothing on it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from playwright.sync_api import Page

from resmi.agency.models import User
from resmi.routing import policy
from resmi.routing import services as routing
from tests.desk import pages, scenes
from tests.desk.test_every_page import LUNCH, fill
from tests.journeys.conftest import PageFor, cut_off_tables, violations
from tests.journeys.conftest import _web as _web
from tests.journeys.conftest import page_for as page_for
from tests.journeys.conftest import site as site

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(900)]
OVERFLOWS = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def admin(transactional_db: None) -> User:
    scenes.office()
    routing.put_policy(actor=None, data=policy.Policy(breaks=(LUNCH,)))
    return scenes.supervisor("Agus Salim", "admin")


def test_every_page_is_usable_at_360_px_and_accessible_in_both_themes(
    admin: User, page_for: PageFor
) -> None:
    talk = scenes.held(admin)
    fill(admin, 2, talk)
    found = aside(lambda: pages.found(scenes.signed_in(admin), admin, talk))
    page = page_for(admin, width=360)
    wrong = [fault for address in found.values() for fault in faults(page, address)]
    assert wrong == [], "\n".join(wrong)


def aside(find: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Runs it in a thread of its own: in this one the browser's loop runs."""

    def closing() -> dict[str, str]:
        try:
            return find()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as one:
        return one.submit(closing).result()


def faults(page: Page, address: str) -> list[str]:
    """What is wrong with a page, in the light theme and in the dark one."""
    page.emulate_media(color_scheme="light")
    page.goto(address, wait_until="load")
    told = ["is wider than 360 px"] if page.evaluate(OVERFLOWS) else []
    told += [f"has a table to scroll sideways: {text}" for text in cut_off_tables(page)]
    told += violations(page)
    page.emulate_media(color_scheme="dark")
    page.goto(address, wait_until="load")
    told += violations(page)
    return [f"{address}: {fault}" for fault in told]
