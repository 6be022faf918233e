"""A visitor checks a name, keeps a receipt and shows it: on a phone, without any script."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from resmi.registry.receipts import keyring
from tests import processes
from tests.api import making
from tests.journeys.conftest import violations
from tests.registry.making import csv_of

pytestmark = pytest.mark.browser

NARROW = 320


@pytest.fixture(scope="module")
def office(lasting_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web process that has receipt keys; its address."""
    keys = tmp_path_factory.mktemp("office") / "receipt-keys.json"
    keyring.ensure(keys, making.NOW)
    with processes.web(lasting_database_url, RESMI_RECEIPT_KEYS=str(keys)) as server:
        yield server.url


@pytest.fixture
def register(database_url: str) -> None:
    """The two lists, in the database the web process reads."""
    making.publish(making.HOLDERS, making.WARNINGS)


@pytest.fixture
def newspaper(office: str, tmp_path: Path) -> Iterator[str]:
    """Another site, which includes the script; its address."""
    script = f'<script async src="{office}/check/embed.js"></script>'
    page = f'<!doctype html><html lang="id"><body><h1>Koran</h1>{script}</body></html>'
    (tmp_path / "index.html").write_text(page)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["light", "dark"])
def phone(
    browser: Browser, office: str, register: None, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A narrow browser without JavaScript."""
    with browser.new_context(
        base_url=office,
        color_scheme=request.param,
        viewport={"width": NARROW, "height": 640},
        java_script_enabled=False,
        locale="en-GB",
    ) as context:
        yield context.new_page()


def open_with_script(browser: Browser, page: Page) -> Page:
    """The same address where the checker's own script may run."""
    context = browser.new_context(
        viewport={"width": NARROW, "height": 640},
        color_scheme="dark",
        locale="en-GB",
    )
    other = context.new_page()
    other.goto(page.url)
    return other


def is_fit(browser: Browser, page: Page) -> None:
    """Nothing wrong with the page, and nothing to scroll sideways for, on the smallest phone."""
    other = open_with_script(browser, page)
    assert violations(other) == []
    assert other.evaluate("document.documentElement.scrollWidth") <= NARROW
    other.context.close()


def test_a_name_is_checked_and_the_receipt_kept_without_any_script(
    browser: Browser, phone: Page
) -> None:
    phone.goto("/check")
    is_fit(browser, phone)
    phone.get_by_label("Name of the company").fill("Dana Sejahtera Contoh")
    phone.get_by_role("button", name="Check").click()
    expect(phone.get_by_role("article")).to_contain_text("PT Dana Sejahtera Contoh")
    expect(phone.get_by_role("article")).to_contain_text("Source: Register of Examples")
    is_fit(browser, phone)
    phone.get_by_role("button", name="Get a receipt").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Receipt")
    expect(phone.locator("svg.qr")).to_be_visible()
    is_fit(browser, phone)


def test_a_licence_revoked_since_is_the_first_thing_on_the_receipt(
    browser: Browser, phone: Page
) -> None:
    phone.goto("/check?q=Dana+Sejahtera+Contoh")
    phone.get_by_role("button", name="Get a receipt").click()
    making.publish(csv_of({**making.LICENSED, "status": "revoked"}))
    phone.wait_for_timeout(1500)  # a web process asks for a new register once a second
    phone.goto(phone.url + "&again=1")
    expect(phone.get_by_role("alert")).to_contain_text("This has changed since")
    expect(phone.get_by_role("article").first).to_contain_text("Licence revoked")
    assert phone.get_by_role("alert").bounding_box()["y"] < 200  # type: ignore[index]
    is_fit(browser, phone)


@pytest.mark.parametrize("code", ["1234-5678-9ABC", "0000-0000-0000"])
def test_a_wrong_code_fails_loudly(browser: Browser, phone: Page, code: str) -> None:
    response = phone.goto(f"/v/{code}")
    assert response is not None
    assert response.status == 404
    expect(phone.get_by_role("alert")).to_be_visible()
    is_fit(browser, phone)


def test_the_language_is_changed_by_a_link_and_the_question_stays(phone: Page) -> None:
    phone.goto("/check?q=Pinjam+Kilat+Makmur")
    phone.get_by_role("link", name="Bahasa Indonesia").click()
    assert phone.locator("html").get_attribute("lang") == "id"
    expect(phone.get_by_role("searchbox")).to_have_value("Pinjam Kilat Makmur")
    expect(phone.get_by_role("article")).to_contain_text("Pinjam Kilat Makmur")


def test_another_site_shows_the_box_in_a_frame_that_grows_with_the_answer(
    browser: Browser, newspaper: str, register: None
) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800})
    page = context.new_page()
    page.goto(newspaper)
    frame = page.frame_locator("iframe")
    expect(frame.locator("html")).to_have_attribute("lang", "id")
    expect(page.get_by_title("Apakah perusahaan ini berizin?")).to_be_visible()
    before = page.locator("iframe").evaluate("frame => frame.offsetHeight")
    frame.get_by_role("searchbox").fill("Pinjam Kilat Makmur")
    frame.get_by_role("searchbox").press("Enter")
    expect(frame.get_by_role("article")).to_contain_text("Pinjam Kilat Makmur")
    page.wait_for_function(
        "height => document.querySelector('iframe').offsetHeight > height", arg=before
    )
    context.close()
