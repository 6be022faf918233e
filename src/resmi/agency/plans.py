"""How long a plan is kept by a connection that runs a few statements all day.

PostgreSQL keeps the plan of a prepared statement until it has counted the tables again, which may
be a minute. A queue that was empty and holds thousands a second later would be read whole for each
of its rows meanwhile.
"""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

import psycopg

FRESH_S = 1.0

_made: WeakKeyDictionary[psycopg.AsyncConnection, float] = WeakKeyDictionary()


async def keep_fresh(connection: psycopg.AsyncConnection) -> None:
    """Has what the connection prepared planned anew if that is a second ago."""
    now = time.monotonic()
    if now - _made.get(connection, 0.0) > FRESH_S:
        await connection.execute("DISCARD PLANS")
        _made[connection] = now
