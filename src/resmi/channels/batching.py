"""Group commit: what several requests bring while one transaction commits goes into the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import psycopg

from resmi.channels import rhythm
from resmi.channels.intake import NewInbound

Store = Callable[[Sequence[NewInbound]], Awaitable[frozenset[str]]]
MOST_ROWS = 2000
# A commit waits so long for each row of the one before it, and no longer than for a slow disk.
EACH_S, MOST_S = 0.0004, 0.015


class Batcher:
    """Puts rows of concurrent callers into common transactions; one at a time per event loop.

    Each caller returns only when its own rows are committed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._next = float("-inf")

    async def put(self, rows: Sequence[NewInbound]) -> int:
        """Stores the rows; how many were new. Raises what `store` raises: none is stored."""
        waiting = _Waiting(rows)
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await waiting.stored

    def stop(self) -> None:
        """Gives up what is being written; its callers are not told."""
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._waiting:
            await asyncio.sleep(self._next - clock())
            batch = self._next_batch()
            rows = sum(len(waiting.rows) for waiting in batch)
            self._next = clock() + rhythm.pause_s(rows, each_s=EACH_S, most_s=MOST_S)
            try:
                await self._store_together(batch)
            except (psycopg.OperationalError, OSError, TimeoutError) as error:
                _refuse(batch, error)
            except Exception:  # noqa: BLE001 (a loop: one caller's rows must not fail the others')
                await self._store_singly(batch)

    def _next_batch(self) -> list[_Waiting]:
        size = count = 0
        for waiting in self._waiting:
            if count and size + len(waiting.rows) > MOST_ROWS:
                break
            size += len(waiting.rows)
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    async def _store_together(self, batch: Sequence[_Waiting]) -> None:
        new = await self._store([row for waiting in batch for row in waiting.rows])
        for waiting in batch:
            waiting.succeed(sum(row.key in new for row in waiting.rows))

    async def _store_singly(self, batch: Sequence[_Waiting]) -> None:
        for waiting in batch:
            try:
                await self._store_together([waiting])
            except Exception as error:  # noqa: BLE001 (handed to the caller it belongs to)
                _refuse([waiting], error)


class _Waiting:
    """One caller's rows and the promise made to it."""

    def __init__(self, rows: Sequence[NewInbound]) -> None:
        self.rows = rows
        self.stored: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def succeed(self, new: int) -> None:
        if not self.stored.done():
            self.stored.set_result(new)

    def fail(self, error: Exception) -> None:
        if not self.stored.done():
            self.stored.set_exception(error)


def _refuse(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        waiting.fail(error)
