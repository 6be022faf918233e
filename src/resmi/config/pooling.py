"""Database connections of the web process, shared by its requests.

Every request runs in a thread of its own, so a connection can't stay with a thread; to open one for
each request costs more than most of their statements. Other processes keep one for themselves: they
hold locks that belong to a connection.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

# Requests beyond wait for one of these; each takes a PostgreSQL process of several MB.
MOST = 20
# A server that is away is told to the visitor after this time, in seconds.
PATIENCE_S = 5.0
# At rest nothing is kept for longer; in seconds.
IDLE_S = 60.0


def share_connections() -> None:
    """From now on this process takes connections from a pool, each looked at before it is used.

    Django's alone: the settings stay as they are, for others read them to open connections of
    their own.
    """
    connections.settings = {alias: _pooled(connections.settings[alias]) for alias in connections}


def _pooled(described: dict[str, Any]) -> dict[str, Any]:
    pool = {"min_size": 0, "max_size": MOST, "timeout": PATIENCE_S, "max_idle": IDLE_S}
    options = {**described["OPTIONS"], "pool": pool}
    return {**described, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
