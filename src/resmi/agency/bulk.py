"""Set-based statements with large arrays, sent in binary.

Django quotes parameters on the client, which for arrays of thousands of texts costs more than the
statement itself. Here arrays travel as they are; write their placeholders as `%b`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection


def prepare_statements() -> None:
    """From now on this connection plans each of our statements once, and no more each time.

    For processes that repeat a few statements all day. Call `forget_plans` now and then: a plan
    made while a table was small may be a bad one when it has grown.
    """
    connection.ensure_connection()
    connection.connection.prepare_threshold = 0


def forget_plans() -> None:
    """Has what this connection prepared planned anew when it runs next."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


def execute(sql: str, parameters: Sequence[Any], *, binary: bool = False) -> list[tuple[Any, ...]]:
    """Runs a statement on Django's connection, in its transaction; the rows it returns.

    The statement is prepared once per connection after `prepare_statements`. With `binary` rows
    travel as they are, too: `bytea` comes as `bytes`. Raises Django's database errors.
    """
    connection.ensure_connection()
    started = time.monotonic()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, prepare=True, binary=binary)
        rows = cursor.fetchall() if cursor.rownumber is not None else []
    if connection.queries_logged:
        took = time.monotonic() - started
        connection.queries_log.append({"sql": sql, "time": f"{took:.3f}"})
    return rows
