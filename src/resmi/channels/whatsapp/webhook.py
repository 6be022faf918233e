"""Where WhatsApp delivers: a lean ASGI application ahead of Django.

`GET` is Meta's handshake. `POST` is verified, split, stored in one transaction and only then
answered 200; the workers do the rest. Meta repeats for seven days whatever is not answered 200, and
nothing else can bring an item back, so nothing is acknowledged that is not stored.

Answers: 200 stored · 401 not signed by Meta · 403 wrong handshake · 400 and 405 not Meta at all ·
408 the body did not come in time · 413 more than 3 MB · 503 could not be stored, come again.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import django.db
import psycopg
from django.conf import settings

from resmi.channels.whatsapp import braking, signature, splitting, storing, tally

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = 3 * 1024 * 1024
# A sender that is still writing hears the refusal only once it has been read to here.
LARGEST_DISCARDED = 64 * 1024 * 1024
# Meta sends a body at once; who drips one in would hold connections as long as they like.
BODY_S = 20.0
STORING_S = 10.0
LONGEST_CHALLENGE = 1000
MOST_PARAMETERS = 20


class Answer(Exception):
    """Ends a request with this status and body."""

    def __init__(self, status: int, body: str = "", **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.body = body.encode()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Disconnected(Exception):
    """The sender went away before its body was complete."""


class Webhook:
    """The ASGI application. Reads Django's settings at each request."""

    def __init__(self) -> None:
        self._storage: storing.Storage | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._tally = tally.Tally()
        self._brake = braking.Brake()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request."""
        started = time.perf_counter()
        facts: dict[str, Any] = {}
        try:
            await self._handle(scope, receive, facts)
        except Disconnected:
            self._tally.note("disconnected", time.perf_counter() - started, facts)
        except Answer as answer:
            self._tally.note(str(answer.status), time.perf_counter() - started, facts)
            await _send(send, answer)

    async def close(self) -> None:
        """Gives the database connections back."""
        if self._storage is not None:
            await self._storage.close()
            self._storage = None

    async def _handle(self, scope: Scope, receive: Receive, facts: dict[str, Any]) -> None:
        """Always ends in an `Answer` or `Disconnected`."""
        method = scope["method"]
        facts["method"] = method
        if method == "GET":
            raise _handshake(scope.get("query_string", b""))
        if method != "POST":
            raise Answer(405, allow="GET, POST")
        headers = {name.lower(): value for name, value in scope["headers"]}
        _check_length(headers.get(b"content-length", b""))
        signed = headers.get(b"x-hub-signature-256", b"").decode("latin-1")
        if not signature.is_well_formed(signed):
            raise await self._refusal()
        body = await _body(receive)
        facts["bytes"] = len(body)
        if not signature.is_genuine(settings.WHATSAPP_APP_SECRETS, body, signed):
            raise await self._refusal()
        await self._store(body, facts)
        raise Answer(200)

    async def _refusal(self) -> Answer:
        """The answer to what is not signed, after the wait of those who send much of it."""
        hold_s = self._brake.hold_s(time.monotonic())
        if hold_s is None:
            return Answer(401, connection="close")
        if hold_s:
            try:
                await asyncio.sleep(hold_s)
            finally:
                self._brake.let_go()
        return Answer(401)

    async def _store(self, body: bytes, facts: dict[str, Any]) -> None:
        rows = splitting.split(body, received=datetime.now(UTC))
        facts["items"] = len(rows)
        facts["unparsed"] = sum(row.kind == "unparsed" for row in rows)
        storage = self._storage_here()
        try:
            async with asyncio.timeout(STORING_S):
                facts["new"] = await storage.put(rows)
        except (psycopg.Error, django.db.Error, OSError, TimeoutError) as error:
            facts["error"] = f"{type(error).__name__}: {error}"
            if isinstance(error, TimeoutError):
                self._abandon(storage)
            raise Answer(503, retry_after="5") from error

    def _abandon(self, storage: storing.Storage) -> None:
        """Connections that hang would be hung on again: the next request gets new ones."""
        if storage is self._storage:
            self._storage = None
            closing = asyncio.create_task(storage.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _storage_here(self) -> storing.Storage:
        if self._storage is None or self._storage.loop is not asyncio.get_running_loop():
            self._storage = storing.Storage()
        return self._storage


def _handshake(query: bytes) -> Answer:
    """Meta's check of the address: the challenge back, if the token is the one agreed on."""
    try:
        given = parse_qs(query.decode("latin-1"), max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return Answer(400)
    mode, token, challenge = (
        given.get(f"hub.{name}", [""])[0] for name in ("mode", "verify_token", "challenge")
    )
    agreed = settings.WHATSAPP_VERIFY_TOKEN
    is_agreed = hmac.compare_digest(token.encode(), agreed.encode())
    if mode != "subscribe" or not agreed or not is_agreed or len(challenge) > LONGEST_CHALLENGE:
        return Answer(403)
    return Answer(200, challenge)


async def _body(receive: Receive) -> bytes:
    """The whole body. Raises `Answer` 413 (too large), 408 (too slow) or `Disconnected`."""
    part, more = _part(await receive())
    if not more and len(part) <= LARGEST_BODY:
        return part
    try:
        async with asyncio.timeout(BODY_S):
            return await _rest(part, more, receive)
    except TimeoutError as error:
        raise Answer(408, connection="close") from error


def _part(message: Message) -> tuple[bytes, bool]:
    if message["type"] != "http.request":
        raise Disconnected
    return message.get("body", b""), message.get("more_body", False)


async def _rest(part: bytes, more: bool, receive: Receive) -> bytes:
    parts, size = [part], len(part)
    while more:
        part, more = _part(await receive())
        size += len(part)
        if size <= LARGEST_BODY:
            parts.append(part)
        elif size > LARGEST_DISCARDED:
            raise Answer(413, connection="close")
    if size > LARGEST_BODY:
        raise Answer(413)
    return b"".join(parts)


def _check_length(length: bytes) -> None:
    """Raises `Answer` 413 (too large) or 400 (no length at all)."""
    if not length:
        return
    if not length.isdigit():  # of bytes: ASCII only
        raise Answer(400)
    if int(length[:20]) > LARGEST_DISCARDED:
        raise Answer(413, connection="close")


async def _send(send: Send, answer: Answer) -> None:
    headers = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(answer.body)),
        "x-content-type-options": "nosniff",
        **answer.headers,
    }
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body})


application = Webhook()
