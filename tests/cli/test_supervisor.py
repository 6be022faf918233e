"""The supervisor, with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from resmi.cli import supervisor
from resmi.cli.supervisor import GaveUp, Program, Supervisor

PATIENCE_S = 50.0


class Ear:
    """Remembers what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, name: str, line: str) -> None:
        self.lines.append(f"{name}: {line}")

    def heard(self, words: str) -> int:
        return sum(words in line for line in self.lines)


def python(name: str, code: str) -> Program:
    return Program(name=name, command=(sys.executable, "-c", textwrap.dedent(code)))


async def until(condition: object) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def run(house: Supervisor, script: object) -> None:
    """Runs the supervisor while the script (a coroutine function) plays and then stops it."""

    async def both() -> None:
        async def play() -> None:
            await script()  # type: ignore[operator]
            house.stop()

        await asyncio.gather(house.run(), play())

    asyncio.run(both())


def test_what_programs_print_is_shown_with_their_names() -> None:
    ear = Ear()
    house = Supervisor(
        [python("one", "print('hello', flush=True); import time; time.sleep(60)")], say=ear
    )
    run(house, lambda: until(lambda: ear.heard("one: hello")))


def test_a_program_that_falls_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    ear = Ear()
    house = Supervisor([python("one", "print('born', flush=True); raise SystemExit(3)")], say=ear)
    run(house, lambda: until(lambda: ear.heard("born") >= 3))
    assert ear.heard("ended with 3")


def test_the_pause_before_a_new_start_grows_to_a_limit() -> None:
    pauses = [supervisor.pause_s(falls) for falls in range(40)]
    assert pauses == sorted(pauses)
    assert pauses[0] == supervisor.FIRST_PAUSE_S
    assert pauses[-1] == supervisor.LONGEST_PAUSE_S


def test_it_gives_up_when_asked_to_and_stops_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    ear = Ear()
    steady = python(
        "steady", "import os, time; print('pid', os.getpid(), flush=True); time.sleep(60)"
    )
    house = Supervisor([steady, python("bad", "raise SystemExit(1)")], say=ear, give_up_after=2)
    with pytest.raises(GaveUp, match="bad ended with 1 2 times"):
        asyncio.run(house.run())
    pids = [int(line.split()[-1]) for line in ear.lines if "pid" in line]
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_stopping_lets_a_program_finish_what_it_does() -> None:
    ear = Ear()
    code = """
        import signal, sys, time
        def finish(*_):
            time.sleep(0.3); print("finished", flush=True); sys.exit(0)
        signal.signal(signal.SIGTERM, finish)
        print("ready", flush=True)
        time.sleep(60)
    """
    run(Supervisor([python("one", code)], say=ear), lambda: until(lambda: ear.heard("ready")))
    assert ear.heard("finished")


def test_a_program_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "DRAIN_S", 0.3)
    ear = Ear()
    code = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        time.sleep(60)
    """
    began = time.monotonic()
    run(Supervisor([python("one", code)], say=ear), lambda: until(lambda: ear.heard("ready")))
    assert time.monotonic() - began < PATIENCE_S


def test_a_very_long_line_does_not_stop_the_showing() -> None:
    ear = Ear()
    code = "print('x' * 3_000_000); print('after', flush=True); import time; time.sleep(60)"
    run(Supervisor([python("one", code)], say=ear), lambda: until(lambda: ear.heard("after")))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of the death")
def test_programs_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import asyncio, sys
            from resmi.cli.supervisor import Program, Supervisor
            child = (
                "from resmi.cli import lifeline; lifeline.hold();"
                "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
            )
            program = Program(name="one", command=(sys.executable, "-c", child))
            house = Supervisor([program], say=lambda name, line: print(line, flush=True))
            asyncio.run(house.run())
            """
        )
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as boss:
        assert boss.stdout
        child = psutil.Process(int(boss.stdout.readline()))
        os.kill(boss.pid, signal.SIGKILL)
        child.wait(PATIENCE_S)
        assert not child.is_running()
