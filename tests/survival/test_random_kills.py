"""Processes and PostgreSQL are killed at random moments under load; then the books must agree.

The ledger: every question WhatsApp got a 200 for is stored once and done; every answer either
reached the citizen or is visibly unknown or failed; nothing waits unseen. The seed is printed; set
RESMI_SURVIVAL_SEED to repeat a run.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal

import psutil
import psycopg
import pytest
import uvloop

from resmi.cli import keeper
from resmi.cli.pipeline import names, rig
from resmi.cli.pipeline.load import Load
from tests import clusters
from tests.survival import diary, ledger

RATE = 25.0
SECONDS = 14.0
COMPANIES = 400
PATIENCE_S = 60.0
VICTIMS = ("serve", "work", "send", "postgres")


def processes(built: rig.House, name: str) -> list[psutil.Process]:
    if name == "postgres":
        return [psutil.Process(built.postmaster())]
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if "resmi.cli.main" in words and words[words.index("resmi.cli.main") + 1] == name:
            found.append(process)
    return found


async def kill_now_and_then(built: rig.House, chance: random.Random) -> set[str]:
    """Each victim dies once, in random order at random moments, as by a power cut; who died."""
    killed = set()
    for name in chance.sample(VICTIMS, len(VICTIMS)):
        await asyncio.sleep(chance.uniform(0.5, SECONDS / len(VICTIMS)))
        for process in processes(built, name):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
            diary.note_kill("T3 random kills", name, "under load")
            killed.add(name)
    return killed


async def live_through(built: rig.House, chance: random.Random) -> Load:
    wish = rig.Wish(rate=RATE, seconds=SECONDS, citizens=300, companies=COMPANIES)
    chores = [keeper.keep(built.home / "postgres", lambda name, line: None)]
    async with rig.running(built, wish, chores=chores, give_up_after=None) as going:
        load = Load(
            going.hook,
            rig.SECRET,
            going.sink,
            list(names.names(COMPANIES)),
            wish.citizens,
            retries_s=(0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 16.0, 16.0),
        )
        killing = asyncio.create_task(kill_now_and_then(built, chance))
        await load.run(RATE, SECONDS, settle_s=25.0)
        assert await killing == set(VICTIMS)
        await settle(built)
        return load


async def settle(built: rig.House) -> None:
    """Waits until nothing is under way any more."""
    for _ in range(round(PATIENCE_S * 2)):
        if await asyncio.to_thread(under_way, built) == 0:
            return
        await asyncio.sleep(0.5)


def under_way(built: rig.House) -> int:
    try:
        return count(
            built,
            "SELECT (SELECT count(*) FROM channels_inbound WHERE status = 'new') + "
            "(SELECT count(*) FROM channels_delivery WHERE status IN ('queued', 'sending'))",
        )
    except psycopg.OperationalError:
        return -1


def count(built: rig.House, sql: str) -> int:
    with psycopg.connect(built.env["RESMI_DATABASE_URL"]) as connection:
        row = connection.execute(sql).fetchone()
        assert row is not None
        return int(row[0])


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_is_lost_whatever_is_killed_whenever(chance: random.Random) -> None:
    with clusters.quick(), rig.house(COMPANIES) as built:
        load = uvloop.run(live_through(built, chance))
        asked = len(load.sent)
        assert asked == RATE * SECONDS
        assert load.refused == 0, "the webhook came back within WhatsApp's retries"
        assert count(built, "SELECT count(*) FROM channels_inbound WHERE status <> 'done'") == 0
        stored = count(built, "SELECT count(*) FROM channels_inbound WHERE kind = 'message'")
        distinct = count(
            built, "SELECT count(DISTINCT key) FROM channels_inbound WHERE kind = 'message'"
        )
        assert stored == distinct >= asked
        answers = count(
            built, "SELECT count(*) FROM conversations_event WHERE type = 'verdict_given'"
        )
        assert answers == stored
        open_ends = count(
            built,
            "SELECT count(*) FROM channels_delivery WHERE status IN ('unknown', 'failed')",
        )
        unanswered = asked - len(load.sink.arrived)
        assert unanswered <= open_ends, "an answer is missing and nobody can see it"
        assert under_way(built) == 0
        found = ledger.draw_up(built.env["RESMI_DATABASE_URL"], acknowledged=())
        diary.note_ledger("T3 random kills", found)
        assert found.wrong == ()
