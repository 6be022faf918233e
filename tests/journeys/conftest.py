"""A real web process and a real browser: `page_for(user)` is a page signed in as that account.

def test_x(site, page_for, sari):
    page = page_for(sari, theme="dark")
    page.goto("/desk/")        # addresses are relative to the site
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page

from resmi.agency.models import User
from tests import processes
from tests.conftest import PATIENCE_MS

UNDO_S = 120  # how long a message can be taken back here
# Pages give up on a server that is silent for a quarter minute; here it may only be slow.
UNHURRIED = """
    Object.defineProperty(XMLHttpRequest.prototype, "timeout", {
        get() { return this.patience ?? 0; },
        set(patience) { this.patience = patience; },
    });
"""


class PageFor(Protocol):
    """Opens a page signed in as `user` (None: a stranger)."""

    def __call__(
        self,
        user: User | None = None,
        *,
        theme: str = "light",
        width: int = 1440,
        height: int = 900,
    ) -> Page: ...


@pytest.fixture(scope="session")
def _web(lasting_database_url: str) -> Iterator[processes.Running]:
    application = "tests.journeys.application:application"
    with processes.web(lasting_database_url, application=application, UNDO_S=str(UNDO_S)) as server:
        yield server


@pytest.fixture
def site(_web: processes.Running, database_url: str) -> processes.Running:
    """The web process on this test's database; `site.url` is its address."""
    return _web


@pytest.fixture
def page_for(browser: Browser, site: processes.Running) -> Iterator[PageFor]:
    """Opens signed-in pages. After the test, a page that logged an error fails it."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        user: User | None = None,
        *,
        theme: str = "light",
        width: int = 1440,
        height: int = 900,
    ) -> Page:
        context = browser.new_context(
            base_url=site.url,
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": height},
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        # Pages that come without HTTPS have none.
        context.add_init_script("delete Crypto.prototype.randomUUID")
        contexts.append(context)
        if user is not None:
            sign_in(context, user, site.url)
        context.add_init_script(UNHURRIED)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: _note_policy_breach(line, complaints))
        return page

    yield open_page
    for context in contexts:
        context.close()
    _wait_until_quiet()
    assert complaints == [], "the browser complained"


def _wait_until_quiet() -> None:
    """Waits for what closed pages last asked for: emptying the tables would deadlock with it."""
    quiet, deadline = 0, time.monotonic() + processes.PATIENCE_S
    while quiet < 3 and time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend' "
                "AND state <> 'idle'"
            )
            quiet = quiet + 1 if cursor.fetchone() == (0,) else 0
        time.sleep(0.02)


def stop_clock(page: Page) -> None:
    """From here time passes on the page (`page.clock.install()`) only when it is told to."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)


def hold_date(page: Page) -> None:
    """From here it is always now on the page, though what was timed goes on."""
    page.clock.set_fixed_time(page.evaluate("Date.now()") / 1000)


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    """Gives the browser a session of `user`, as signing in would."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    key = str(session.session_key)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": url}])


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, one line each; empty is right."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{finding['id']}: {node['html'][:200]} ({'; '.join(_reasons(node))})"
        for finding in found
        for node in finding["nodes"]
    ]


def cut_off_tables(page: Page) -> list[str]:
    """The texts of tables that have to be scrolled sideways, or let their cells run over."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll("table")]
            .flatMap((table) => [table.parentElement, ...table.querySelectorAll("tbody > tr > *")])
            .filter((box) => box.scrollWidth > box.clientWidth)
            .map((box) => box.textContent)"""
    )
    return found


def _reasons(node: dict[str, Any]) -> list[str]:
    return [check["message"] for check in (*node["any"], *node["all"], *node["none"])]


def _note_policy_breach(line: Any, complaints: list[str]) -> None:
    if line.type == "error" and "Content Security Policy" in line.text:
        complaints.append(line.text)
