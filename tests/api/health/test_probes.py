"""What machines ask: alive, ready, and how it does."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from resmi.api.health import serving as probes
from resmi.channels.models import Delivery, Inbound
from tests import processes
from tests.conversations import factories

pytestmark = pytest.mark.slow


def ask(
    server: processes.Running, path: str, *, method: str = "GET", **headers: str
) -> tuple[int, str]:
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        link.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = link.getresponse()
        return answer.status, answer.read().decode()
    finally:
        link.close()


@pytest.fixture
def server(database_url: str) -> Iterator[processes.Running]:
    with processes.web(database_url) as running:
        yield running


def sample(text: str, name: str) -> float:
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


def test_ready_means_database_tables_pack_and_a_worker_at_work(
    server: processes.Running, database_url: str
) -> None:
    assert ask(server, "/healthz") == (200, "alive\n")
    status, body = ask(server, "/readyz")
    assert status == 503
    assert json.loads(body) == {
        "ready": False,
        "checks": {"database": "ok", "tables": "ok", "worker": "none runs", "pack": "ok"},
    }
    env = processes.environment(database_url)
    with processes.running("work", "resmi", "work", env=env) as worker:
        worker.wait_until(lambda: ask(server, "/readyz")[0] == 200)
    server.wait_until(lambda: ask(server, "/readyz")[0] == 503)


def test_a_process_without_database_is_alive_but_not_ready() -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/none"
    with processes.web(nowhere) as server:
        assert ask(server, "/healthz")[0] == 200
        status, body = ask(server, "/readyz")
        assert status == 503
        assert json.loads(body)["checks"]["database"] == "does not answer"
        assert ask(server, "/metrics")[0] == 503


def test_metrics_tell_what_waits_and_what_became_of_messages(server: processes.Running) -> None:
    channel = factories.channel()
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    for number, status in enumerate(("new", "new", "parked")):
        Inbound.objects.create(
            channel=channel,
            kind="message",
            key=f"k{number}",
            partition=9,
            raw=b"",
            status=status,
            received_at=long_ago,
        )
    Delivery.objects.create(
        ref="1.1.0",
        channel=channel,
        lane="1:a",
        recipient={},
        author="bot",
        content=b"",
        status="failed",
        error_code="131026",
    )
    ask(server, "/hooks/whatsapp", method="PUT")
    status, text = ask(server, "/metrics")
    assert status == 200
    assert 299 < sample(text, "resmi_inbound_oldest_seconds") < 400
    assert sample(text, 'resmi_inbound_backlog{partitions="8-15"}') == 2
    assert sample(text, 'resmi_inbound_backlog{partitions="0-7"}') == 0
    assert sample(text, 'resmi_inbound_for_people{status="parked"}') == 1
    assert sample(text, 'resmi_deliveries_recent{status="failed"}') == 1
    assert sample(text, 'resmi_delivery_refusals_recent{class="user",code="131026"}') == 1
    assert sample(text, "resmi_leases_free") == 64
    assert sample(text, 'resmi_webhook_answers_total{status="405"}') == 1
    assert sample(text, "resmi_webhook_seconds_count") == 1


def test_metrics_are_for_this_machine_or_for_whoever_has_the_token(database_url: str) -> None:
    with processes.web(database_url, RESMI_METRICS_TOKEN="a-token") as server:
        assert ask(server, "/metrics")[0] == 403
        assert ask(server, "/metrics", Authorization="Bearer another")[0] == 403
        assert ask(server, "/metrics", Authorization="Bearer a-token")[0] == 200


@pytest.mark.parametrize(
    ("client", "header", "allowed"),
    [
        ("127.0.0.1", None, True),
        ("::1", None, True),
        ("10.0.0.5", None, False),
        ("127.0.0.1", b"X-Forwarded-For", False),
        ("127.0.0.1", b"Forwarded", False),
    ],
)
def test_what_a_proxy_forwards_is_not_this_machine(
    client: str, header: bytes | None, allowed: bool
) -> None:
    headers = [(header, b"203.0.113.9")] if header else []
    assert probes.may_read({"client": (client, 1), "headers": headers}) is allowed


def test_probes_take_nothing_but_reading(server: processes.Running) -> None:
    assert ask(server, "/healthz", method="POST")[0] == 405
    assert ask(server, "/healthz", method="HEAD") == (200, "")
