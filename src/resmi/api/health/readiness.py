"""Whether this process has what it needs to serve people."""

from __future__ import annotations

import asyncio
import time
from functools import lru_cache
from weakref import WeakKeyDictionary

import msgspec
import psycopg
from django.db.migrations.loader import MigrationLoader

from resmi.bot import services as bot
from resmi.bot.errors import PackError
from resmi.channels import intake
from resmi.operations import measuring

# How old an answer may be: probes come from everywhere and must not become load.
KEPT_S = 1.0
PATIENCE_S = 5.0
WORKER_HEARD_S = 15.0
OPTIONS = "-c statement_timeout=3000"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """`ready` when every check is `ok`; else a check says in words what is missing."""

    ready: bool
    checks: dict[str, str]


class _Keeper:
    """The last answer of this process, and the one being found now."""

    def __init__(self) -> None:
        self.answer: Readiness | None = None
        self.at = float("-inf")
        self.locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


_kept = _Keeper()


async def look() -> Readiness:
    """What is there and what is missing, at most a second old."""
    loop = asyncio.get_running_loop()
    async with _kept.locks.setdefault(loop, asyncio.Lock()):
        if _kept.answer is None or time.monotonic() - _kept.at > KEPT_S:
            _kept.answer = await _look()
            _kept.at = time.monotonic()
        return _kept.answer


async def _look() -> Readiness:
    checks = {"database": "ok", "tables": "unknown", "worker": "unknown"}
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _ask_database(checks)
    except (psycopg.Error, OSError, TimeoutError):
        checks["database"] = "does not answer"
    checks["pack"] = await asyncio.to_thread(_pack)
    return Readiness(ready=all(said == "ok" for said in checks.values()), checks=checks)


async def _ask_database(checks: dict[str, str]) -> None:
    info = intake.connection_info()
    async with await psycopg.AsyncConnection.connect(
        info, connect_timeout=3, options=OPTIONS, autocommit=True
    ) as link:
        checks["tables"] = await _tables(link)
        checks["worker"] = await _worker(link)


async def _tables(link: psycopg.AsyncConnection) -> str:
    """Newer tables than this code knows are no harm: upgrades widen first, narrow later."""
    known = await link.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
    row = await known.fetchone()
    if row is None or not row[0]:
        return "there are none: run resmi init"
    cursor = await link.execute("SELECT app, name FROM django_migrations")
    wanted = await asyncio.to_thread(_wanted)
    missing = wanted - {(app, name) for app, name in await cursor.fetchall()}
    return f"{len(missing)} migrations are missing: run resmi init" if missing else "ok"


@lru_cache(maxsize=1)
def _wanted() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(key for key, one in loader.disk_migrations.items() if not one.replaces)


async def _worker(link: psycopg.AsyncConnection) -> str:
    cursor = await link.execute(*measuring.workers_query())
    ages = [age for _, _, age in await cursor.fetchall() if age is not None]
    if not ages:
        return "none runs"
    return "ok" if min(ages) < WORKER_HEARD_S else "does nothing"


def _pack() -> str:
    try:
        bot.current_pack()
    except (PackError, OSError):
        return "can't be read: run resmi pack check"
    return "ok"
