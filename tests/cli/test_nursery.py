"""Copies of one loaded process, with real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

PATIENCE_S = 60.0

# What runs in a process without threads, as the nursery asks for; prints what it hears as JSON.
SCRIPT = """
    import asyncio, json, os, signal, sys, time
    from resmi.cli import nursery, supervisor

    LOADED = []

    def main(words):
        if words[0] == "say":
            print(os.environ.get("WORD"), LOADED, os.getsid(0) == os.getpid(), sys.argv, flush=True)
            sys.exit(3)
        if words[0] == "wait":
            signal.signal(signal.SIGTERM, lambda *_: (print("finished", flush=True), sys.exit(0)))
            print("pid", os.getpid(), flush=True)
            time.sleep(60)

    heard = []

    def say(name, line):
        heard.append(f"{name}: {line}")
        print(json.dumps([name, line]), flush=True)

    async def until(word, times=1):
        while sum(word in line for line in heard) < times:
            await asyncio.sleep(0.02)

    async def play(house, script):
        await script(house)
        house.stop()

    def run(programs, script):
        copies = nursery.Nursery(main, lambda: LOADED.append("loaded"))
        house = supervisor.Supervisor(programs, say=say, copies=copies)

        async def both():
            await asyncio.gather(house.run(), play(house, script))

        try:
            asyncio.run(asyncio.wait_for(both(), 100))
        finally:
            copies.close()

    def program(*words, **env):
        anew = (sys.executable, "-c", "print('anew', flush=True)")
        return supervisor.Program(name=words[0], command=anew, words=words, env=env)
"""


def played(tmp_path: Path, play: str) -> list[tuple[str, str]]:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT) + textwrap.dedent(play))
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def test_a_copy_has_what_was_loaded_its_own_settings_words_and_session(tmp_path: Path) -> None:
    said = played(
        tmp_path, "run([program('say', 'it', WORD='hello')], lambda house: until('again in', 2))"
    )
    assert said[0] == ("say", "hello ['loaded'] True ['resmi', 'say', 'it']")
    assert said[1] == ("say", "ended with 3; starts again in 1.0 s")
    assert said[2] == said[0]


def test_stopping_lets_a_copy_finish_what_it_does(tmp_path: Path) -> None:
    said = played(tmp_path, "run([program('wait')], lambda house: until('pid'))")
    assert said[-1] == ("wait", "finished")
    assert not psutil.pid_exists(int(said[0][1].split()[-1]))


def test_a_killed_copy_is_made_again(tmp_path: Path) -> None:
    said = played(
        tmp_path,
        """
        async def script(house):
            await until("pid")
            os.kill(int(heard[0].split()[-1]), signal.SIGKILL)
            await until("pid", 2)

        run([program("wait")], script)
        """,
    )
    assert ("wait", "ended with -9; starts again in 1.0 s") in said
    assert said[-1] == ("wait", "finished")


def test_without_the_nursery_programs_are_started_anew(tmp_path: Path) -> None:
    said = played(
        tmp_path,
        """
        async def script(house):
            await until("pid")
            os.kill(house.copies.pid, signal.SIGKILL)
            await until("wait: anew")

        run([program("wait")], script)
        """,
    )
    assert ("wait", "anew") in said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of the death")
def test_copies_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(SCRIPT) + "run([program('wait')], lambda house: until('never'))\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as boss:
        assert boss.stdout
        copy = psutil.Process(int(json.loads(boss.stdout.readline())[1].split()[-1]))
        os.kill(boss.pid, signal.SIGKILL)
        copy.wait(PATIENCE_S)
        assert not copy.is_running()
