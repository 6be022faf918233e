"""Asked to end, every process is gone within ten seconds, and nothing is lost by it."""

from __future__ import annotations

import http.client
import signal
import time
from pathlib import Path

import pytest

from resmi.channels.models import Inbound
from tests import processes
from tests.survival import promises
from tests.survival.test_alarms import write
from tests.survival.test_webhooks import SETTINGS

pytestmark = pytest.mark.slow

DRAIN_S = promises.limit(10.0)


def stop(process: processes.Running) -> float:
    """Seconds from SIGTERM to the end; fails when it had to be killed."""
    began = time.monotonic()
    process.child.send_signal(signal.SIGTERM)
    process.child.wait(DRAIN_S)
    return time.monotonic() - began


def hears_sigterm(pid: int) -> bool:
    """Whether the process has said what it does when asked to end."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGTERM - 1))


@pytest.mark.parametrize("command", ["work", "send", "jobs"])
def test_a_process_ends_within_ten_seconds(database_url: str, command: str) -> None:
    env = processes.environment(database_url, **SETTINGS)
    with processes.running(command, "resmi", command, env=env) as process:
        process.wait_until(lambda: hears_sigterm(process.child.pid))
        assert stop(process) < DRAIN_S
        assert process.child.returncode == 0, process.log()


def test_the_web_process_answers_to_the_end_and_is_gone_within_ten_seconds(
    database_url: str,
) -> None:
    env = processes.environment(database_url, **SETTINGS)
    port = processes.free_port()
    command = ("serve", "--port", str(port))
    with processes.running("serve", "resmi", *command, env=env, port=port) as server:
        stored = 0
        while stored < 20:
            stored += write(server, f"m{stored}") == 200
        open_line = http.client.HTTPConnection("127.0.0.1", port)
        open_line.request("GET", "/healthz")
        open_line.getresponse().read()
        assert stop(server) < DRAIN_S
        open_line.close()
    assert Inbound.objects.count() == stored


def test_a_worker_stopped_in_the_midst_leaves_the_rest_to_the_next(database_url: str) -> None:
    env = processes.environment(database_url, **SETTINGS)
    with processes.web(database_url, **SETTINGS) as server:
        for number in range(60):
            assert write(server, f"m{number}") == 200
    with processes.running("work", "resmi", "work", env=env) as worker:
        worker.wait_until(lambda: Inbound.objects.filter(status="done").exists())
        assert stop(worker) < DRAIN_S
    with processes.running("work", "resmi", "work", env=env) as worker:
        worker.wait_until(lambda: not Inbound.objects.filter(status="new").exists())
    assert Inbound.objects.filter(kind="message", status="done").count() == 60
