"""Keeps the embedded PostgreSQL running while programs use it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from resmi.config import embedded

EVERY_S = 1.0


def keep(folder: Path, say: Callable[[str, str], None]) -> Callable[[], asyncio.Future[None]]:
    """A chore for the supervisor: starts the server of `folder` again whenever it is gone."""

    async def chore() -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                state = await asyncio.to_thread(embedded.status, folder)
                if state.state != "running":
                    say("database", "is gone; starting it again")
                    await asyncio.to_thread(embedded.start, folder)
                    say("database", "runs again")
            except embedded.Unusable as error:
                say("database", str(error))

    return lambda: asyncio.ensure_future(chore())
