"""A wire to a Unix socket that tests can cut, silence and mend."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator


class Wire:
    """Forwards a TCP port on loopback to `target`.

    `cut`: connections are reset and new ones refused. `silence`: connections stay open and nothing
    passes, as when a machine vanishes. `mend`: new connections work; those silenced stay dead.
    """

    def __init__(self, target: str) -> None:
        self.port = 0
        self._target = target
        self._is_whole = True
        self._is_silent = False
        self._writers: list[asyncio.StreamWriter] = []
        self._loop = asyncio.new_event_loop()

    @contextlib.contextmanager
    def open(self) -> Iterator[Wire]:
        """Forwards for as long as the block lasts."""
        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        server = self._run(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.cut()
            self._run(self._finish(server))
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def cut(self) -> None:
        self._is_whole = False
        self._loop.call_soon_threadsafe(self._reset)

    def silence(self) -> None:
        self._is_silent = True

    def mend(self) -> None:
        self._is_whole, self._is_silent = True, False

    def _run(self, work):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _reset(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _finish(self, server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(others, timeout=5) if others else None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._is_whole:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        self._writers += [writer, far_writer]
        await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        was_silent = False
        with contextlib.suppress(ConnectionError):
            while part := await reader.read(65536):
                was_silent |= self._is_silent
                if not was_silent:
                    writer.write(part)
                    await writer.drain()
        if not was_silent:
            writer.close()
