"""Keep-alive HTTP POSTs to one origin, for the many small messages a sender has.

A sender must know whether a message may have left: `NotConnected` says it did not, `NoAnswer` that
nobody knows. A general HTTP client costs four to ten times the processor time of this one
(docs/adr/0013-lean-http-client.md); files go through such a client, messages through here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import quote, urlsplit

import httptools
import msgspec

CONNECT_S = 3.0
ANSWER_S = 25.0
# Shorter than servers keep idle connections: one they close while we write leaves us in doubt.
KEEP_ALIVE_S = 10.0
# The longest a POST can take, in seconds.
LONGEST_S = 2 * CONNECT_S + ANSWER_S
JSON = {"Content-Type": "application/json"}
LARGEST_ANSWER = 1024 * 1024
_FRAMED_BY = frozenset({b"content-length", b"transfer-encoding"})


class NotConnected(Exception):
    """No connection could be made: nothing was sent."""


class NoAnswer(Exception):
    """The connection broke or no answer came in time, after we began to send."""


class Answer(msgspec.Struct, frozen=True):
    """What the server said; header names are lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Poster:
    """POSTs to one origin over connections it keeps; at most `connections` at a time."""

    def __init__(self, base_url: str, headers: Mapping[str, str], *, connections: int) -> None:
        """Raises `ValueError` for a header that can't be sent."""
        parts = urlsplit(base_url)
        self._url = base_url
        self._secure = ssl.create_default_context() if parts.scheme == "https" else None
        self._prefix = parts.path.rstrip("/")
        self._head = _head({"Host": parts.netloc.rpartition("@")[2], **JSON, **headers})
        self._heads: dict[str, bytes] = {}
        self._idle: deque[_Connection] = deque()
        self._all: set[_Connection] = set()
        self._free = asyncio.Semaphore(connections)

    async def post(self, path: str, body: bytes, *, more: bytes = b"") -> Answer:
        """The answer to one POST; `more` are header lines of this one, each ending in CRLF.

        Raises `NotConnected` or `NoAnswer`.
        """
        head = self._heads.get(path) or self._remember(path)
        await self._wait_for_turn()
        try:
            connection = self._kept() or await self._connected()
            return await connection.ask(
                b"%b%bContent-Length: %d\r\n\r\n%b" % (head, more, len(body), body)
            )
        finally:
            self._free.release()

    def close(self) -> None:
        """Ends all connections, those in use too."""
        for connection in tuple(self._all):
            connection.close()

    async def _wait_for_turn(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._free.acquire()
        except TimeoutError as error:
            raise NotConnected("all connections are in use") from error

    def _remember(self, path: str) -> bytes:
        line = f"POST {self._prefix}{quote(path)} HTTP/1.1\r\n".encode()
        return self._heads.setdefault(path, line + self._head)

    def _kept(self) -> _Connection | None:
        """The connection used last, if it is fresh: those used rarely grow old and go."""
        stale = asyncio.get_running_loop().time() - KEEP_ALIVE_S
        while self._idle and (self._idle[0].idle_since < stale or not self._idle[0].is_open):
            self._idle.popleft().close()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _connected(self) -> _Connection:
        host, port = _origin(self._url)
        try:
            async with asyncio.timeout(CONNECT_S):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(self._idle, self._all), host, port, ssl=self._secure
                )
        except (OSError, TimeoutError) as error:
            reason = str(error) or f"no connection within {CONNECT_S:g} s"
            raise NotConnected(f"{host}:{port}: {reason}") from error
        return connection


def _origin(url: str) -> tuple[str, int]:
    """Host and port. Raises `NotConnected` for an address that is none."""
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError) as error:
        raise NotConnected(f"The address {url} is wrong.") from error
    if not parts.hostname:
        raise NotConnected(f"The address {url} is wrong.")
    return parts.hostname, port


def _head(headers: Mapping[str, str]) -> bytes:
    for name, value in headers.items():
        if any(mark in name + value for mark in "\r\n\0"):
            raise ValueError(f"the header {name} holds a line break")
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return fields.encode()


class _Connection(asyncio.Protocol):
    """One connection; asked one thing at a time."""

    def __init__(self, idle: deque[_Connection], every: set[_Connection]) -> None:
        self.is_open = False
        self.idle_since = 0.0
        self._idle = idle
        self._every = every
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._begin()

    def _begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._is_headed = False

    async def ask(self, request: bytes) -> Answer:
        """Sends one request; its answer. Raises `NoAnswer`."""
        self._begin()
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting = waiting
        self._transport.write(request)
        timer = self._loop.call_later(ANSWER_S, self._fail, f"no answer within {ANSWER_S:g} s")
        try:
            return await waiting
        finally:
            timer.cancel()
            if not waiting.done() or waiting.cancelled():
                self.close()

    def close(self) -> None:
        """Ends the connection; who waits for an answer gets none."""
        self.is_open = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True
        self._every.add(self)

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:
            self.close()  # Words nobody asked for would be taken for the next answer.
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"the answer is no HTTP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._every.discard(self)
        if self._is_headed and exc is None and not _FRAMED_BY & self._headers.keys():
            self._answer()  # Such an answer ends with the connection.
        else:
            self._fail(str(exc) if exc else "the connection was closed before the answer")

    def on_message_begin(self) -> None:
        self._begin()
        if self._waiting is None:
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._is_headed = True

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > LARGEST_ANSWER:
            self._fail("the answer is too large")
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        is_interim = self._parser.get_status_code() < 200
        if is_interim or self._waiting is None:
            return
        if self._parser.should_keep_alive():
            self.idle_since = self._loop.time()
            self._answer()
            self._idle.append(self)
        else:
            self._answer()
            self.close()

    def _answer(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            status = self._parser.get_status_code()
            waiting.set_result(Answer(status, self._headers, b"".join(self._parts)))

    def _fail(self, reason: str) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(NoAnswer(reason))
        self.close()


@asynccontextmanager
async def opened(
    base_url: str, headers: Mapping[str, str], *, connections: int
) -> AsyncIterator[Poster]:
    """A poster whose connections end with the block."""
    poster = Poster(base_url, headers, connections=connections)
    try:
        yield poster
    finally:
        poster.close()
