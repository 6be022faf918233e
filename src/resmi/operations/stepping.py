"""The database's clock, watched for a step back, and what is done about timers and jobs then.

What was set under a clock that was ahead lies too far ahead once the clock is right. What can be
asked again at any time is woken now and says itself whether it is time. Doing it twice, or in
several processes, changes nothing more. Senders see to what they send: `resmi.channels.clocks`.
"""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.db import connection, transaction

from resmi.bot import services as bot
from resmi.channels import clocks
from resmi.conversations.citizen_turn import FOLD_FOR

log = structlog.get_logger()

STEP_S = 5.0
# A lesser step, made while nothing ran, is not looked into at the start.
FORGIVEN_S = 60.0

_NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"
# What the last process before us noted, for a clock that was set right while nothing ran.
_NOTED = "SELECT coalesce(extract(epoch FROM max(at) - now()), 0)::float8 FROM operations_round"
# Offers and promises look at the time when woken, and ask to be woken again.
_ASKABLE = """
    UPDATE conversations_timer SET due_at = now()
    WHERE kind IN ('offer_timeout', 'sla') AND due_at > now()
"""
_LONG = """
    UPDATE conversations_timer SET due_at = now() + make_interval(secs => %s)
    WHERE kind = %s AND due_at > now() + make_interval(secs => %s)
"""
# Of periodic jobs each moment is run once: those of the hours that come again must be free again.
_PERIODIC = """
    DELETE FROM procrastinate_periodic_defers
    WHERE defer_timestamp > extract(epoch FROM now())
"""
_RETRIED = """
    UPDATE procrastinate_jobs SET scheduled_at = now()
    WHERE status = 'todo' AND scheduled_at > now()
"""


class Clock:
    """What a process remembers of the database's clock from one look to the next."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    def look(self) -> float:
        """Seconds the clock stepped back since the last look, 0 if it did not; acts on it."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_NOW)
            ahead = float(cursor.fetchone()[0]) - time.monotonic()
            if self._ahead is None:
                cursor.execute(_NOTED)
                (noted,) = cursor.fetchone()
                back = noted if noted >= FORGIVEN_S else 0.0
                if back:
                    clocks.set_right(timedelta(seconds=back))
            else:
                back = self._ahead - ahead
            if back >= STEP_S:
                set_right()
        self._ahead = ahead  # only now: what was undone must be done at the next look
        if back < STEP_S:
            return 0.0
        log.warning("clock_set_back", action="clock_set_back", seconds=round(back))
        return back


@transaction.atomic
def set_right() -> None:
    """Brings near what lies further ahead than it was ever set."""
    idle_s = bot.current_pack().settings.idle_minutes * 60.0
    with connection.cursor() as cursor:
        cursor.execute(_ASKABLE)
        for kind, most_s in (("bot_idle", idle_s), ("pile", FOLD_FOR.total_seconds())):
            cursor.execute(_LONG, [most_s, kind, most_s])
        cursor.execute(_RETRIED)
    free_periodic()


def free_periodic() -> None:
    """Lets periodic jobs be begun for the moments that come again."""
    with connection.cursor() as cursor:
        cursor.execute(_PERIODIC)
