"""A sender in a thread of the test, on the test's database."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator

import psycopg_pool

from resmi.channels import intake
from resmi.channels.outcomes import Job, Outcome
from resmi.channels.sender import Options, Sender
from resmi.channels.whatsapp import graph
from resmi.channels.whatsapp.outlet import WhatsAppOutlet

PATIENCE_S = 60.0


class Stalling(WhatsAppOutlet):
    """An outlet that takes its time between the claim and the wire, as a busy process would."""

    stall_s = 0.0

    async def send(self, job: Job) -> Outcome:
        await asyncio.sleep(random.uniform(0, self.stall_s))
        return await super().send(job)


class Running:
    """A running sender; `stop` ends it as SIGTERM would."""

    def __init__(self, url: str, options: Options, stall_s: float) -> None:
        self._stall_s = stall_s
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(
            target=lambda: self._loop.run_until_complete(self._run(url, options))
        )
        self._thread.start()

    async def _run(self, url: str, options: Options) -> None:
        pool = psycopg_pool.AsyncConnectionPool(
            intake.connection_info(), min_size=1, max_size=4, open=False
        )
        async with pool, graph.connect(url, "token", connections=options.concurrency) as client:
            outlet = Stalling(client)
            outlet.stall_s = self._stall_s
            await Sender(pool, {"whatsapp": outlet}, options).run(self._stop)

    def tell_to_stop(self) -> None:
        """What SIGTERM does; the sender first ends what it began."""
        told = threading.Event()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._loop.call_soon_threadsafe(told.set)
        assert told.wait(PATIENCE_S)

    def stop(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(PATIENCE_S)
            assert not self._thread.is_alive(), "the sender does not end"
            self._loop.close()


@contextlib.contextmanager
def running(url: str, *, stall_s: float = 0.0, **options: float) -> Iterator[Running]:
    """A sender that talks to the Graph API at `url`, until the block ends."""
    sender = Running(url, Options(**options), stall_s)  # type: ignore[arg-type]
    try:
        yield sender
    finally:
        sender.stop()


def wait_until(ready: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Polls `ready` until it is true; fails after `patience_s` seconds."""
    deadline = time.monotonic() + patience_s
    while not ready():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
