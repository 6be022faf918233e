"""The near end of the pipe: citizens' signed webhooks at a fixed rate, whatever comes back."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import random
import time
from collections.abc import Sequence
from typing import Any

import aiohttp

from resmi.cli.pipeline.sink import Sink

TICK_S = 0.01
LARGEST_BATCH = 100
ACCOUNT, NUMBER, DISPLAY = "900100", "900200", "628000000000"


class Load:
    """Open-loop load: questions are due at `rate` per second, late answers do not slow them."""

    def __init__(
        self,
        url: str,
        secret: str,
        sink: Sink,
        names: Sequence[str],
        citizens: int,
        retries_s: Sequence[float] = (0.5, 2.0, 5.0),
    ) -> None:
        self.retries_s = retries_s
        self.url = url
        self.secret = secret.encode()
        self.sink = sink
        self.names = names
        self.citizens = citizens
        self.sent: dict[tuple[str, str], float] = {}
        self.acks: list[float] = []
        self.refused = 0
        self._number = itertools.count(1)
        self._chance = random.Random(7)
        self._posts: set[asyncio.Task[None]] = set()

    async def run(self, rate: float, seconds: float, settle_s: float) -> None:
        """Sends for `seconds`, then waits until all is answered, at most `settle_s`."""
        connector = aiohttp.TCPConnector(limit=64)
        async with aiohttp.ClientSession(connector=connector) as session:
            statuses = asyncio.create_task(self._report(session))
            await self._ask(session, rate, seconds)
            await self._settle(settle_s)
            statuses.cancel()
            await asyncio.gather(statuses, return_exceptions=True)

    async def _ask(self, session: aiohttp.ClientSession, rate: float, seconds: float) -> None:
        begin, asked = time.perf_counter(), 0
        while (passed := time.perf_counter() - begin) < seconds:
            due = int(passed * rate) - asked
            for start in range(0, due, LARGEST_BATCH):
                count = min(LARGEST_BATCH, due - start)
                self._post(session, [self._question() for _ in range(count)], "messages")
            asked += max(due, 0)
            await asyncio.sleep(TICK_S)

    def _question(self) -> dict[str, Any]:
        citizen = f"62800{self._chance.randrange(self.citizens):08}"
        name = self.names[next(self._number) % len(self.names)]
        self.sink.expect(citizen, name)
        self.sent.setdefault((citizen, name), time.perf_counter())
        return {
            "from": citizen,
            "id": f"wamid.in{next(self._number)}.{self._chance.getrandbits(40)}",
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": f"Apakah PT {name} terdaftar?"},
        }

    async def _report(self, session: aiohttp.ClientSession) -> None:
        while True:
            owed = self.sink.owed
            while owed:
                batch = [owed.popleft() for _ in range(min(LARGEST_BATCH, len(owed)))]
                self._post(session, batch, "statuses")
            await asyncio.sleep(TICK_S)

    def _post(self, session: aiohttp.ClientSession, items: list[dict[str, Any]], kind: str) -> None:
        task = asyncio.create_task(self._deliver(session, _body(items, kind), kind))
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)

    async def _deliver(self, session: aiohttp.ClientSession, body: bytes, kind: str) -> None:
        signature = hmac.new(self.secret, body, hashlib.sha256).hexdigest()
        headers = {
            "X-Hub-Signature-256": f"sha256={signature}",
            "Content-Type": "application/json",
        }
        for wait_s in (0.0, *self.retries_s):
            await asyncio.sleep(wait_s)
            begin = time.perf_counter()
            try:
                async with session.post(self.url, data=body, headers=headers) as answer:
                    await answer.read()
                    if answer.status == 200:
                        self.acks.append(time.perf_counter() - begin)
                        return
            except aiohttp.ClientError:
                pass
        self.refused += 1

    async def _settle(self, settle_s: float) -> None:
        deadline = time.perf_counter() + settle_s
        while time.perf_counter() < deadline:
            answered = len(self.sink.arrived) == len(self.sent)
            if answered and not self.sink.owed and not self._posts:
                return
            await asyncio.sleep(0.1)


def _body(items: list[dict[str, Any]], kind: str) -> bytes:
    people = {item.get("from") or item.get("recipient_id"): item for item in items}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": DISPLAY, "phone_number_id": NUMBER},
        "contacts": [{"wa_id": one, "profile": {"name": f"C{one}"}} for one in people],
        kind: items,
    }
    change = {"field": "messages", "value": value}
    entry = {"id": ACCOUNT, "changes": [change]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
