"""A small Graph API on loopback that answers as a test tells it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

PATIENCE_S = 60.0


@dataclass
class Answer:
    """What to answer a message with, and when; `cut` closes the connection instead."""

    status: int = 200
    code: int = 0
    details: str = ""
    delay_s: float = 0.0
    until: Callable[[], bool] | None = None
    cut: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass
class Post:
    """A message that arrived: when (monotonic seconds), on which number, and its body."""

    at: float
    number: str
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def ref(self) -> str:
        return str(self.body.get("biz_opaque_callback_data", ""))

    @property
    def text(self) -> str:
        return str(self.body.get("text", {}).get("body", ""))


@dataclass
class StoredFile:
    """A citizen's file; `failures` are answered before it is handed over."""

    data: bytes
    mime: str = "image/jpeg"
    failures: deque[int] = field(default_factory=deque)
    info_failures: deque[Answer] = field(default_factory=deque)
    sha256: str = ""


class FakeGraph:
    """The server's state; tests read `posts` and set `answer`."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: list[Post] = []
        self.uploads: list[dict[str, Any]] = []
        self.upload_answers: deque[Answer] = deque()
        self.files: dict[str, StoredFile] = {}
        self.answer: Callable[[Post], Answer] = lambda _: Answer()
        self.in_flight = self.most_in_flight = 0
        self._number = itertools.count(1)

    def refs(self) -> list[str]:
        return [post.ref for post in self.posts]

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/{number}/messages", self._message)
        app.router.add_post("/v1/{number}/media", self._upload)
        app.router.add_get("/v1/{media}", self._info)
        app.router.add_get("/file/{media}", self._file)
        return app

    async def _message(self, request: web.Request) -> web.StreamResponse:
        number = request.match_info["number"]
        post = Post(time.monotonic(), number, await request.json(), dict(request.headers))
        self.posts.append(post)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._answered(request, self.answer(post), self._accepted(post))
        finally:
            self.in_flight -= 1

    def _accepted(self, post: Post) -> dict[str, Any]:
        if "status" in post.body:
            return {"success": True}
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": post.body.get("to", ""), "wa_id": "1"}],
            "messages": [{"id": f"wamid.{next(self._number)}"}],
        }

    async def _answered(
        self, request: web.Request, answer: Answer, success: dict[str, Any]
    ) -> web.StreamResponse:
        await asyncio.sleep(answer.delay_s)
        while answer.until and not answer.until():  # noqa: ASYNC110 (set by another thread)
            await asyncio.sleep(0.01)
        if answer.cut:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if answer.raw is not None:
            return web.Response(status=answer.status, body=answer.raw, headers=answer.headers)
        if answer.status == 200:
            return web.json_response(success)
        error = {
            "message": f"(#{answer.code}) refused",
            "code": answer.code,
            "error_data": {"messaging_product": "whatsapp", "details": answer.details},
        }
        return web.json_response({"error": error}, status=answer.status, headers=answer.headers)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        self.uploads.append(
            {
                "number": request.match_info["number"],
                "product": form["messaging_product"],
                "type": form["type"],
                "filename": file.filename,
                "data": file.file.read(),
            }
        )
        answer = self.upload_answers.popleft() if self.upload_answers else Answer()
        return await self._answered(request, answer, {"id": f"upload.{next(self._number)}"})

    async def _info(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["media"]
        file = self.files.get(name)
        if file is None:
            gone = Answer(status=400, code=100, details="Object does not exist")
            return await self._answered(request, gone, {})
        answer = file.info_failures.popleft() if file.info_failures else Answer()
        digest = file.sha256 or base64.b64encode(hashlib.sha256(file.data).digest()).decode()
        info = {
            "url": self.url.removesuffix("/v1") + f"/file/{name}",
            "mime_type": file.mime,
            "sha256": digest,
            "file_size": len(file.data),
        }
        return await self._answered(request, answer, info)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer token":
            return web.Response(status=401)
        file = self.files[request.match_info["media"]]
        if file.failures:
            return web.Response(status=file.failures.popleft())
        return web.Response(body=file.data, content_type=file.mime)


@contextlib.contextmanager
def serving(port: int = 0) -> Iterator[FakeGraph]:
    """The server in a thread of its own, so that a test can start and kill processes beside it."""
    fake = FakeGraph()
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(fake.app(), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        address = runner.addresses[0]
        fake.url = f"http://127.0.0.1:{address[1]}/v1"
        ready.set()
        await stop.wait()
        await runner.cleanup()
        answering = asyncio.all_tasks() - {asyncio.current_task()}
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(PATIENCE_S)
        yield fake
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE_S)
        loop.close()
