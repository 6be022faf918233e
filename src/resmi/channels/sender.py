"""The sending process: claims deliveries, sends them side by side, writes what became of them.

Any number may run. Killed between sending and writing, a sender leaves a claim behind; when its
lease runs out the delivery becomes `unknown`, and nobody sends it again but a person.
"""

from __future__ import annotations

import asyncio
import gc
import random
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import psycopg_pool
import structlog
import uvloop

from resmi.agency import plans
from resmi.channels import (
    astray,
    clocks,
    intake,
    outlets,
    pacing,
    results,
    rhythm,
    settling,
    telling,
)
from resmi.channels.outcomes import Held, Outcome, Uncertain
from resmi.channels.outlets import Outlet
from resmi.channels.results import Result
from resmi.channels.settling import Claimed

log = structlog.get_logger()

NOTIFY_CHANNEL = "resmi_outbound"
RETRY_S = 0.5
# A lock held this long is not going to be released by anybody who is well.
PATIENCE_MS = 5000
# The server restarts, fails over, or undoes one of two transactions that wait for each other.
LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg_pool.PoolTimeout, OSError)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a sender works; all times in seconds.

    A claim is sent within `start_within_s` or not at all: with the time to connect (3 s) that is
    less than `services.CANCEL_WAIT_S`, so that who took messages back knows that none is to come.
    `lease_s` exceeds the longest try (31 s). A lane waits `grace_s` for news of a message in doubt.
    After a claim, as after a write of results, the next waits `each_s` for each message it carried,
    at most `most_s`: under load each carries more, and at rest none waits. A number that may send
    1,000 a second to a channel that takes 300 ms to answer keeps 300 messages on the wire;
    `concurrency` is how many may be.
    """

    concurrency: int = 400
    each_s: float = 0.0015
    most_s: float = 0.015
    poll_s: float = 1.0
    start_within_s: float = 1.0
    lease_s: float = 60.0
    grace_s: float = 20.0
    drain_s: float = 35.0
    tidy_s: float = 600.0


class Sender:
    """One sending process's work on a pool of connections and opened outlets."""

    def __init__(
        self,
        pool: psycopg_pool.AsyncConnectionPool,
        ways_out: Mapping[str, Outlet],
        options: Options,
    ) -> None:
        self._pool = pool
        self._ways_out = ways_out
        self._options = options
        self._wake = asyncio.Event()
        self._done = asyncio.Event()
        self._tries: set[asyncio.Task[None]] = set()
        self._unwritten: list[Result] = []
        self._clock = clocks.Clock()
        self._astray = astray.Astray()
        self._carried = 0
        self._next_care = 0.0
        self._next_tidy = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set, then waits for what is on the wire and writes it."""
        helpers = [
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._write_results()),
            asyncio.create_task(self._watch(stop)),
        ]
        for helper in helpers:
            helper.add_done_callback(lambda _: self._wake.set())
        try:
            while not stop.is_set():
                await self._round()
                _check_alive(helpers)
            await self._drain()
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _watch(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _round(self) -> None:
        self._wake.clear()
        wait_s: float | None = None
        begin = asyncio.get_running_loop().time()
        try:
            await self._take_care()
            wait_s = await self._send_some()
        except (psycopg.Error, psycopg_pool.PoolTimeout, OSError) as error:
            log.warning("sender_lost_database", action="sender_lost_database", error=str(error))
            await asyncio.sleep(RETRY_S)
        wait_s = self._options.poll_s if wait_s is None else min(wait_s, self._options.poll_s)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), wait_s)
        await self._keep_apart(begin, self._carried)

    async def _keep_apart(self, begin: float, carried: int) -> None:
        """Sleeps until the next round, or the next write, may begin."""
        options = self._options
        pause_s = rhythm.pause_s(carried, each_s=options.each_s, most_s=options.most_s)
        passed = asyncio.get_running_loop().time() - begin
        if passed < pause_s:
            await asyncio.sleep(pause_s - passed)

    async def _send_some(self) -> float | None:
        """Claims as many as there are free hands and sends them; when to look again, if known."""
        free = self._options.concurrency - len(self._tries) - len(self._unwritten)
        if free <= 0:
            return None
        started = asyncio.get_running_loop().time()
        begun: list[pacing.Mark] = []
        try:
            async with self._pool.connection() as connection:
                await plans.keep_fresh(connection)
                claims = await pacing.claim(
                    connection,
                    list(self._ways_out),
                    free,
                    lease=timedelta(seconds=self._options.lease_s),
                    grace=timedelta(seconds=self._options.grace_s),
                    begun=begun,
                )
        except psycopg.Error:
            self._astray.note(begun)
            self._next_care = 0.0
            raise
        self._carried = len(claims.claimed)
        for claimed in claims.claimed:
            task = asyncio.create_task(self._try(claimed, started))
            self._tries.add(task)
            task.add_done_callback(self._tries.discard)
        return claims.opens_in_s

    async def _try(self, claimed: Claimed, started: float) -> None:
        outcome: Outcome | Held | None = settling.check_before(claimed, datetime.now(UTC))
        if outcome is None:
            outcome = await self._send(claimed, started)
        settlement = settling.settle(claimed, outcome, datetime.now(UTC), random.random())
        self._unwritten.append((claimed, settlement))
        self._done.set()

    async def _send(self, claimed: Claimed, started: float) -> Outcome | Held:
        if asyncio.get_running_loop().time() - started > self._options.start_within_s:
            return Held()
        try:
            return await self._ways_out[claimed.kind].send(claimed.job)
        except Exception as error:
            log.exception("send_crashed", action="send_crashed", ref=claimed.job.ref)
            return Uncertain(f"{type(error).__name__}: {error}")

    async def _write_results(self) -> None:
        """Writes results as they come; those that come meanwhile go together into the next."""
        while True:
            await self._done.wait()
            begin = asyncio.get_running_loop().time()
            self._done.clear()
            batch = self._unwritten[:]
            try:
                await self._write(batch)
            except LOST as error:
                log.warning("sender_lost_database", action="sender_lost_database", error=str(error))
                self._done.set()
                await asyncio.sleep(RETRY_S)
                continue
            del self._unwritten[: len(batch)]
            self._wake.set()
            await self._keep_apart(begin, len(batch))

    async def _write(self, batch: Sequence[Result]) -> None:
        """Raises one of `LOST`; then nothing is written, or what is written does no harm twice."""
        if not batch:
            return
        try:
            async with self._pool.connection() as connection:
                await plans.keep_fresh(connection)
                written = await results.write(connection, batch)
        except LOST:
            raise
        except psycopg.Error as error:
            await self._write_singly(batch, error)
            return
        if telling.is_worth_telling(written):
            await asyncio.to_thread(telling.tell, written)

    async def _write_singly(self, batch: Sequence[Result], error: psycopg.Error) -> None:
        """One result that can't be written must not hold up the others; it becomes unknown."""
        if len(batch) == 1:
            log.error("result_lost", action="result_lost", exc_info=error, ref=batch[0][0].job.ref)
            return
        for one in batch:
            await self._write([one])

    async def _take_care(self) -> None:
        """Now and then: claims nobody finished, channels that are new, paces nobody needs."""
        now = asyncio.get_running_loop().time()
        if now < self._next_care:
            return
        await self._requeue_astray()
        async with self._pool.connection() as connection:
            stepped = await self._clock.look(connection, timedelta(seconds=self._options.lease_s))
            await pacing.open_accounts(connection)
            doubtful = await results.give_up(connection)
            if now >= self._next_tidy:
                await results.forget_old_paces(connection)
                self._next_tidy = now + self._options.tidy_s
        self._next_care = now + self._options.poll_s
        if stepped:
            log.warning("clock_stepped_back", action="clock_stepped_back", seconds=round(stepped))
        if doubtful:
            await asyncio.to_thread(telling.tell_doubts, doubtful)

    async def _requeue_astray(self) -> None:
        """Puts back what claims took of which we never heard, before anybody gives it up."""
        async with self._pool.connection() as connection:
            found = await self._astray.look(connection)
        if found:
            log.warning("claims_requeued", action="claims_requeued", deliveries=len(found))
            await self._write(found)

    async def _listen(self) -> None:
        """Wakes the loop when something is queued. Polling makes up for what is missed here."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    intake.connection_info(), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {NOTIFY_CHANNEL}")
                    async for _ in connection.notifies():
                        self._wake.set()
            except (psycopg.Error, OSError) as error:
                log.warning("sender_lost_database", action="sender_lost_database", error=str(error))
            await asyncio.sleep(RETRY_S)

    async def _drain(self) -> None:
        """Waits for what is on the wire and for its results to be written."""
        deadline = asyncio.get_running_loop().time() + self._options.drain_s
        while self._tries or self._unwritten:
            if asyncio.get_running_loop().time() > deadline:
                log.error("sender_gave_up_draining", action="sender_gave_up_draining")
                return
            await asyncio.sleep(0.01)


def _check_alive(helpers: Sequence[asyncio.Task[None]]) -> None:
    """A sender without its writer would send and forget: better end, and be started again."""
    for helper in helpers:
        if helper.done():
            helper.result()


async def _hurry(connection: psycopg.AsyncConnection) -> None:
    await connection.execute(f"SET lock_timeout = {PATIENCE_MS}")
    # It only follows keys.
    await connection.execute("SET enable_seqscan = off")


@asynccontextmanager
async def opened(options: Options) -> AsyncIterator[Sender]:
    """A sender with its own connections to the configured database and channels."""
    async with AsyncExitStack() as stack:
        ways_out = {
            kind: await stack.enter_async_context(opener(options.concurrency))
            for kind, opener in outlets.OPENERS.items()
        }
        pool = psycopg_pool.AsyncConnectionPool(
            intake.connection_info(),
            kwargs={"autocommit": True},
            min_size=2,
            max_size=4,
            open=False,
            configure=_hurry,
        )
        await stack.enter_async_context(pool)
        yield Sender(pool, ways_out, options)


async def run(stop: asyncio.Event, options: Options | None = None) -> None:
    """Sends until `stop` is set; returns when nothing is on the wire any more."""
    async with opened(options or Options()) as sender:
        await sender.run(stop)


async def _run_until_signal() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info("sender_started", action="sender_started")
    await run(stop)
    log.info("sender_stopped", action="sender_stopped")


def main() -> None:
    """The process: sends until SIGTERM or SIGINT. Django must be set up."""
    gc.freeze()  # What is imported by now stays; looking through it for garbage finds none.
    uvloop.run(_run_until_signal())
