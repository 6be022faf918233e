"""Whether what agents are charged adds up: what they hold and their notes time equal their load."""

from __future__ import annotations

from typing import NamedTuple

import structlog
from django.db import connection, transaction

log = structlog.get_logger()


class Imbalance(NamedTuple):
    """An agent whose load (in units) is not what they are charged for."""

    agent_id: int
    load: int
    charged: int


# One statement sees one moment: charge and load change in the same transactions.
_OFF = """
    SELECT p.agent_id, p.load, s.charged FROM routing_presence p CROSS JOIN LATERAL (
        SELECT coalesce((SELECT sum(c.charge) FROM conversations_conversation c
                         WHERE c.agent_id = p.agent_id), 0)
             + coalesce((SELECT sum(w.cost) FROM routing_wrapuptime w
                         WHERE w.agent_id = p.agent_id), 0) AS charged) s
    WHERE p.load <> s.charged AND (%s::bigint IS NULL OR p.agent_id = %s) ORDER BY p.agent_id
"""
_LOCK = "SELECT 1 FROM routing_presence WHERE agent_id = %s FOR UPDATE"
_SET = """
    UPDATE routing_presence SET load = s.charged FROM (SELECT %s::int AS charged) s
    WHERE agent_id = %s AND s.charged <= capacity
"""


def imbalances(agent_id: int | None = None) -> list[Imbalance]:
    """The agents whose charge and load differ; there should be none, ever."""
    with connection.cursor() as cursor:
        cursor.execute(_OFF, [agent_id, agent_id])
        return [Imbalance(*row) for row in cursor.fetchall()]


def repair() -> list[Imbalance]:
    """Sets loads to what is really charged and logs each; what was wrong.

    The row lock makes whoever charges or gives back meanwhile wait for us, and us for them.
    """
    mended = []
    for found in imbalances():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_LOCK, [found.agent_id])
            for one in imbalances(found.agent_id):
                cursor.execute(_SET, [one.charged, one.agent_id])
                log.error("load_repaired", action="load_repaired", **one._asdict())
                mended.append(one)
    return mended
