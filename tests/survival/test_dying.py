"""T3: a process dies at each dangerous point of the way; the next one takes it from there."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import processes
from tests.survival import diary, dying, scene, servers
from tests.survival.scene import Scene
from tests.survival.town import Town

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
SCENARIO = "T3 every dangerous point"
POINTS = {
    "web, before it stores": ("serve", "resmi.channels.intake:_insert", "before"),
    "web, stored and not acknowledged": ("serve", "resmi.channels.intake:_insert", "after"),
    "worker, items claimed": ("work", "resmi.conversations.worker:claim", "after"),
    "worker, turn taken, nothing written": ("work", "resmi.conversations.storing:save", "before"),
    "worker, all written, not committed": ("work", "resmi.conversations.handle:_handle", "after"),
    "worker, committed": ("work", "resmi.conversations.handle:handle", "after"),
    "sender, before it claims": ("send", "resmi.channels.pacing:claim", "before"),
    "sender, claimed, not committed": ("send", "resmi.channels.pacing:claim", "after"),
    "sender, claimed, nothing sent": ("send", "resmi.channels.settling:check_before", "before"),
    "sender, sent, result not written": ("send", "resmi.channels.results:write", "before"),
    "sender, result written, not committed": ("send", "resmi.channels.results:write", "after"),
}


@pytest.fixture(scope="module")
def life() -> Iterator[tuple[Scene, Town]]:
    """One installation and one town for all points: the books go on."""
    with servers.alone() as (home, server):
        here = scene.stage(home, server.url)
        here.ports.append(processes.free_port())
        with here.living() as town:
            yield here, town


def victim(here: Scene, name: str, trap: str):  # type: ignore[no-untyped-def]
    env = {**here.env, "PYTHONPATH": _path(here), dying.VARIABLE: trap}
    if name != "serve":
        return processes.running(name, "python", "-m", "tests.survival.dying", name, env=env)
    env["DJANGO_SETTINGS_MODULE"] = "resmi.config.settings"
    words = [
        "--interface",
        "asgi",
        "--port",
        str(here.ports[0]),
        "tests.survival.dying:application",
    ]
    return processes.running("serve", "granian", *words, env=env, port=here.ports[0])


def _path(here: Scene) -> str:
    before = here.env.get("PYTHONPATH", "")
    return f"{before}:{ROOT}" if before else str(ROOT)


def others(here: Scene, name: str) -> contextlib.ExitStack:
    stack = contextlib.ExitStack()
    for other in {"serve", "work", "send"} - {name}:
        port = here.ports[0] if other == "serve" else 0
        stack.enter_context(here.program(other, port=port))
    return stack


def _write_until(town: Town, done: Callable[[], bool]) -> None:
    """A process that was slow to start took all there was in one go: then more has to come."""
    for _ in range(60):
        time.sleep(0.5)
        if done():
            return
        town.write(rate=4, seconds=0.5)


SHORT = ("worker, all written, not committed", "sender, sent, result not written")


@pytest.mark.parametrize(
    "point", [pytest.param(one, marks=() if one in SHORT else pytest.mark.long) for one in POINTS]
)
def test_t3_a_process_that_dies_there_loses_nothing(
    life: tuple[Scene, Town], point: str, chance: random.Random
) -> None:
    here, town = life
    name, place, moment = POINTS[point]
    nth = chance.randint(1, 3)
    with others(here, name):
        with victim(here, name, f"{place},{moment},{nth}") as process:
            town.write(rate=8, seconds=2)
            _write_until(town, lambda: not _lives(process))
            scene.wait_for(lambda: not _lives(process), patience_s=40, what="its death")
            diary.note_kill(SCENARIO, point, "")
        with here.program(name, port=here.ports[0] if name == "serve" else 0):
            here.close_the_books(town, SCENARIO)


def _lives(process: processes.Running) -> bool:
    """Granian's own process outlives the one that answers, and says so."""
    return process.is_alive() and "Unexpected exit" not in process.log()
