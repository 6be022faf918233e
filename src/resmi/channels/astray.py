"""Claims whose answer never came: PostgreSQL went away while a sender claimed.

Such a claim may have been committed, and what it took never left, for nobody ever read its rows. It
is found by its mark and goes back into the queue, instead of becoming `unknown`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

import psycopg

from resmi.channels import pacing, settling
from resmi.channels.outcomes import Held
from resmi.channels.pacing import Mark
from resmi.channels.results import Result

# A server that lost its client may still commit what it was asked, when a lock is free at last.
KEPT_S = 60.0


class Astray:
    """The marks of claims a sender never got the answer to."""

    def __init__(self) -> None:
        self._noted: dict[Mark, float] = {}

    def note(self, marks: Iterable[Mark]) -> None:
        """Remembers claims that were begun and not answered."""
        self._noted.update(dict.fromkeys(marks, time.monotonic()))

    async def look(self, connection: psycopg.AsyncConnection) -> list[Result]:
        """What those claims took, each held back as if it had not been tried.

        Look again until there is nothing left to look for: a claim may turn up late.
        """
        found: list[Result] = []
        for mark, since in list(self._noted.items()):
            for claimed in await pacing.claimed_as(connection, mark):
                now = datetime.now(UTC)
                found.append((claimed, settling.settle(claimed, Held(), now, 0.0)))
            if time.monotonic() - since > KEPT_S:
                self._noted.pop(mark, None)
        return found
