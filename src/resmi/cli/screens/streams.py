"""Screens as the server sees them: one open event stream each, over a socket of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec

from resmi.cli.screens.words import Place
from resmi.cli.trouble import Trouble

Heard = Callable[["Screen", str, dict[str, object], float, bool], None]
"""Told of a change: who heard it, its topic and hint, when, and whether it was a replay."""

RETRY_S = 1.0


class _Line(msgspec.Struct):
    topic: str = ""
    data: dict[str, object] = {}


_line = msgspec.json.Decoder(_Line)


class Screen:
    """An agent's desk: opens its stream, and opens it again from where it was when it ends."""

    def __init__(self, place: Place, port: int, heard: Heard) -> None:
        self.place = place
        self.ready = asyncio.Event()
        self.opened = 0
        self.refused = 0
        self._last = ""
        self._port = port
        self._heard = heard
        self._writer: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        """Listens until cancelled, as a browser's EventSource would."""
        while True:
            try:
                await self._listen()
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                self._hang_up()
            await asyncio.sleep(RETRY_S)

    def cut(self) -> None:
        """Breaks the connection, as a lost network would."""
        if self._writer is not None:
            self._writer.transport.abort()

    def _hang_up(self) -> None:
        self.ready.clear()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _listen(self) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        last = f"&last={self._last}" if self._last else ""
        self._writer.write(
            f"GET /live/?topics={','.join(self.place.topics)}{last} HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nAccept: text/event-stream\r\n"
            f"Cookie: resmi_session={self.place.key}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:16]:
            self.refused += 1
            return
        self.opened += 1
        while block := await reader.readuntil(b"\n\n"):
            self._take(block, time.monotonic())

    def _take(self, block: bytes, at: float) -> None:
        """One event; what chunked encoding puts between events is no field and falls away."""
        fields = dict(line.split(": ", 1) for line in block.decode().splitlines() if ": " in line)
        self._last = fields.get("id", self._last)
        if fields.get("event") == "ready":
            self.ready.set()
        elif fields.get("event") == "change":
            line = _line.decode(fields["data"])
            self._heard(self, line.topic, line.data, at, not self.ready.is_set())


async def all_ready(screens: list[Screen], patience_s: float) -> None:
    """Waits until every stream is open and up to date."""
    try:
        async with asyncio.timeout(patience_s):
            for screen in screens:
                await screen.ready.wait()
    except TimeoutError as error:
        late = sum(not screen.ready.is_set() for screen in screens)
        raise Trouble(f"{late} of {len(screens)} streams did not open.") from error
