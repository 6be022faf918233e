"""A whole installation in one process tree."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from resmi.cli.demo.visitor import Unexpected, Visitor
from resmi.config import embedded
from tests import processes
from tests.processes import BIN

pytestmark = pytest.mark.slow


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="resmi-u-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
        embedded.stop(Path(folder) / "postgres")


def environment(home: Path) -> dict[str, str]:
    env = processes.environment("", RESMI_HOME=str(home))
    del env["RESMI_DATABASE_URL"], env["RESMI_SECRET_KEY"]
    return env


def answers(site: str) -> bool:
    try:
        return Visitor(site).open("/accounts/login/").path == "/accounts/login/"
    except (Unexpected, OSError):
        return False


def test_it_runs_on_its_own_database_and_takes_all_down_with_it(home: Path) -> None:
    env = environment(home)
    subprocess.run([BIN / "resmi", "init", "--no-admin"], env=env, check=True, capture_output=True)
    port = processes.free_port()
    command = (str(BIN / "resmi"), "up", "--port", str(port))
    with processes.running("up", *command, env=env) as up:
        up.wait_until(lambda: answers(f"http://127.0.0.1:{port}"))
        children = psutil.Process(up.child.pid).children(recursive=True)
        up.stop()
        _, alive = psutil.wait_procs(children, timeout=processes.PATIENCE_S)
    assert alive == []
    assert up.child.returncode == 0, up.log()
    assert embedded.status(home / "postgres").state == "stopped"


def test_it_refuses_to_start_what_the_doctor_finds_wrong(home: Path) -> None:
    env = {**environment(home), "RESMI_MODE": "production"}
    done = subprocess.run(
        [BIN / "resmi", "up"], env=env, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "RESMI_BASE_URL" in done.stderr
    assert "resmi init" in done.stderr
