"""`GET /live/?topics=a,b`: Server-Sent Events for signed-in staff, as a plain ASGI application.

Events: `change` {topic, data}; `beat` each 15 s; `ready` once all that was missed is sent;
`resync` when it can't be told what was missed; `again` when the stream ends to be opened anew.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from contextlib import suppress
from functools import partial
from importlib import import_module
from types import FrameType
from typing import Any
from urllib.parse import parse_qsl
from weakref import WeakKeyDictionary

import msgspec
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import Error, connection
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from resmi.agency import access, entrance
from resmi.agency.live import hub, rules
from resmi.agency.live.rules import Mark
from resmi.agency.models import User

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LIFE_S = 300.0
"""A stream ends after this long; opening it anew checks the session and the role again."""

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, hub.Hub] = WeakKeyDictionary()


class Refused(Exception):
    """The stream is not opened; the HTTP status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def stream_application(scope: Message, receive: Receive, send: Send) -> None:
    """Answers one request for a stream."""
    try:
        topics, last = _read_query(scope)
        await _check_listener(scope, topics)
        here = _hub()
        subscription = await here.subscribe(topics)
    except Refused as refusal:
        await _refuse(send, refusal.status)
        return
    except (TimeoutError, Error):
        await _refuse(send, 503)
        return
    try:
        await _until_first(
            _write(subscription, last, send), _gone(receive), subscription.dropped.wait()
        )
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(1):
                await send({"type": "http.response.body", "body": _AGAIN})
    finally:
        here.unsubscribe(subscription)


def end_with_process() -> None:
    """Ends all streams of this event loop when the process is asked to end.

    The server waits for open responses before it says a word to applications, so the signal itself
    must be heard; whoever handled it before still does. Call it once the server's handlers stand.
    """
    loop, here = asyncio.get_running_loop(), _hub()
    for number in (signal.SIGTERM, signal.SIGINT):
        _also_on(number, partial(loop.call_soon_threadsafe, here.close))


def _also_on(number: signal.Signals, act: Callable[[], object]) -> None:
    before = signal.getsignal(number)

    def handle(signum: int, frame: FrameType | None) -> None:
        act()
        if callable(before):
            before(signum, frame)

    signal.signal(number, handle)


def _hub() -> hub.Hub:
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = hub.Hub()
    return _hubs[loop]


def _read_query(scope: Message) -> tuple[frozenset[str], str | None]:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    topics = rules.read_topics(query.get("topics", ""))
    if scope["method"] != "GET" or not 0 < len(topics) <= rules.MAX_TOPICS:
        raise Refused(400)
    return topics, _header(scope, b"last-event-id") or query.get("last")


async def _check_listener(scope: Message, topics: frozenset[str]) -> None:
    user = await sync_to_async(_account, thread_sensitive=False)(_header(scope, b"cookie") or "")
    if user is None:
        raise Refused(401)
    if not all(rules.may_hear(user.role, user.pk, topic) for topic in topics):
        raise Refused(403)
    if not await sync_to_async(_may_see, thread_sensitive=False)(user, rules.things(topics)):
        raise Refused(403)


def _may_see(user: User, conversations: list[int]) -> bool:
    try:
        return all(access.can_see(user, "conversation_id", one) for one in conversations)
    finally:
        connection.close()


def _account(cookies: str) -> User | None:
    """The signed-in, active account of a `Cookie` header, or None."""
    request = HttpRequest()
    engine = import_module(settings.SESSION_ENGINE)
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    request.session = engine.SessionStore(key)
    try:
        user = get_user(request)
        if not isinstance(user, User) or not access.can(user, "use_account"):
            return None
        return None if entrance.due(user, request.session) else user
    finally:
        connection.close()


async def _write(subscription: hub.Subscription, last: str | None, send: Send) -> None:
    missed = await sync_to_async(_missed, thread_sensitive=False)(subscription.topics, last)
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await _body(send, b"retry: 1000\n\n" + b"".join(missed))
    # Not wait_for, which in Python 3.11 can swallow the cancellation of this task.
    with suppress(TimeoutError):
        async with asyncio.timeout(LIFE_S):
            while True:
                await _body(send, await subscription.lines.get())


def _missed(topics: frozenset[str], last: str | None) -> list[bytes]:
    """The lines that bring a stream from where it was to now. Runs in a thread of its own."""
    now = time.time()
    try:
        with connection.cursor() as cursor:
            cursor.execute(hub.NOW)
            position, newest = cursor.fetchone()
            ready = rules.line("ready", {}, Mark(position, int(now)))
            mark = rules.read_mark(last or "")
            if last is None:
                return [ready]
            if mark is None or not rules.can_resume(mark, now=now, newest=newest):
                return [rules.line("resync", {}), ready]
            wanted = rules.with_bundles(topics)
            cursor.execute(hub.SINCE, [mark.position, wanted, wanted])
            return [*_changes(cursor.fetchall(), topics, mark), ready]
    finally:
        connection.close()


def _changes(
    rows: Iterable[tuple[str, str]], topics: frozenset[str], mark: Mark
) -> Iterator[bytes]:
    for topic, data in rows:
        for one, hint in rules.unbundled(topic, msgspec.json.decode(data)):
            if one in topics:
                yield rules.line("change", {"topic": one, "data": hint}, mark)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_first(*work: Awaitable[Any]) -> None:
    """Runs all until one is done; cancels the others. An error of the first is raised."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _header(scope: Message, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key.lower() == name:
            return str(value.decode("latin-1"))
    return None


async def _body(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


_AGAIN = rules.line("again", {})
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
