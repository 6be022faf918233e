"""A slow and moody line between a browser and the site: what needs a race to fail, fails here.

`RESMI_TEST_LINE=7 pytest -m browser` sends every browser of the tests through it. By hand:
`python -m tests.slow_line 7 8123`, then `chromium --proxy-server=http://127.0.0.1:8123
--proxy-bypass-list='<-loopback>'`.

It is an HTTP proxy. Every request waits before it goes out, and so does every answer, the second
half of its first piece, and each piece of an event stream; each on a connection of its own, so that
answers overtake each other. How long follows from the seed, the method, the path and how often it
was asked for: a seed gives the same delays again. Of static files, which are many, few are late.
Speaks plain http only.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import Callable
from random import Random
from urllib.parse import urlsplit

LONGEST_S = 0.4
LONG_S = 1.5
LONG_OFTEN = 0.04  # of all delays
STATIC_OFTEN = 0.1  # of static files
HEAD_LIMIT = 256 * 1024
PIECE = 64 * 1024
HOP = ("connection:", "proxy-connection:", "keep-alive:", "proxy-authorization:")

Delay = Callable[[], float]


class Delays:
    """Seconds to wait, drawn from the seed anew for each request."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._asked: Counter[str] = Counter()

    def of(self, method: str, path: str) -> Delay:
        """The delays of one request, one after the other."""
        name = f"{method} {path}"
        self._asked[name] += 1
        chance = Random(f"{self._seed} {name} {self._asked[name]}")
        if path.startswith("/static/") and chance.random() > STATIC_OFTEN:
            return lambda: 0.0

        def next_one() -> float:
            if chance.random() < LONG_OFTEN:
                return LONG_S
            return LONGEST_S * chance.random() ** 3  # mostly short: what is late is overtaken

        return next_one


async def serve(seed: str, port: int) -> None:
    """Answers browsers on the port of loopback until it is ended."""
    delays = Delays(seed)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await _one_request(reader, writer, delays)
        await _close(writer)

    server = await asyncio.start_server(connected, "127.0.0.1", port, limit=HEAD_LIMIT)
    async with server:
        await server.serve_forever()


async def _one_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delays: Delays
) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = head.rstrip().split("\r\n")
    method, target, version = line.split(" ")
    address = urlsplit(f"//{target}" if method == "CONNECT" else target)
    path = address._replace(scheme="", netloc="").geturl() or "/"
    delay = delays.of(method, path)
    await asyncio.sleep(delay())
    if reader.at_eof():
        return  # nobody waits any more
    try:
        there, back = await asyncio.open_connection(address.hostname, address.port or 80)
    except OSError:
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    if method == "CONNECT":  # a socket of the web, or what is none of our business
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    else:
        back.write(_head(f"{method} {path} {version}", fields))
    await _both_ways(reader, writer, there, back, delay, is_tunnel=method == "CONNECT")


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    there: asyncio.StreamReader,
    back: asyncio.StreamWriter,
    delay: Delay,
    *,
    is_tunnel: bool,
) -> None:
    """Until either side ends: a browser that goes away is seen by the server, and the reverse."""
    answer = _relay(there, writer, delay) if is_tunnel else _answer(there, writer, delay)
    ways = [asyncio.ensure_future(_upload(reader, back)), asyncio.ensure_future(answer)]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        for ended in await asyncio.gather(*ways, return_exceptions=True):
            if isinstance(ended, Exception) and not isinstance(ended, OSError | EOFError):
                print(f"slow line: {ended!r}", flush=True)
        await _close(back)


async def _upload(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(PIECE):
        sink.write(piece)
        await sink.drain()


async def _answer(source: asyncio.StreamReader, sink: asyncio.StreamWriter, delay: Delay) -> None:
    head = (await source.readuntil(b"\r\n\r\n")).decode("latin-1")
    await asyncio.sleep(delay())
    line, *fields = head.rstrip().split("\r\n")
    sink.write(_head(line, fields))
    is_stream = "content-type: text/event-stream" in head.lower()
    if not is_stream:
        await _halves(source, sink, delay)
    await _relay(source, sink, delay if is_stream else lambda: 0.0)


async def _halves(source: asyncio.StreamReader, sink: asyncio.StreamWriter, delay: Delay) -> None:
    """The first piece in two: a page is seen, and used, before it is whole."""
    piece = await source.read(PIECE)
    middle = len(piece) // 2
    sink.write(piece[:middle])
    await sink.drain()
    if middle:
        await asyncio.sleep(delay())
    sink.write(piece[middle:])
    await sink.drain()


async def _relay(source: asyncio.StreamReader, sink: asyncio.StreamWriter, delay: Delay) -> None:
    while piece := await source.read(PIECE):
        await asyncio.sleep(delay())
        sink.write(piece)
        await sink.drain()


def _head(line: str, fields: list[str]) -> bytes:
    """One request a connection: neither side has to know where the other's body ends."""
    kept = [field for field in fields if not field.lower().startswith(HOP)]
    return "\r\n".join([line, *kept, "Connection: close", "", ""]).encode("latin-1")


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
