"""The far end of the pipe: takes replies like the Graph API and reports on them like WhatsApp."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec

REPORTS = ("sent", "delivered", "read")
_ANSWER = (
    '{"messaging_product":"whatsapp","contacts":[{"input":"%s","wa_id":"%s"}],'
    '"messages":[{"id":"%s"}]}'
)
_REPORT = (
    '{"id":"%s","status":"%s","timestamp":"%d","recipient_id":"%s","biz_opaque_callback_data":"%s"}'
)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


class _Written(msgspec.Struct):
    body: str | dict[str, str] = ""


class _Reply(msgspec.Struct):
    """What the sink needs of a message: whom it is to, its words, our reference."""

    to: str = ""
    status: str = ""
    text: _Written | None = None
    interactive: _Written | None = None
    biz_opaque_callback_data: str = ""


class Owed(msgspec.Struct, frozen=True):
    """A status to be reported to the webhook: about whom, and its JSON."""

    citizen: str
    raw: str


class Sink:
    """Answers every POST with an id, notes when it came, and owes three status webhooks for it.

    `watched_replies` counts what went to the citizen `watched` (digits).
    """

    def __init__(self) -> None:
        self.arrived: dict[tuple[str, str], float] = {}
        self.duplicates = 0
        self.replies = 0
        self.watched = ""
        self.watched_replies = 0
        self.owed: deque[Owed] = deque()
        self.asked: dict[str, set[str]] = {}
        self.listeners: list[Callable[[], None]] = []
        self._number = itertools.count(1)
        self._decode = msgspec.json.Decoder(_Reply).decode

    def expect(self, citizen: str, name: str) -> None:
        """A question by `citizen` (digits) about `name` is under way."""
        self.asked.setdefault(citizen, set()).add(name)

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Answers on a port of loopback for as long as the block lasts."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", port, backlog=512)
        try:
            yield
        finally:
            server.close()

    def take(self, body: bytes) -> bytes:
        """The answer to one POST's body."""
        reply = self._decode(body)
        if reply.status == "read":
            return b'{"success":true}'
        citizen = reply.to.lstrip("+")
        provider_id = f"wamid.out{next(self._number)}"
        self.replies += 1
        self.watched_replies += citizen == self.watched
        self._match(citizen, _words(reply))
        now = int(time.time())
        for status in REPORTS:
            ref = reply.biz_opaque_callback_data
            self.owed.append(Owed(citizen, _REPORT % (provider_id, status, now, citizen, ref)))
        return (_ANSWER % (citizen, citizen, provider_id)).encode()

    def _match(self, citizen: str, text: str) -> None:
        for name in self.asked.get(citizen, ()):
            if name in text:
                if (citizen, name) in self.arrived:
                    self.duplicates += 1
                self.arrived.setdefault((citizen, name), time.perf_counter())


def _words(reply: _Reply) -> str:
    written = reply.text or reply.interactive
    body = written.body if written else ""
    return body if isinstance(body, str) else body.get("text", "")


class _Connection(asyncio.Protocol):
    """As much of HTTP as our own sender speaks; a web framework would cost more than the sender."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        held = self._held + data
        while (end := held.find(b"\r\n\r\n")) >= 0:
            length = _length(held[:end])
            begin = end + 4
            if len(held) < begin + length:
                break
            answer = self._sink.take(held[begin : begin + length])
            self._transport.write(_HEAD % (len(answer), answer))  # type: ignore[attr-defined]
            held = held[begin + length :]
        self._held = held


def _length(head: bytes) -> int:
    lower = head.lower()
    begin = lower.index(b"\r\ncontent-length:") + 17
    end = lower.find(b"\r\n", begin)
    return int(lower[begin : end if end >= 0 else None])
