"""A real simulator and a real webhook receiver on loopback ports, driven from a test."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
from aiohttp import web

from resmi.channels.simulator import server
from resmi.channels.simulator.config import Config

PHONE = "109876543210001"
WABA = "209876543210001"
BUDI = "+6281255500111"
SECRET = "shared-secret"
V = "/v26.0"
PATIENCE_S = 60.0

Json = dict[str, Any]


class Stand:
    """Time stands still until `advance`; `received` holds every webhook body as it came."""

    def __init__(self, **config: Any) -> None:
        self.received: list[tuple[bytes, str]] = []
        self.answer: Callable[[int], int] = lambda serial: 200
        self.verify_token = "verify-me"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._config = {"clock_rate": 0.0, "app_secret": SECRET, "port": 0} | config
        self.base = self.run(self._start())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    async def _start(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/hook", self._hook)
        self._receiver = web.AppRunner(app)
        await self._receiver.setup()
        await web.TCPSite(self._receiver, "127.0.0.1", 0).start()
        self.hook_url = f"http://127.0.0.1:{self._receiver.addresses[0][1]}/hook"
        self.session = aiohttp.ClientSession()
        self._stop = asyncio.Event()
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        config = Config(webhook_url=self.hook_url, **self._config)
        self._serving = asyncio.ensure_future(
            server.serve(config, ready=ready.set_result, until=self._stop)
        )
        return await ready

    async def _hook(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            good = request.query.get("hub.verify_token") == self.verify_token
            text = request.query["hub.challenge"] if good else "no"
            return web.Response(text=text, status=200 if good else 403)
        status = self.answer(len(self.received))
        self.received.append((await request.read(), request.headers["X-Hub-Signature-256"]))
        return web.Response(status=status)

    async def _stopped(self) -> None:
        self._stop.set()
        await self._serving
        await self.session.close()
        await self._receiver.cleanup()

    def close(self) -> None:
        self.run(self._stopped())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def call(self, method: str, path: str, body: object = None, **options: Any) -> tuple[int, Any]:
        async def ask() -> tuple[int, Any]:
            kind: Json = {} if body is None else {"json": body}
            async with self.session.request(method, self.base + path, **kind, **options) as answer:
                raw = await answer.read()
                is_json = answer.content_type == "application/json"
                return answer.status, json.loads(raw) if is_json else raw

        status, result = self.run(ask())
        return int(status), result

    def graph(self, method: str, path: str, body: object = None, token: str = "t") -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return self.call(method, V + path, body, headers=headers)

    def send(self, content: Json | None = None, *, to: str = BUDI, **more: Any) -> tuple[int, Json]:
        content = content or {"type": "text", "text": {"body": "Halo"}}
        body = {"messaging_product": "whatsapp", **({"to": to} if to else {}), **content, **more}
        status, answer = self.graph("POST", f"/{PHONE}/messages", body)
        return status, answer

    def sent_id(self, content: Json | None = None, **more: Any) -> str:
        status, answer = self.send(content, **more)
        assert status == 200, answer
        return str(answer["messages"][0]["id"])

    def say(self, who: str = "budi", **said: Any) -> Json:
        status, message = self.call("POST", f"/control/citizens/{who}/say", said)
        assert status == 201, message
        self.settle()
        return dict(message)

    def change(self, who: str = "budi", **change: Any) -> Json:
        status, citizen = self.call("POST", f"/control/citizens/{who}", change)
        assert status == 200, citizen
        self.settle()
        return dict(citizen)

    def faults(self, **faults: Any) -> None:
        status, answer = self.call("PUT", "/control/faults", faults)
        assert status == 200, answer

    def advance(self, seconds: float) -> None:
        assert self.call("POST", "/control/clock", {"advance": seconds})[0] == 200

    def settle(self) -> None:
        self.call("POST", "/control/settle", {})

    def state(self) -> Json:
        return dict(self.call("GET", "/control/state")[1])

    def changes(self) -> list[Json]:
        return [
            change
            for body, _ in self.received
            for entry in json.loads(body)["entry"]
            for change in entry["changes"]
        ]

    def messages(self) -> list[Json]:
        return [one for change in self.changes() for one in change["value"].get("messages", [])]

    def statuses(self, message: str = "") -> list[Json]:
        return [
            one
            for change in self.changes()
            for one in change["value"].get("statuses", [])
            if message in ("", one["id"])
        ]

    def names(self, message: str) -> list[str]:
        return [one["status"] for one in self.statuses(message)]
