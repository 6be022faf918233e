"""An upgrade under load: the previous release's programs on this one's tables, then replaced."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.processes import Running
from tests.survival import diary, scene, servers

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("previous_release.txt")
KINDS = ("serve", "work", "send", "jobs")


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    """The source of the previous release; skips in a clone without its history."""
    commit = os.environ.get("RESMI_PREVIOUS_RELEASE") or RECORD.read_text().split()[-1]
    command = ["git", "-C", str(ROOT), "archive", commit, "src"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"the previous release, {commit[:12]}, is not in this clone (git fetch it)")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "src"


def test_the_previous_release_runs_on_these_tables_and_is_replaced_under_load(
    previous: Path,
) -> None:
    old = {"PYTHONPATH": str(previous)}
    with servers.alone() as (home, server), contextlib.ExitStack() as stack:
        here = scene.stage(home, server.url)
        here.ports.append(scene.processes.free_port())
        running: dict[str, Running] = {}
        for kind in KINDS:
            port = here.ports[0] if kind == "serve" else 0
            running[kind] = stack.enter_context(here.program(kind, port=port, env=old))
        with here.living() as town:
            town.write(rate=10, seconds=4)
            here.close_the_books(town, "upgrade")
            assert loads(running["work"], previous)
            town.write(rate=10, seconds=10)
            for kind, process in running.items():
                process.stop()
                diary.note_kill("upgrade", f"the previous {kind}", "replaced under load")
                stack.enter_context(here.program(kind, port=process.port))
            here.close_the_books(town, "upgrade")


def loads(process: Running, source: Path) -> bool:
    """Whether the process runs with this source before any other."""
    words = Path(f"/proc/{process.child.pid}/environ").read_bytes().split(b"\0")
    return f"PYTHONPATH={source}".encode() in words
