"""A town of citizens who write without a pause, and WhatsApp between them and us.

with town.living([url], far_port=port, secret="s", names=names) as here:
    here.write(rate=20, seconds=5)
    …kill something…
    here.settle()

WhatsApp repeats what we do not acknowledge, takes what we send, and reports on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, TypeVar

import aiohttp
from aiohttp import web

from resmi.channels.whatsapp import signature
from resmi.cli.pipeline import load

REPEAT_S = 0.4
POST_S = 15.0
TIRED_S = 90.0
HUMAN_EVERY = 12
T = TypeVar("T")


class Far:
    """WhatsApp's side: takes what we send, knows how often each reference came, reports on it."""

    def __init__(self) -> None:
        self.refs: Counter[str] = Counter()
        self.first: dict[str, float] = {}
        self.owed: deque[dict[str, Any]] = deque()
        self._number = itertools.count(1)

    def app(self) -> web.Application:
        """The endpoint senders use."""
        app = web.Application()
        app.router.add_post("/{version}/{number}/messages", self._take)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("status") == "read":
            return web.json_response({"success": True})
        citizen = str(body["to"]).lstrip("+")
        ref, name = body["biz_opaque_callback_data"], f"wamid.out{next(self._number)}"
        self.refs[ref] += 1
        self.first.setdefault(citizen, time.monotonic())
        about = {"id": name, "recipient_id": citizen, "biz_opaque_callback_data": ref}
        for status in ("sent", "delivered", "read"):
            self.owed.append({**about, "status": status, "timestamp": str(int(time.time()))})
        return web.json_response(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": citizen, "wa_id": citizen}],
                "messages": [{"id": name}],
            }
        )


class Town:
    """What citizens wrote, what was acknowledged, and what they got. Times are monotonic."""

    def __init__(self, urls: Sequence[str], secret: str, names: Sequence[str]) -> None:
        self.urls = list(urls)
        self.secret = secret
        self.far = Far()
        self.asked: dict[str, float] = {}
        self.acknowledged: dict[str, float] = {}
        self.for_a_human: set[str] = set()
        self.refusals: Counter[str] = Counter()
        self._names = itertools.cycle(names)
        self._numbers = itertools.count(1)
        self._turns = itertools.count()
        self._chance = random.Random(11)
        self._loop = asyncio.new_event_loop()
        self._posts: set[asyncio.Task[None]] = set()
        self._writing: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def write(self, *, rate: float, seconds: float) -> None:
        """Begins to write messages, `rate` a second for `seconds`; returns at once."""
        self._run(self._begin(rate, seconds))

    def ask_once(self) -> str:
        """One citizen asks one question; its WhatsApp id."""
        return self._run(self._ask_one())

    def wait_until_written(self) -> None:
        """Returns when the last message that any `write` announced was posted once."""
        while self._writing:
            time.sleep(0.05)

    def settle(self, patience_s: float = 60.0) -> None:
        """Waits until nothing is on its way to us; fails when that takes too long."""
        self.wait_until_written()
        deadline = time.monotonic() + patience_s
        while self._posts or self.far.owed:
            assert time.monotonic() < deadline, f"refused for too long: {dict(self.refusals)}"
            time.sleep(0.05)

    async def _begin(self, rate: float, seconds: float) -> None:
        task = asyncio.create_task(self._write(rate, seconds))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, rate: float, seconds: float) -> None:
        for _ in range(round(rate * seconds)):
            await self._ask_one()
            await asyncio.sleep(self._chance.expovariate(rate))

    async def _ask_one(self) -> str:
        number = next(self._numbers)
        name, citizen = f"wamid.q{number}", f"62811{number:08}"
        wants_human = number % HUMAN_EVERY == 0
        if wants_human:
            self.for_a_human.add(name)
        words = "agent" if wants_human else f"Apakah PT {next(self._names)} terdaftar?"
        item = {
            "from": citizen,
            "id": name,
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": words},
        }
        self.asked[name] = time.monotonic()
        self._post([item], "messages")
        return name

    def _post(self, items: list[dict[str, Any]], kind: str) -> None:
        task = asyncio.create_task(self._deliver(items, kind))
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)

    async def _deliver(self, items: list[dict[str, Any]], kind: str) -> None:
        """Repeats until acknowledged, as WhatsApp does, though sooner."""
        body = _body(items, kind)
        headers = {"X-Hub-Signature-256": signature.sign(self.secret, body)}
        begin = time.monotonic()
        while time.monotonic() - begin < TIRED_S:
            url = self.urls[next(self._turns) % len(self.urls)]
            if await self._is_taken(url, body, headers):
                for item in items if kind == "messages" else ():
                    self.acknowledged[item["id"]] = time.monotonic()
                return
            await asyncio.sleep(REPEAT_S)
        self.refusals["given up"] += 1

    async def _is_taken(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        assert self._session
        try:
            async with self._session.post(url, data=body, headers=headers) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.refusals[type(error).__name__] += 1
            return False
        if answer.status != 200:
            self.refusals[str(answer.status)] += 1
        return answer.status == 200

    async def _report(self) -> None:
        while True:
            owed = self.far.owed
            while owed:
                self._post([owed.popleft() for _ in range(min(50, len(owed)))], "statuses")
            await asyncio.sleep(0.02)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _open(self, far_port: int) -> web.AppRunner:
        runner = web.AppRunner(self.far.app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", far_port).start()
        timeout = aiohttp.ClientTimeout(total=POST_S)
        self._session = aiohttp.ClientSession(timeout=timeout)
        self._reporting = asyncio.create_task(self._report())
        return runner

    async def _close(self, runner: web.AppRunner) -> None:
        tasks = [self._reporting, *self._posts, *self._writing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            await self._session.close()
        await runner.cleanup()


@contextlib.contextmanager
def living(
    urls: Sequence[str], *, far_port: int, secret: str, names: Sequence[str]
) -> Iterator[Town]:
    """A town that writes to the webhooks at `urls` in turn, answered at `far_port`."""
    here = Town(urls, secret, names)
    thread = threading.Thread(target=here._loop.run_forever, daemon=True)
    thread.start()
    runner = here._run(here._open(far_port))
    try:
        yield here
    finally:
        with contextlib.suppress(TimeoutError):
            here._run(here._close(runner))
        here._loop.call_soon_threadsafe(here._loop.stop)
        thread.join()
        here._loop.close()


def _body(items: list[dict[str, Any]], kind: str) -> bytes:
    people = {str(item.get("from") or item["recipient_id"]): None for item in items}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": load.DISPLAY, "phone_number_id": load.NUMBER},
        "contacts": [{"wa_id": one, "profile": {"name": f"C{one}"}} for one in people],
        kind: items,
    }
    entry = {"id": load.ACCOUNT, "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
