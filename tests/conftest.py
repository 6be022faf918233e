"""One embedded PostgreSQL for all test runs of this account; a database of its own per process."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import django
import psycopg
import pytest
from django.db import connections
from django.utils import translation
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright

from resmi.config import embedded

PATIENCE_MS = 60_000  # a busy machine is slow, not wrong
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",  # beeps; a page must still be allowed to hear them
]

os.environ["DJANGO_SETTINGS_MODULE"] = "resmi.config.settings"
os.environ.setdefault("RESMI_SECRET_KEY", "test-only")
os.environ.setdefault("RESMI_MODE", "test")
if "RESMI_HOME" not in os.environ:  # an agency's own files stay out of reach of tests
    _home = tempfile.mkdtemp(prefix="resmi-test-home-")
    Path(_home).chmod(0o711)  # the embedded PostgreSQL runs under an account of its own
    os.environ["RESMI_HOME"] = _home
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
django.setup()  # here, not by pytest-django, which would read the settings before the lines above

from resmi.agency import queries as agency  # noqa: E402  (its models need what is set up above)
from resmi.agency.policy import Policy  # noqa: E402
from resmi.registry import services as registry  # noqa: E402
from resmi.routing import queries as routing  # noqa: E402
from tests import clusters, emptying, processes  # noqa: E402

# How long an example takes says how busy the machine is. Under CI=true Hypothesis' own profile for
# that holds too: the same examples each time.
settings.register_profile(
    "patient",
    settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: a running browser occupies its process's event loop."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker("browser")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Requests of an earlier test may have left their language behind."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _agency_policy() -> None:
    """The default policy is held, so that no test pays for reading it or meets another's."""
    agency.assume(Policy())


@pytest.fixture(autouse=True)
def _no_news_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for once a second is asked for once: a slow test asks no more than a quick one.

    Nor does it meet what an earlier test left.
    """
    for module in (registry, routing):
        monkeypatch.setattr(module, "_CHECK_EVERY_S", 60.0)
    registry.forget_index()
    routing.forget()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A running server's URL; `RESMI_TEST_SERVER` names your own instead of the embedded one.

    Test runs at the same time share the server; the last one to end stops it.
    """
    if own := os.environ.get("RESMI_TEST_SERVER"):
        yield own
        return
    folder = clusters.folder()
    with (folder / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        clusters.forget_old()
        with clusters.quick():
            url = embedded.start(folder / "postgres")
        _tune(url.replace(f"/{clusters.DATABASE}?", "/postgres?"))
        yield url
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            embedded.stop(folder / "postgres")


def _tune(url: str) -> None:
    """Test data need not survive a power cut."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        _drop_leftovers(connection)


def _drop_leftovers(connection: psycopg.Connection) -> None:
    rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'resmi_test_%'")
    for (name,) in rows.fetchall():
        pid = name.split("_")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> None:
    emptying.only_what_is_filled(connections["default"])


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_url: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(postgres_url)
    database = connections.databases["default"]
    database.update(
        HOST=parts.get("host", ""),
        PORT=str(parts.get("port", "")),
        USER=parts.get("user", ""),
        PASSWORD=parts.get("password", ""),
        NAME=parts.get("dbname", "postgres"),
    )
    database["TEST"]["NAME"] = f"resmi_test_{os.getpid()}"
    if "RESMI_TEST_SERVER" not in os.environ:
        database["TEST"]["TEMPLATE"] = clusters.DATABASE


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The URL of this process's test database, for real processes started by a test."""
    return url_of_test_database()


@pytest.fixture(scope="session")
def lasting_database_url(django_db_setup: None) -> str:
    """The same for processes that outlive a test; the tests themselves ask for `database_url`."""
    return url_of_test_database()


def url_of_test_database() -> str:
    database = connections["default"].settings_dict
    return (
        f"postgresql://{quote(database['USER'])}@/{database['NAME']}"
        f"?host={quote(database['HOST'], safe='')}"
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; `RESMI_CHROMIUM` names another binary. Skips where there is none.

    With `RESMI_TEST_LINE=SEED` it speaks with every server over a slow line (`tests.slow_line`).
    """
    binary = os.environ.get("RESMI_CHROMIUM") or shutil.which("chromium")
    if not binary:
        pytest.skip("no Chromium: install one or name it in RESMI_CHROMIUM")
    # Playwright's loop runs in this thread; the tests' own queries are still not concurrent.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    with _line() as way, sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=binary, args=[*ARGUMENTS, *way])
        yield found
        found.close()


@contextlib.contextmanager
def _line() -> Iterator[list[str]]:
    """How Chromium reaches the servers: what to start it with."""
    seed = os.environ.get("RESMI_TEST_LINE", "")
    if not seed:
        yield []
        return
    port = processes.free_port()
    arguments = ["-m", "tests.slow_line", seed, str(port)]
    with processes.running("slow line", "python", *arguments, env=os.environ, port=port):
        yield [f"--proxy-server=http://127.0.0.1:{port}", "--proxy-bypass-list=<-loopback>"]
