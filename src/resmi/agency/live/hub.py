"""One listening connection a process, fanned out to the open streams by topic.

Every notice carries the oldest transaction that was running when it was written. Notices arrive in
the order of commits, so whatever a stream has not seen after it was written in that transaction or
a later one: resuming from that number replays a little too much and misses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import defaultdict
from contextlib import suppress
from typing import Any

import msgspec
import psycopg
from django.db import connections

from resmi.agency.live import rules
from resmi.agency.live.rules import Mark
from resmi.agency.live.writing import CHANNEL

BEAT_S = 15.0
PATIENCE_S = 10.0
QUEUE = 200
RETRY_S = (0.1, 0.5, 1.0)
CONNECTION = {
    "application_name": "resmi live",
    # A server that vanished without a word is noticed in seconds, not in hours.
    "connect_timeout": 5,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

log = logging.getLogger(__name__)

NOW = """SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
                pg_snapshot_xmax(pg_current_snapshot())::text::bigint"""
SINCE = """
    SELECT topic, data::text FROM agency_liveevent
    WHERE xid >= %s AND (%s::text[] IS NULL OR topic = ANY(%s::text[]))
    GROUP BY topic, data::text ORDER BY max(id)
"""
_BEAT = """SELECT pg_notify(%s, json_build_object('beat', %s::text,
    'position', pg_snapshot_xmin(pg_current_snapshot())::text::bigint)::text)"""
PATIENT = "SET lock_timeout = '200ms'"
PRUNE = """
    DELETE FROM agency_liveevent WHERE at < now() - make_interval(secs => %s) AND id IN
        (SELECT id FROM agency_liveevent ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED)
"""


class _Notice(msgspec.Struct):
    position: int
    topic: str = ""
    data: dict[str, Any] = {}
    beat: str = ""


class Subscription:
    """What one open stream has yet to send. `dropped` is set when it fell too far behind."""

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.lines: asyncio.Queue[bytes] = asyncio.Queue(QUEUE)
        self.dropped = asyncio.Event()

    def put(self, line: bytes) -> None:
        """Queues a line; a stream that does not drain its queue is dropped, never waited for."""
        try:
            self.lines.put_nowait(line)
        except asyncio.QueueFull:
            self.dropped.set()


class Hub:
    """Listens while somebody subscribes. Belongs to one event loop."""

    def __init__(self) -> None:
        self._id = uuid.uuid4().hex
        self._by_topic: dict[str, set[Subscription]] = defaultdict(set)
        self._all: set[Subscription] = set()
        self._listening = asyncio.Event()
        self._mark: Mark | None = None
        self._task: asyncio.Task[None] | None = None

    async def subscribe(self, topics: frozenset[str]) -> Subscription:
        """Starts to collect events on `topics`. Raises `TimeoutError` without a database."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="live hub")
        subscription = Subscription(topics)
        self._all.add(subscription)
        for topic in topics:
            self._by_topic[topic].add(subscription)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._listening.wait()
        except BaseException:
            self.unsubscribe(subscription)
            raise
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forgets a stream; the last one lets the listening connection go."""
        self._all.discard(subscription)
        for topic in subscription.topics:
            self._by_topic[topic].discard(subscription)
            if not self._by_topic[topic]:
                del self._by_topic[topic]
        if not self._all and self._task is not None:
            self._task.cancel()
            self._task = self._mark = None
            self._listening.clear()

    def close(self) -> None:
        """Drops all streams, for a shutdown."""
        for subscription in tuple(self._all):
            subscription.dropped.set()

    async def _run(self) -> None:
        failures = 0
        while self._is_needed():
            try:
                async with await _connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    await self._catch_up(connection)
                    self._listening.set()
                    failures = 0
                    await self._relay(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("live stream lost its database connection: %s", error)
            if not self._is_needed():
                return  # the event is another task's by now
            self._listening.clear()
            await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
            failures += 1

    def _is_needed(self) -> bool:
        """Whether the running task is still the hub's: its cancellation may have got lost.

        psycopg waits with `asyncio.wait_for`, which in Python 3.11 can swallow a cancellation.
        """
        return self._task is asyncio.current_task()

    async def _catch_up(self, connection: psycopg.AsyncConnection) -> None:
        """Fans out what was committed while nobody listened."""
        position, newest = await _one(connection, NOW)
        if self._mark is not None:
            if rules.can_resume(self._mark, now=time.time(), newest=newest):
                found = await connection.execute(SINCE, [self._mark.position, None, None])
                for topic, data in await found.fetchall():
                    self._tell(topic, msgspec.json.decode(data), self._mark)
            else:
                self._tell_all(rules.line("resync", {}))
        self._mark = Mark(position, int(time.time()))

    async def _relay(self, connection: psycopg.AsyncConnection) -> None:
        while self._is_needed():
            async for notify in connection.notifies(timeout=BEAT_S):
                if not self._is_needed():
                    return
                self._receive(msgspec.json.decode(notify.payload, type=_Notice))
            await connection.execute(_BEAT, [CHANNEL, self._id])
            await _prune(connection)

    def _receive(self, notice: _Notice) -> None:
        self._mark = Mark(notice.position, int(time.time()))
        if notice.topic:
            self._tell(notice.topic, notice.data, self._mark)
        elif notice.beat == self._id:
            self._tell_all(rules.line("beat", {}, self._mark))

    def _tell(self, topic: str, data: dict[str, Any], mark: Mark) -> None:
        for one, hint in rules.unbundled(topic, data):
            if listeners := self._by_topic.get(one):
                line = rules.line("change", {"topic": one, "data": hint}, mark)
                for subscription in listeners:
                    subscription.put(line)

    def _tell_all(self, line: bytes) -> None:
        for subscription in self._all:
            subscription.put(line)


async def _connect() -> psycopg.AsyncConnection:
    parameters = connections["default"].get_connection_params()
    for name in ("context", "cursor_factory", "prepare_threshold"):
        parameters.pop(name, None)
    return await psycopg.AsyncConnection.connect(**{**parameters, **CONNECTION}, autocommit=True)


async def _prune(connection: psycopg.AsyncConnection) -> None:
    """Forgets old events; a table that somebody holds locked must not keep news from screens."""
    await connection.execute(PATIENT)
    with suppress(psycopg.errors.LockNotAvailable):
        await connection.execute(PRUNE, [rules.KEEP_S * 2])


async def _one(connection: psycopg.AsyncConnection, query: str) -> tuple[int, int]:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
