"""The webhook's way into the database."""

from __future__ import annotations

import asyncio

import psycopg
import psycopg_pool

from resmi.channels import batching, intake
from resmi.channels.whatsapp import numbers, splitting

CONNECTIONS = 4
CONNECTING_S = 5.0
CONNECTION = {
    "autocommit": True,
    "application_name": "resmi-webhook",
    # A server that vanished without a word is noticed in seconds, not in hours.
    "connect_timeout": 5,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


async def _by_key(connection: psycopg.AsyncConnection) -> None:
    """Deliveries are found by ref, also by a plan made while there were hardly any."""
    await connection.execute("SET enable_seqscan = off")


class Storage:
    """The way into the database for one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._pool = psycopg_pool.AsyncConnectionPool(
            intake.connection_info(),
            kwargs=CONNECTION,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=CONNECTING_S,
            name="whatsapp-webhook",
            reconnect_timeout=CONNECTING_S,
            configure=_by_key,
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
        """Gives the connections back, hanging ones too; the storage can't be used again."""
        self._batcher.stop()
        await self._pool.close()
