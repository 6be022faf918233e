"""The database's clock, watched for a step back.

Limits and waits are moments to come. When a clock that was hours ahead is set right, those written
meanwhile lie hours ahead and nothing would leave until then; they begin anew instead.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection, transaction

STEP_S = 5.0
LEASE = timedelta(seconds=60)

_NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"
_PACES = "UPDATE channels_pace SET full_at = now() WHERE full_at > now()"
_WAITS = """
    UPDATE channels_delivery SET not_before = greatest(now(), not_before - %s)
    WHERE status = 'queued' AND not_before > now()
"""
_CLAIMS = """
    UPDATE channels_delivery SET claimed_until = now() + %s
    WHERE status = 'sending' AND claimed_until > now() + %s
"""


@transaction.atomic
def set_right(back: timedelta, lease: timedelta = LEASE) -> None:
    """Does the same for a clock that was set back while no sender ran."""
    waits: list[Any] = [back]
    claims: list[Any] = [lease, lease]
    with connection.cursor() as cursor:
        cursor.execute(_PACES)
        cursor.execute(_WAITS, waits)
        cursor.execute(_CLAIMS, claims)


class Clock:
    """What a process remembers of the database's clock from one look to the next."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    async def look(self, link: psycopg.AsyncConnection, lease: timedelta) -> float:
        """Seconds the clock stepped back since the last look, 0 if it did not.

        After a step, limits begin anew and no wait or claim (of `lease`) is longer than before.
        """
        async with link.transaction():
            row = await (await link.execute(_NOW)).fetchone()
            assert row is not None
            ahead = float(row[0]) - time.monotonic()
            back = 0.0 if self._ahead is None else self._ahead - ahead
            if back >= STEP_S:
                await link.execute(_PACES)
                await link.execute(_WAITS, [timedelta(seconds=back)])
                await link.execute(_CLAIMS, [lease, lease])
        self._ahead = ahead  # only now: what was undone must be done at the next look
        return back if back >= STEP_S else 0.0
