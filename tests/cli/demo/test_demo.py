"""The demo as people start it: real processes, real HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from resmi.cli.demo import people, premises
from resmi.cli.demo.handset import Handset, words_of
from resmi.cli.demo.visitor import Unexpected, Visitor
from resmi.config import embedded
from tests import clusters
from tests.processes import BIN

PATIENCE_S = 60.0
pytestmark = pytest.mark.slow


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("RESMI_")}


class Demo:
    """A running `resmi demo`."""

    def __init__(self, home: Path) -> None:
        self.child = subprocess.Popen(
            [BIN / "resmi", "demo", "--no-browser", "--home", home],
            env={**environment(), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        assert self.child.stdout
        for line in self.child.stdout:
            self.lines.append(line)
            if "Ctrl-C ends it" in line:
                break
        self.site = next(
            line.split()[-1].removesuffix("/demo/") for line in self.lines if "/demo/" in line
        )

    def processes(self) -> list[psutil.Process]:
        return psutil.Process(self.child.pid).children(recursive=True)

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.child.send_signal(signal.SIGINT)
        assert self.child.stdout
        self.child.stdout.read()
        code = self.child.wait(PATIENCE_S)
        self.child.stdout.close()
        return code


def talk(demo: Demo, question: str) -> list[str]:
    """Asks on the phone; everything that has come to it once there is an answer."""
    phone = Handset(next(line for line in demo.lines if "/phone" in line).split()[-1][:-6], "budi")
    before = len(phone.received())
    phone.say(question)
    phone.heard = before
    phone.wait_for(lambda text: "Sumber" in text, PATIENCE_S)
    return [words_of(message) for message in phone.received()]


class Place:
    """A demo's folder; the demo in it is started when it is first asked for, and when it ended."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._demo: Demo | None = None

    def running(self) -> Demo:
        if self._demo is None or self._demo.child.poll() is not None:
            self._demo = Demo(self.home)
        return self._demo

    def close(self) -> None:
        if self._demo and self._demo.child.poll() is None:
            self._demo.interrupt()
        embedded.stop(self.home / "postgres")


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """One for all tests of this file; its tables were made by an earlier start, so to say."""
    with tempfile.TemporaryDirectory(prefix="resmi-d-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "demo"
        home.mkdir()
        (home / premises.MARK).write_bytes(msgspec.json.encode(premises.Mark("")))
        clusters.lay(home / "postgres")
        place = Place(home)
        yield place
        place.close()


def test_its_own_check_walks_through_the_main_job() -> None:
    done = subprocess.run(
        [BIN / "resmi", "demo", "--check", "--json"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["ok"], report["steps"][-1]
    assert done.returncode == 0
    names = [step["name"] for step in report["steps"]]
    assert names[1:4] == ["licensed", "illegal", "unknown"]
    assert names[-1] == "agent_closes"
    assert all(step["ms"] >= 0 for step in report["steps"])


def test_the_page_signs_an_agent_in_once_by_its_link(place: Place) -> None:
    site = place.running().site
    page = Visitor(site).open("/demo/")
    link = page.html.split('class="demo__desk" src="')[1].split('"')[0]
    first = Visitor(site)
    assert first.open(link).path == "/desk/"
    assert first.open(link).path == "/desk/"
    with pytest.raises(Unexpected, match="answered 404"):
        Visitor(site).open(link)
    with pytest.raises(Unexpected, match="answered 404"):
        Visitor(site).open("/demo/as/made-up/")
    assert people.AGENT.name in first.open("/desk/").html


def test_the_database_being_killed_is_mended_while_it_runs(place: Place) -> None:
    demo = place.running()
    psutil.Process(embedded.status(place.home / "postgres").pid).kill()
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if Visitor(demo.site).open("/demo/").path == "/demo/":
                break
        except Unexpected:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert demo.child.poll() is None


def test_a_killed_demo_leaves_no_process_that_keeps_the_next_from_starting(place: Place) -> None:
    demo = place.running()
    children = demo.processes()
    demo.child.kill()
    demo.child.wait(PATIENCE_S)
    assert demo.child.stdout
    demo.child.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert alive == []
    assert Visitor(place.running().site).open("/demo/").path == "/demo/"


def test_ctrl_c_ends_everything_and_the_data_stays(place: Place) -> None:
    demo = place.running()
    before = talk(demo, "Apakah DanaLintas resmi?")
    children = demo.processes()
    assert len(children) >= 5
    assert demo.interrupt() == 0
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert alive == []
    assert embedded.status(place.home / "postgres").state == "stopped"
    after = talk(place.running(), "Apakah Lintasora Dana Kilat resmi?")
    assert after[: len(before)] == before
