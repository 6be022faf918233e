"""The ASGI application of the probes."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

import msgspec
import structlog
from django.conf import settings
from django.db import Error, connection

from resmi.api.health import metrics, readiness

log = structlog.get_logger()

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip")
PATIENCE_S = 5.0


class Answer(NamedTuple):
    """A status, a body and its type."""

    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers one HTTP request to one of `PATHS`."""
    if scope["method"] not in ("GET", "HEAD"):
        answer = Answer(405, b"")
    elif scope["path"] == "/healthz":
        answer = Answer(200, b"alive\n")
    elif scope["path"] == "/readyz":
        answer = await _ready()
    else:
        answer = await _metrics(scope)
    await _send(send, answer, with_body=scope["method"] != "HEAD")


async def _ready() -> Answer:
    found = await readiness.look()
    body = msgspec.json.encode(found)
    return Answer(200 if found.ready else 503, body, "application/json")


async def _metrics(scope: Scope) -> Answer:
    if not may_read(scope):
        return Answer(403, b"Ask from this machine, or with RESMI_METRICS_TOKEN as bearer token.\n")
    try:
        async with asyncio.timeout(PATIENCE_S):
            return Answer(200, await asyncio.to_thread(_rendered), metrics.CONTENT_TYPE)
    except (Error, OSError, TimeoutError) as error:
        log.warning("metrics_failed", action="metrics_failed", error_type=type(error).__name__)
        return Answer(503, b"The database does not answer.\n")


def _rendered() -> bytes:
    try:
        return metrics.render()
    finally:
        connection.close()


def may_read(scope: Scope) -> bool:
    """Whether the asker shows the token; where none is set, whether it is this machine itself.

    What a proxy on this machine forwards comes from elsewhere.
    """
    headers = {name.lower(): value for name, value in scope["headers"]}
    if settings.METRICS_TOKEN:
        expected = f"Bearer {settings.METRICS_TOKEN}".encode()
        return hmac.compare_digest(headers.get(b"authorization", b""), expected)
    host = (scope.get("client") or ("",))[0]
    return host in LOOPBACK and not any(name in headers for name in FORWARDED)


async def _send(send: Send, answer: Answer, *, with_body: bool) -> None:
    headers = {
        "content-type": answer.kind,
        "content-length": str(len(answer.body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body if with_body else b""})
