"""The worker process: leases partitions, handles their items in order, ticks timers, routes.

A partition is leased by a session-level advisory lock, so a killed worker's partitions are free the
moment its connection is gone. Each worker keeps no more than its fair share.
"""

from __future__ import annotations

import gc
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from resmi.agency import arrays, bulk, plans
from resmi.channels import intake, partitions, rhythm
from resmi.channels.items import TimerDue
from resmi.conversations import balance, handle, opening, router, tasks
from resmi.registry import standings

log = structlog.get_logger()

LEASES = 0x7265736D  # "resm": the class of the partitions' advisory locks
PRESENT = 1000  # not a partition: every worker shares this lock, so that they can be counted
BATCH = 400
IDLE_WAIT_S = 0.5
REBALANCE_S = 1.0
TIMERS_S = 0.5
ROUTE_S = 1.0
REGISTER_S = 2.0
BALANCE_S = 60.0
# A round waits so long for each item of the one before it.
EACH_S, MOST_S = 0.001, 0.025
PLANS_S = plans.FRESH_S
RETRY_S = 1.0
GARBAGE = (50_000, 20, 50)

# A worker only follows keys. Plans made while tables were small, and kept, would read them whole.
_BY_KEY = "SET enable_seqscan = off"
# A worker whose machine vanished keeps its partitions until the server notices: in 4 s, not 2 h.
_NOTICE_MY_END = """
    SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 2
"""
_WORKERS = """
    SELECT count(DISTINCT pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND objsubid = 2
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Worker:
    """One worker of this process, on Django's connection of the running thread."""

    def __init__(self) -> None:
        self.held: set[int] = set()
        self.present = False
        self.link: object = None
        self.listener: psycopg.Connection | None = None
        self.due: dict[str, float] = {}
        self.routing_asked = True
        self.register = ""

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set; a lost database is waited for and resumed."""
        while not stop.is_set():
            try:
                self._round(stop)
            except (OperationalError, InterfaceError, psycopg.OperationalError) as error:
                log.warning("worker_lost_database", action="worker_lost_database", error=str(error))
                self._drop()
                stop.wait(RETRY_S)
        self._drop()

    def _round(self, stop: threading.Event) -> None:
        self._every("rebalance", REBALANCE_S, self._rebalance)
        self._every("timers", TIMERS_S, lambda: _take_care("timers", tick_timers))
        self._every("hours", TIMERS_S, lambda: _take_care("hours", _mind_hours))
        self._every("register", REGISTER_S, lambda: _take_care("register", self._look_at_register))
        self._every("balance", BALANCE_S, lambda: _take_care("balance", balance.repair))
        self._every("plans", PLANS_S, bulk.forget_plans)
        if self.routing_asked or self._is_due("route", ROUTE_S):
            self.routing_asked = False
            _take_care("routing", router.run_pass)
        begin = time.monotonic()
        done = self._work()
        if done < BATCH and not stop.is_set():
            pause_s = rhythm.pause_s(done, each_s=EACH_S, most_s=MOST_S)
            stop.wait(max(0.0, begin + pause_s - time.monotonic()))
            self._wait()

    def _every(self, name: str, period_s: float, action: Callable[[], object]) -> None:
        if self._is_due(name, period_s):
            action()

    def _is_due(self, name: str, period_s: float) -> bool:
        now = time.monotonic()
        if self.due.get(name, 0.0) > now:
            return False
        self.due[name] = now + period_s
        return True

    def _work(self) -> int:
        if connection.connection is not self.link:
            self._drop()  # another connection holds no leases: what we held may be others' by now
        rows = claim(self.held, BATCH)
        handle.handle(rows)
        return len(rows)

    def _wait(self) -> None:
        if self.listener is None or self.listener.closed:
            self.listener = _listen()
        for note in self.listener.notifies(timeout=IDLE_WAIT_S, stop_after=1):
            self.routing_asked |= note.channel == "resmi_routing"

    def _rebalance(self) -> None:
        """Keeps at most the fair share of partitions, and takes free ones up to it."""
        with connection.cursor() as cursor:
            if not self.present:
                bulk.prepare_statements()
                cursor.execute(_BY_KEY)
                cursor.execute(_NOTICE_MY_END)
                cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [LEASES, PRESENT])
                self.present, self.link = True, connection.connection
            cursor.execute(_WORKERS, [LEASES, PRESENT])
            (workers,) = cursor.fetchone()
            share = -(-partitions.COUNT // max(1, workers))
            while len(self.held) > share:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LEASES, self.held.pop()])
            for partition in _shuffled(set(range(partitions.COUNT)) - self.held):
                if len(self.held) >= share:
                    break
                cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LEASES, partition])
                if cursor.fetchone()[0]:
                    self.held.add(partition)

    def _look_at_register(self) -> None:
        """A new register is news for those who watch something in it."""
        mark = standings.mark()
        if mark != self.register:
            tasks.tell_watchers_soon()
            self.register = mark

    def _drop(self) -> None:
        self.held.clear()
        self.present, self.link = False, None
        if self.listener is not None:
            self.listener.close()
            self.listener = None
        connection.close()


def _take_care(what: str, action: Callable[[], object]) -> None:
    """Does it; what goes wrong is logged and tried again, for messages must not wait for it."""
    try:
        action()
    except (OperationalError, InterfaceError, psycopg.OperationalError):
        raise
    except Exception:
        log.exception("care_failed", action="care_failed", what=what)


def _shuffled(numbers: set[int]) -> list[int]:
    """Two workers that start together would fight over the same partitions in the same order."""
    return random.sample(sorted(numbers), len(numbers))


def _listen() -> psycopg.Connection:
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    listener = psycopg.connect(**parameters, autocommit=True)
    listener.execute("LISTEN resmi_inbound")
    listener.execute("LISTEN resmi_routing")
    return listener


# In the order of the index `inbound_in_order`, so that no more is read than is taken.
_CLAIM = """
    SELECT i.id, coalesce(i.channel_id, 0), coalesce(ch.kind, 'whatsapp'),
           coalesce(ch.portfolio, ''), i.kind, i.raw, i.envelope, i.stamp, i.attempts
    FROM channels_inbound i LEFT JOIN channels_channel ch ON ch.id = i.channel_id
    WHERE i.status = 'new' AND i.partition = ANY(%b::smallint[]) ORDER BY i.id + 0 LIMIT %b
"""


def claim(held: set[int], limit: int) -> list[handle.Stored]:
    """The oldest items of the partitions held. The leases make the claim exclusive."""
    if not held:
        return []
    rows = bulk.execute(_CLAIM, [arrays.smallints(sorted(held)), limit], binary=True)
    return [
        handle.Stored(
            id=row[0],
            channel=row[1],
            channel_kind=row[2],
            scope=row[3],
            kind=row[4],
            raw=row[5],
            envelope=row[6],
            stamp=row[7],
            attempts=row[8],
        )
        for row in rows
    ]


_DUE = """
    DELETE FROM conversations_timer t WHERE t.id IN (
        SELECT id FROM conversations_timer WHERE due_at <= now()
        ORDER BY due_at LIMIT 500 FOR UPDATE SKIP LOCKED)
    RETURNING t.conversation_id, t.kind, t.due_at
"""


@transaction.atomic
def tick_timers() -> int:
    """Turns timers that are due into inbound items; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        due = cursor.fetchall()
    intake.put(
        TimerDue(conversation=conversation, kind=kind, due_at=due_at)
        for conversation, kind, due_at in due
    )
    return len(due)


def _mind_hours() -> None:
    opening.follow()
    opening.tell_turning(datetime.now(UTC))


def run(stop: threading.Event) -> None:
    """Runs one worker until `stop` is set."""
    # A batch makes tens of thousands of values that live as long as it does and form no cycles.
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    Worker().run(stop)
