"""T17: the machine's clock jumps, forwards and back; everybody is answered all the same."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.survival import diary, scene, servers

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(300)]

PROGRAM = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
HOUR = 3600


class Clock:
    """A clock that the processes of a scenario believe in; `jump` moves it by seconds."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.ahead = 0
        self.jump(0)
        self.env = {
            "LD_PRELOAD": str(PROGRAM),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, seconds: int) -> None:
        self.ahead += seconds
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{self.ahead:+d}\n")
        fresh.chmod(0o644)
        fresh.rename(self.file)


@pytest.mark.skipif(not PROGRAM.exists(), reason="apt install faketime")
@pytest.mark.parametrize(
    "jumps",
    [(2 * HOUR, -2 * HOUR), (-2 * HOUR, 2 * HOUR)],
    ids=["ahead and back", "back and ahead"],
)
def test_t17_a_clock_that_jumps_stops_nothing(jumps: tuple[int, ...], tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    clock = Clock(tmp_path)
    with servers.alone(env=clock.env) as (home, server):
        here = scene.stage(home, server.url, **clock.env)
        with here.web(), here.program("work"), here.program("send"), here.living() as town:
            town.ask_once()
            scene.wait_for(lambda: town.far.refs, what="the first answer")
            town.write(rate=10, seconds=9)
            for jump in jumps:
                time.sleep(2)
                clock.jump(jump)
                diary.note_kill("T17 clock", "the clock", f"{jump // HOUR:+d} h under load")
                after = time.monotonic()
                time.sleep(0.6)
                town.ask_once()
                took = scene.wait_for(
                    lambda at=after: any(t > at + 0.5 for t in town.far.first.values()),
                    what="an answer after the jump",
                )
                diary.note_fact("T17 clock", f"next answer within {took:.1f} s")
            here.close_the_books(town, "T17 clock")
