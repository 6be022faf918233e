"""The database: reachable, new enough, with tables and the right time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from resmi.cli import startup
from resmi.cli.diagnosis.finding import Finding, error, ok, warning
from resmi.config import embedded, environment
from resmi.config.environment import WrongSetting

OLDEST = 15
SKEW_WARNING_S = 2.0
SKEW_ERROR_S = 30.0
CONNECT_S = 5


@contextmanager
def reachable(env: Mapping[str, str]) -> Iterator[tuple[list[Finding], bool]]:
    """What was found about the server, and whether it can be asked while the block runs."""
    own = env.get("RESMI_DATABASE_URL")
    if own:
        yield _connect(own)
        return
    folder = environment.home(env) / "postgres"
    try:
        before = embedded.status(folder)
        if before.state == "absent":
            mend = "Run: resmi init (or set RESMI_DATABASE_URL)"
            yield [error("database", f"there is none yet in {folder}", mend)], False
            return
        url = embedded.start(folder)
    except embedded.Unusable as unusable:
        yield [error("database", "the embedded PostgreSQL can't be used", str(unusable))], False
        return
    try:
        os.environ["RESMI_DATABASE_URL"] = url
        findings, works = _connect(url)
        text = f"embedded in {folder}, was {before.state}"
        yield [ok("database", text), *findings], works
    finally:
        del os.environ["RESMI_DATABASE_URL"]
        connection.close()
        if before.state == "stopped":
            embedded.stop(folder)


def _connect(url: str) -> tuple[list[Finding], bool]:
    try:
        environment.database(url)
        with psycopg.connect(url, connect_timeout=CONNECT_S) as link:
            skew = _skew_s(link)
            findings = [version(link.info.server_version), clock(skew)]
    except WrongSetting as wrong:
        return [error("database", "the URL can't be used", str(wrong))], False
    except psycopg.Error as failed:
        reason = str(failed).strip().splitlines()[-1]
        mend = (
            "Is the server up, and are host, name, user and password in RESMI_DATABASE_URL right?"
        )
        return [error("database", f"can't be reached: {reason}", mend)], False
    return findings, findings[0].level != "error"


def version(number: int) -> Finding:
    """`number` as PostgreSQL gives it: 160004 is 16.4."""
    text = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number // 10000 < OLDEST:
        return error("database", f"{text} is too old", f"Use PostgreSQL {OLDEST} or newer.")
    return ok("database", text)


def clock(skew_s: float) -> Finding:
    """The 24-hour window and timers need one time on both machines."""
    text = f"{abs(skew_s):.1f} s apart"
    mend = "Set both machines by network time (NTP)."
    if abs(skew_s) >= SKEW_ERROR_S:
        return error("clock", f"this machine and the database are {text}", mend)
    if abs(skew_s) >= SKEW_WARNING_S:
        return warning("clock", f"this machine and the database are {text}", mend)
    return ok("clock", text)


def _skew_s(link: psycopg.Connection) -> float:
    row = link.execute("SELECT clock_timestamp()").fetchone()
    assert row
    moment: datetime = row[0]
    return (datetime.now(UTC) - moment).total_seconds()


def examine_tables() -> Iterator[Finding]:
    """Whether migrations are pending. Needs `RESMI_DATABASE_URL` in the environment."""
    startup.setup()
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        names = ", ".join(f"{one.app_label}.{one.name}" for one, _ in pending[:3])
        more = "" if len(pending) <= 3 else f" and {len(pending) - 3} more"
        yield error("tables", f"not up to date: {names}{more}", "Run: resmi init")
    else:
        yield ok("tables", "up to date")
