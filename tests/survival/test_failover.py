"""T16: PostgreSQL is killed under load, restarted or replaced by its stand-in; all goes on."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator

import pytest

from tests.survival import diary, scene, servers
from tests.survival.scene import Scene
from tests.survival.town import Town

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

RATE = 15.0


@contextlib.contextmanager
def at_work(home, url) -> Iterator[tuple[Scene, Town]]:  # type: ignore[no-untyped-def]
    """One of each process and citizens who have been answered already."""
    here = scene.stage(home, url)
    with (
        here.web(),
        here.program("work"),
        here.program("send"),
        here.program("jobs"),
        here.living() as town,
    ):
        town.ask_once()
        scene.wait_for(lambda: town.far.refs, what="the first answer")
        yield here, town


def answered_after(town: Town, moment: float) -> bool:
    return any(at > moment for at in town.far.first.values())


@pytest.mark.long
def test_t16_postgresql_killed_and_started_again_under_load_is_used_again(
    chance: random.Random,
) -> None:
    with servers.alone() as (home, server), at_work(home, server.url) as (here, town):
        town.write(rate=RATE, seconds=9)
        for down_s in (0.2, 2.0):
            time.sleep(chance.uniform(0.5, 2.0))
            diary.note_kill("T16 restart", "PostgreSQL", f"under load, {down_s} s down")
            server.kill()
            time.sleep(down_s)
            server.start()
            back = time.monotonic()
            town.ask_once()
            took = scene.wait_for(lambda at=back: answered_after(town, at), what="an answer")
            diary.note_fact("T16 restart", f"first answer {took:.1f} s after it was back")
            assert took < 15
        here.close_the_books(town, "T16 restart")


@pytest.mark.long
def test_t16_the_stand_in_of_postgresql_takes_over_under_load(chance: random.Random) -> None:
    with (
        servers.pair() as (home, first, second),
        at_work(home, servers.either(first, second)) as (here, town),
    ):
        town.write(rate=RATE, seconds=8)
        time.sleep(chance.uniform(1.0, 5.0))
        diary.note_kill("T16 fail-over", "PostgreSQL's first server", "under load")
        first.kill()
        time.sleep(1)
        promoted = time.monotonic()
        second.promote()
        town.ask_once()
        took = scene.wait_for(lambda: answered_after(town, promoted), what="an answer")
        diary.note_fact("T16 fail-over", f"first answer {took:.1f} s after the promotion")
        assert took < 15
        here.close_the_books(town, "T16 fail-over", second.url)
