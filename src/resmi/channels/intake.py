"""The only ways into `Inbound`: `store` for what channels bring, `put` for our own items."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
import psycopg
import psycopg_pool
from django.conf import settings
from django.db import connection

from resmi.agency import plans
from resmi.channels import arriving, items
from resmi.channels.arriving import NewInbound as NewInbound
from resmi.channels.models import UNDATED, Inbound
from resmi.channels.partitions import partition_of

NOTIFY_CHANNEL = "resmi_inbound"
ATTEMPTS = 3
_WAKE = f"NOTIFY {NOTIFY_CHANNEL}"

T = TypeVar("T")
Own = items.TimerDue | items.MediaFetched | items.DeliveryFailed


def connection_info() -> str:
    """The libpq connection string of Django's database, for code that runs ahead of Django."""
    database = settings.DATABASES["default"]
    names = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    parts = {name: str(database[key]) for name, key in names.items() if database.get(key)}
    return psycopg.conninfo.make_conninfo("", **{**database.get("OPTIONS", {}), **parts})


async def store(
    pool: psycopg_pool.AsyncConnectionPool, rows: Sequence[NewInbound]
) -> frozenset[str]:
    """Stores rows in one transaction and wakes the workers; the keys that were new.

    Rows whose key is stored already are passed over. Raises `psycopg.Error`: nothing was stored.
    """
    if not rows:
        return frozenset()
    return await retried(pool, lambda: _insert(pool, rows))


async def retried(
    pool: psycopg_pool.AsyncConnectionPool, operation: Callable[[], Awaitable[T]]
) -> T:
    """The result of an operation that may be done twice, tried again when the connection broke.

    Also after a deadlock of two writers. Raises what the last attempt raised.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return await operation()
        except psycopg_pool.PoolTimeout:
            raise
        except psycopg.OperationalError:
            # A restarted server leaves dead connections behind: all go, not one an attempt.
            await pool.check()
            await asyncio.sleep(0.05 * attempt)
    return await operation()


async def _insert(
    pool: psycopg_pool.AsyncConnectionPool, rows: Sequence[NewInbound]
) -> frozenset[str]:
    try:
        async with pool.connection() as writer:
            await plans.keep_fresh(writer)
            return await store_with(writer, rows)
    except (psycopg.IntegrityError, psycopg.DataError):
        # What a report can't be written for is a worker's matter; the item itself must be stored.
        async with pool.connection() as writer:
            return await store_with(writer, [_unread(row) for row in rows])


def _unread(row: NewInbound) -> NewInbound:
    return msgspec.structs.replace(row, report=None)


async def store_with(writer: psycopg.AsyncConnection, rows: Sequence[NewInbound]) -> frozenset[str]:
    """Like `store`, in one statement of its own or of the transaction that `writer` is in."""
    if not rows:
        return frozenset()
    if any(arriving.reports_plainly(row) for row in rows):
        columns = arriving.reporting_columns(rows, datetime.now(UTC))
        cursor = await writer.execute(arriving.REPORTING, columns, prepare=True)
    else:
        cursor = await writer.execute(arriving.PLAIN, arriving.columns(rows), prepare=True)
    stored = await cursor.fetchall()
    if any(is_new for _, is_new in stored):
        # Not in the statement: whoever notifies commits alone, and would wait for the disk so.
        await writer.execute(_WAKE, prepare=True)
    return frozenset([key for key, _ in stored])


def put(own: Iterable[Own], *, contact_key: str = "", channel: int | None = None) -> None:
    """Stores items of our own making inside the caller's transaction; workers wake at its commit.

    An item put twice is stored once. `contact_key` is the conversation's; without it the items are
    ordered among the conversation's own.
    """
    now = datetime.now(UTC)
    rows = [_own_row(item, contact_key, channel, now) for item in own]
    if not rows:
        return
    Inbound.objects.bulk_create(rows, ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [NOTIFY_CHANNEL])


def _own_row(item: Own, contact_key: str, channel: int | None, now: datetime) -> Inbound:
    kind, subkind, key = _named(item, channel)
    ordered_by = contact_key or f"conversation:{item.conversation}"
    return Inbound(
        channel_id=channel,
        kind=kind,
        subkind=subkind,
        key=key,
        contact_key=contact_key,
        partition=partition_of(ordered_by),
        occurred_at=item.due_at if isinstance(item, items.TimerDue) else now,
        stamp=item.due_at if isinstance(item, items.TimerDue) else UNDATED,
        raw=items.encode(item),
    )


def _named(item: Own, channel: int | None) -> tuple[str, str, str]:
    """Kind, subkind and key of an item of our own."""
    match item:
        case items.TimerDue(conversation=conversation, kind=kind, due_at=due_at):
            return "timer", kind, f"timer:{conversation}:{kind}:{due_at.isoformat()}"
        case items.MediaFetched(provider_id=provider_id, reason=reason):
            # A file given up can still be fetched later: the two are not the same item.
            end = ":failed" if reason else ""
            return "result", "media", f"media:{channel or ''}:{provider_id}{end}"
        case items.DeliveryFailed(ref=ref):
            return "result", "delivery_failed", f"failed:{ref}"
