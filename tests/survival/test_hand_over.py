"""Two of each process on one PostgreSQL: one dies and the other takes over; all are replaced."""

from __future__ import annotations

import contextlib
import random
import time

import pytest

from resmi.channels import partitions
from resmi.conversations import worker
from tests.processes import Running
from tests.survival import diary, promises, scene, servers
from tests.survival.scene import Scene
from tests.survival.servers import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PROMISE_S = promises.limit(5.0)
KINDS = ("serve", "work", "send")
HELD = f"""
    SELECT count(DISTINCT objid), count(DISTINCT pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = {worker.LEASES} AND objid < {partitions.COUNT}
      AND granted
"""


def shared_out(server: Server, workers: int) -> bool:
    """Whether all partitions are held, by so many workers."""
    held = server.ask(f"SELECT held FROM ({HELD}) AS found(held, by)")
    by = server.ask(f"SELECT by FROM ({HELD}) AS found(held, by)")
    return (held, by) == (partitions.COUNT, workers)


class Pairs:
    """Two of each process; any can be ended and started anew."""

    def __init__(self, here: Scene) -> None:
        self.here = here
        self.stack = contextlib.ExitStack()
        self.running: list[tuple[str, int, Running]] = []

    def start(self, kind: str, port: int = 0) -> None:
        if kind == "serve" and not port:
            process = self.stack.enter_context(self.here.web())
        else:
            process = self.stack.enter_context(self.here.program(kind, port=port))
        self.running.append((kind, process.port, process))

    def one(self, kind: str) -> Running:
        return next(process for its, _, process in self.running if its == kind)


def test_a_dead_worker_or_sender_is_replaced_by_its_peer_within_five_seconds(
    chance: random.Random,
) -> None:
    with servers.alone() as (home, server):
        pairs = Pairs(scene.stage(home, server.url))
        with pairs.stack:
            for kind in KINDS * 2:
                pairs.start(kind)
            with pairs.here.living() as town:
                scene.wait_for(lambda: shared_out(server, 2), what="sharing")
                town.write(rate=15, seconds=10)
                time.sleep(2)
                for kind in chance.sample(KINDS, len(KINDS)):
                    diary.note_kill("two of each", kind, "under load")
                    pairs.one(kind).kill()
                    if kind == "work":
                        took = scene.wait_for(lambda: shared_out(server, 1), what="taking over")
                        diary.note_fact("two of each", f"partitions taken over in {took:.2f} s")
                        print(f"taken over in {took:.2f} s")
                        assert took < PROMISE_S * 2
                    time.sleep(chance.uniform(0.2, 2.5))
                pairs.here.close_the_books(town, "two of each")


@pytest.mark.long
def test_replacing_every_process_under_load_loses_nothing() -> None:
    with servers.alone() as (home, server):
        pairs = Pairs(scene.stage(home, server.url))
        with pairs.stack:
            for kind in KINDS * 2:
                pairs.start(kind)
            with pairs.here.living() as town:
                scene.wait_for(lambda: shared_out(server, 2), what="sharing")
                town.write(rate=15, seconds=15)
                for kind, port, process in list(pairs.running):
                    began = time.monotonic()
                    process.stop()
                    assert process.child.returncode == 0, process.log()
                    took = time.monotonic() - began
                    diary.note_kill("rolling restart", kind, "asked to end under load")
                    assert took < 10
                    pairs.start(kind, port=port)
                found = pairs.here.close_the_books(town, "rolling restart")
    assert found.deliveries.get("unknown", 0) == 0
