"""The webhook's way into the database."""

from __future__ import annotations

import asyncio

import psycopg
import psycopg_pool

from resmi.channels import batching, intake
from resmi.channels.whatsapp import numbers, splitting

CONNECTIONS = 4
CONNECTING_S = 5.0


class Storage:
    """The way into the database for one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._pool = psycopg_pool.AsyncConnectionPool(
            intake.connection_info(),
            kwargs={"autocommit": True},
            min_size=1,
            max_size=CONNECTIONS,
            timeout=CONNECTING_S,
            name="whatsapp-webhook",
            reconnect_timeout=CONNECTING_S,
            open=False,
        )
        self._directory = numbers.Directory()
        self._batcher = batching.Batcher(lambda rows: intake.store(self._pool, rows))

    async def put(self, rows: tuple[splitting.Row, ...]) -> int:
        """Stores the rows with the channels they belong to; how many were new."""
        await self._pool.open()
        ours = await self._directory.numbers_for(self._pool, rows)
        try:
            return await self._batcher.put([ours.place(row) for row in rows])
        except psycopg.IntegrityError:
            # A channel we remember was deleted.
            self._directory.forget()
            raise

    async def close(self) -> None:
        """Gives the connections back; the storage can't be used again."""
        await self._pool.close()
