"""The watchman: in every process a thread that looks whether the others do their work.

Whichever process comes first looks at the shared facts, once a period; the others see that it was
done. So an alarm needs one living process of any kind on any machine. Each machine looks at its own
disks.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from resmi.operations import measuring, rules, services, stepping, telling

log = structlog.get_logger()

CLEAR_PERIODS = 2.0
LOOKS_A_PERIOD = 3.0
HOURS_KEPT_S = 60.0


class Watchman:
    """Looks at both scopes and tells what is to be told. Belongs to one thread."""

    def __init__(self, period_s: float, on_step: Callable[[], object] | None = None) -> None:
        self.period_s = period_s
        self._clock = stepping.Clock()
        self._on_step = on_step
        self._host = f"host:{socket.gethostname()}"[:200]
        self._hours: dict[int, tuple[int, ...]] = {}
        self._hours_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Looks until `stop` is set; what fails is logged and tried again."""
        while not stop.wait(self.period_s / LOOKS_A_PERIOD):
            try:
                self.look()
            except Error as error:
                log.warning("watch_lost_database", action="watch_lost_database", error=str(error))
            except Exception:
                log.exception("watch_failed", action="watch_failed")
            finally:
                connection.close()

    def look(self) -> None:
        """One look, if it is time for one."""
        self._look_at_the_clock()
        self._look_at_all()
        self._look_here()
        telling.send_due()

    def _look_at_the_clock(self) -> None:
        if self._clock.look() and self._on_step:
            self._on_step()

    @transaction.atomic
    def _look_at_all(self) -> None:
        now = services.begin_round(scope="", period_s=self.period_s)
        if now is None:
            return
        found = measuring.measure(hours=self._lively_hours())
        services.reconcile(
            scope="",
            conditions=rules.conditions(found),
            now=now,
            clear_s=self.period_s * CLEAR_PERIODS,
        )
        services.close_forgotten(now=now)

    @transaction.atomic
    def _look_here(self) -> None:
        now = services.begin_round(scope=self._host, period_s=self.period_s)
        if now is None:
            return
        services.reconcile(
            scope=self._host,
            conditions=rules.disk_conditions(measuring.disks()),
            now=now,
            clear_s=self.period_s * CLEAR_PERIODS,
        )

    def _lively_hours(self) -> dict[int, tuple[int, ...]]:
        if time.monotonic() - self._hours_at > HOURS_KEPT_S:
            self._hours = measuring.lively_hours()
            self._hours_at = time.monotonic()
        return self._hours


def start(
    stop: threading.Event | None = None, on_step: Callable[[], object] | None = None
) -> threading.Event:
    """Starts the watchman of this process; setting the event ends it. 0 s period: no watchman.

    `on_step` is called in the watchman's thread when the database's clock was set back.
    """
    stop = stop or threading.Event()
    if settings.ALARM_EVERY_S > 0:
        watchman = Watchman(settings.ALARM_EVERY_S, on_step)
        thread = threading.Thread(target=watchman.run, args=[stop], name="watchman", daemon=True)
        thread.start()
    return stop
