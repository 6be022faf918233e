"""The web process's connections, on a real server and a real PostgreSQL."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.conf import settings

from resmi.config import pooling
from tests import processes
from tests.agency import streams

OURS = """
    FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'pooled' AND backend_type = 'client backend'
"""


@pytest.fixture
def key(database_url: str) -> str:
    return streams.session_of(streams.staff())


def get(port: int, key: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(
            "GET", "/desk/", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"}
        )
        return connection.getresponse().status
    finally:
        connection.close()


def test_requests_share_connections_and_outlive_their_loss(database_url: str, key: str) -> None:
    with (
        processes.web(database_url, PGAPPNAME="pooled") as server,
        psycopg.connect(database_url, autocommit=True) as look,
        ThreadPoolExecutor(8) as crowd,
    ):
        assert get(server.port, key) == 200
        before = {pid for (pid,) in look.execute(f"SELECT pid {OURS}")}
        for _ in range(10):
            assert get(server.port, key) == 200
        after = {pid for (pid,) in look.execute(f"SELECT pid {OURS}")}
        assert before & after
        assert len(after) <= 3
        look.execute(f"SELECT pg_terminate_backend(pid) {OURS}")
        assert list(crowd.map(lambda _: get(server.port, key), range(60))) == [200] * 60
        left = {pid for (pid,) in look.execute(f"SELECT pid {OURS}")}
        assert not left & after
        assert len(left) <= pooling.MOST
