"""What a browser loads at its first visit: little, compressed, and never a second time."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Response, expect

from resmi.agency.models import User
from resmi.channels.models import Delivery
from resmi.conversations import services
from resmi.registry.receipts import keyring
from tests import processes
from tests.api import making
from tests.channels.simulator.stand import Stand
from tests.conftest import PATIENCE_MS
from tests.conversations import factories
from tests.desk import scenes
from tests.desk.test_floor import parked
from tests.journeys.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIMIT = 100_000
SMALL = 30_000
RECEIPT_KEYS = "receipt-keys.json"


class Scale:
    """Weighs what travels for a page: headers and bodies as sent, connection set-up left out.

    Parts that are fetched anew, because something happened just then, are left out, too.
    """

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.by_request: dict[str, tuple[str, float]] = {}
        self.anew: set[str] = set()
        self.failed: list[str] = []
        page.on(
            "response",
            lambda answer: self.failed.append(answer.url) if answer.status >= 400 else None,
        )
        self.session.send("Network.enable")
        self.session.on("Network.requestWillBeSent", self._asked)
        self.session.on("Network.responseReceived", self._begun)
        self.session.on("Network.loadingFinished", self._ended)

    def _asked(self, told: dict) -> None:  # type: ignore[type-arg]
        if told["request"]["headers"].get("HX-Request"):
            self.anew.add(told["requestId"])

    def _begun(self, told: dict) -> None:  # type: ignore[type-arg]
        answer = told["response"]
        self.by_request[told["requestId"]] = (answer["url"], answer["encodedDataLength"])

    def _ended(self, told: dict) -> None:  # type: ignore[type-arg]
        url, _ = self.by_request.get(told["requestId"], ("", 0))
        self.by_request[told["requestId"]] = (url, told["encodedDataLength"])

    @property
    def total(self) -> float:
        return sum(size for key, (_, size) in self.by_request.items() if key not in self.anew)

    def heaviest(self) -> str:
        """For the message of a failing test."""
        ranked = sorted(self.by_request.values(), key=lambda one: -one[1])
        return "\n".join(f"{size:9,.0f} {url}" for url, size in ranked[:12])


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collected files, as `make install` makes it."""
    folder = tmp_path_factory.mktemp("static")
    env = processes.environment("postgresql:///", RESMI_STATIC=str(folder))
    subprocess.run([str(processes.BIN / "resmi"), "static"], env=env, check=True)
    return folder


@pytest.fixture(scope="module")
def house(
    lasting_database_url: str, collected: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[processes.Running]:
    """A web process that serves collected files."""
    keys = tmp_path_factory.mktemp("house") / RECEIPT_KEYS
    keyring.ensure(keys, making.NOW)
    settings = {"RESMI_STATIC": str(collected), "RESMI_RECEIPT_KEYS": str(keys)}
    with processes.web(lasting_database_url, **settings) as server:
        yield server


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, house: processes.Running, database_url: str) -> Iterator[Visit]:
    """Opens a page in a browser that was never here before; `page.scale` is its weight."""
    contexts: list[BrowserContext] = []

    def first(path: str, user: User | None = None) -> Page:
        context = browser.new_context(base_url=house.url, locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if user is not None:
            sign_in(context, user, house.url)
        page = context.new_page()
        page.scale = Scale(page)  # type: ignore[attr-defined]
        page.goto(path)
        settled(page)
        return page

    yield first
    for context in contexts:
        context.close()


def settled(page: Page) -> None:
    """Waits until nothing more was loaded for a while; streams stay open."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(700)


def weigh(page: Page, limit: int) -> None:
    scale: Scale = page.scale  # type: ignore[attr-defined]
    assert page.locator("[hx-trigger~=load]").count() == 0, "these parts belong to the first visit"
    assert scale.failed == [], scale.failed
    print(f"{page.url}: {scale.total:,.0f} bytes in {len(scale.by_request)} answers")
    assert 1_000 < scale.total < limit, scale.heaviest()


def busy_office() -> tuple[User, int]:
    """Sari with a full load, twenty in the queue, and a thread of more than forty lines."""
    scenes.office()
    sari = scenes.agent("Sari Wulandari")
    budi = scenes.citizen("Budi Santoso")
    for index in range(50):
        factories.wire(f"Saya mau bertanya tentang pinjaman nomor {index}", sender=budi)
    long = factories.citizen_says("Apakah ada kantor di Bandung?", sender=budi)
    services.take_over(actor=sari, conversation_id=long.pk)
    for index in range(3):
        scenes.held(sari, f"Ayu Lestari {index}")
    for index in range(20):
        scenes.waiting(f"Rina Kusuma {index}")
    return sari, long.pk


def test_signing_in_is_light(visit: Visit) -> None:
    page = visit("/accounts/login/")
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    weigh(page, LIMIT)


def test_a_busy_desk_is_light(visit: Visit) -> None:
    sari, conversation = busy_office()
    page = visit(f"/desk/{conversation}/", sari)
    expect(page.locator("#thread-lines > .line").nth(40)).to_be_attached()
    expect(page.locator("body[data-live-state=open]")).to_be_attached()
    weigh(page, LIMIT)


@pytest.mark.parametrize(
    "path", ["/floor/", "/floor/channels/", "/floor/inbound/", "/floor/deliveries/"]
)
def test_the_floors_pages_are_light(visit: Visit, path: str) -> None:
    busy_office()
    for _ in range(50):
        parked(error="ValueError: " + "a shape nobody knows " * 20)
    Delivery.objects.update(status="failed", rank=100, error="The phone is off. " * 10)
    page = visit(path, scenes.supervisor("Agus", "admin"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    weigh(page, LIMIT)


@pytest.mark.parametrize("path", ["/register/", "/register/lists/"])
def test_the_register_is_light(visit: Visit, path: str) -> None:
    making.publish(making.HOLDERS, making.WARNINGS)
    weigh(visit(path, scenes.supervisor("Agus", "admin")), LIMIT)


def test_a_check_is_small(visit: Visit) -> None:
    making.publish(making.HOLDERS, making.WARNINGS)
    weigh(visit("/check?q=PT+Dana+Sejahtera+Contoh"), SMALL)


def test_the_phone_is_light(browser: Browser) -> None:
    stand = Stand()
    try:
        page = browser.new_page()
        page.scale = Scale(page)  # type: ignore[attr-defined]
        page.goto(f"{stand.base}/phone")
        settled(page)
        weigh(page, LIMIT)
        page.close()
    finally:
        stand.close()


def test_files_are_loaded_once_for_ever_and_compressed(
    visit: Visit, house: processes.Running
) -> None:
    page = visit("/accounts/login/")
    came: list[Response] = []
    page.on("response", lambda answer: came.append(answer))
    page.goto("/accounts/login/?again")
    settled(page)
    answers = {answer.url: answer.all_headers() for answer in came}
    files = [url for url in answers if "/static/" in url]
    assert files
    for url in files:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", url), url
        assert "immutable" in answers[url]["cache-control"], url
        assert answers[url]["content-encoding"] in ("br", "gzip"), url
    assert answers[f"{house.url}/accounts/login/?again"]["content-encoding"] == "gzip"
