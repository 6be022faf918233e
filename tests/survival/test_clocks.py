"""T17: the machine's clock jumps, forwards and back; everybody is answered all the same."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
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


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock in a folder that the server's account may always enter.

    Not below pytest's own: each session that begins closes that to other accounts.
    """
    with tempfile.TemporaryDirectory(prefix="resmi-clock-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield Clock(folder)


pytestmark.append(pytest.mark.skipif(not PROGRAM.exists(), reason="apt install faketime"))


@pytest.mark.parametrize(
    "jumps",
    [(2 * HOUR, -2 * HOUR), (-2 * HOUR, 2 * HOUR)],
    ids=["ahead and back", "back and ahead"],
)
def test_t17_a_clock_that_jumps_stops_nothing(jumps: tuple[int, ...], clock: Clock) -> None:
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


def test_t17_timers_alarms_and_periodic_jobs_do_not_wait_for_a_clock_that_was_set_back(
    clock: Clock,
) -> None:
    with servers.alone(env=clock.env) as (home, server):
        here = scene.stage(home, server.url, **clock.env, RESMI_ALARM_EVERY_S="1")

        def ask(statement: str) -> object:
            with psycopg.connect(server.url) as link:
                row = link.execute(statement).fetchone()
            return row and row[0]

        def rounds() -> object:
            return ask("SELECT count(*) FROM operations_round WHERE now() - at < '2 s'::interval")

        with here.program("jobs"):
            scene.wait_for(rounds, what="a look for alarms")
            clock.jump(2 * HOUR)
            began = "SELECT count(*) FROM procrastinate_periodic_defers WHERE defer_timestamp > {}"
            ahead = began.format("extract(epoch FROM now()) - 120")
            # It wakes within a minute and has two hours of jobs to begin; another may be the first.
            scene.wait_for(lambda: ask(ahead), 150, what="a periodic job under the clock ahead")
            ask(
                "INSERT INTO conversations_timer (conversation_id, kind, due_at) "
                "VALUES (1, 'offer_timeout', now() + interval '30 s') RETURNING id"
            )
            clock.jump(-2 * HOUR)
            due = "SELECT due_at <= now() FROM conversations_timer"
            took = scene.wait_for(lambda: ask(due), what="a timer woken")
            scene.wait_for(rounds, what="a look for alarms after the step")
            diary.note_fact("T17 clock", f"timers woken {took:.1f} s after the step back")
            left = began.format("extract(epoch FROM now())")
            scene.wait_for(lambda: not ask(left), what="periodic jobs of hours to come forgotten")
            again = scene.wait_for(lambda: ask(ahead), what="a periodic job after the step")
            diary.note_fact("T17 clock", f"periodic jobs go on {again:.0f} s after it")
