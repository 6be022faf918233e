"""The near end of the pipe: citizens' signed webhooks at a fixed rate, whatever comes back."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import random
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit

from resmi.channels.whatsapp import posting
from resmi.cli.pipeline.sink import Sink

# WhatsApp gathers what is to be told while there is much of it; alone, an item comes at once.
TICK_S = 0.01
LARGEST_BATCH = 100
CONNECTIONS = 64
ACCOUNT, NUMBER, DISPLAY = "900100", "900200", "628000000000"
_BODY = (
    '{"object":"whatsapp_business_account","entry":[{"id":"' + ACCOUNT + '","changes":'
    '[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":'
    '{"display_phone_number":"' + DISPLAY + '","phone_number_id":"' + NUMBER + '"},'
    '"contacts":[%s],"%s":[%s]}}]}]}'
)
_CONTACT = '{"wa_id":"%s","profile":{"name":"C%s"}}'
_QUESTION = (
    '{"from":"%s","id":"wamid.in%d.%d","timestamp":"%d","type":"text",'
    '"text":{"body":"Apakah PT %s terdaftar?"}}'
)


class Load:
    """Open-loop load: questions are due at `rate` per second, late answers do not slow them.

    `sent` says when each question was due, so that whatever delays it counts. Loads on the same
    database need different seeds.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        sink: Sink,
        names: Sequence[str],
        citizens: int,
        retries_s: Sequence[float] = (0.5, 2.0, 5.0),
        seed: int = 7,
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
        self._chance = random.Random(seed)
        self._seed = seed
        self._posts: set[asyncio.Task[None]] = set()

    async def run(self, rate: float, seconds: float, settle_s: float) -> None:
        """Sends for `seconds`, then waits until all is answered.

        At most `settle_s`, or as long as one of its own posts is still tried again.
        """
        async with self.posting_to() as poster:
            statuses = asyncio.create_task(self._report(poster))
            await self._ask(poster, rate, seconds)
            await self._settle(settle_s)
            statuses.cancel()
            await asyncio.gather(statuses, return_exceptions=True)

    def posting_to(self) -> AbstractAsyncContextManager[posting.Poster]:
        """Connections to the webhook, for as long as the block lasts."""
        parts = urlsplit(self.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        return posting.opened(origin, {}, connections=CONNECTIONS)

    def ask_as(self, poster: posting.Poster, citizen: str, number: int) -> None:
        """Sends one more question of this citizen, whose answer nobody waits for."""
        name = self.names[number % len(self.names)]
        raw = _QUESTION % (citizen, self._seed, number, time.time(), name)
        self._post(poster, [citizen], [raw], "messages")

    async def _ask(self, poster: posting.Poster, rate: float, seconds: float) -> None:
        begin, asked, passed = time.perf_counter(), 0, 0.0
        while passed < seconds:
            passed = min(time.perf_counter() - begin, seconds)
            due = int(passed * rate)
            while asked < due:
                count = min(LARGEST_BATCH, due - asked)
                group = [self._question(begin + (asked + n) / rate) for n in range(count)]
                self._post(poster, [one for one, _ in group], [raw for _, raw in group], "messages")
                asked += count
            await asyncio.sleep(TICK_S)

    def _question(self, due_at: float) -> tuple[str, str]:
        """A citizen and the JSON of what they ask."""
        number = next(self._number)
        name = self.names[number % len(self.names)]
        citizen = self._somebody()
        while name in self.sink.asked.get(citizen, ()):
            citizen = self._somebody()  # Who asks the same twice couldn't be told from a repeat.
        self.sink.expect(citizen, name)
        self.sent[citizen, name] = due_at
        return citizen, _QUESTION % (citizen, self._seed, number, time.time(), name)

    def _somebody(self) -> str:
        return f"62800{self._chance.randrange(self.citizens):08}"

    async def _report(self, poster: posting.Poster) -> None:
        while True:
            owed = self.sink.owed
            while owed:
                batch = [owed.popleft() for _ in range(min(LARGEST_BATCH, len(owed)))]
                people = [one.citizen for one in batch]
                self._post(poster, people, [one.raw for one in batch], "statuses")
            await asyncio.sleep(TICK_S)

    def _post(
        self, poster: posting.Poster, people: Sequence[str], items: Sequence[str], kind: str
    ) -> None:
        task = asyncio.create_task(self._deliver(poster, body(people, items, kind)))
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)

    async def _deliver(self, poster: posting.Poster, raw: bytes) -> None:
        signature = hmac.digest(self.secret, raw, hashlib.sha256).hex().encode()
        path = urlsplit(self.url).path
        signed = b"X-Hub-Signature-256: sha256=%b\r\n" % signature
        for wait_s in (0.0, *self.retries_s):
            await asyncio.sleep(wait_s)
            begin = time.perf_counter()
            try:
                answer = await poster.post(path, raw, more=signed)
            except (posting.NotConnected, posting.NoAnswer):
                continue
            if answer.status == 200:
                self.acks.append(time.perf_counter() - begin)
                return
        self.refused += 1

    async def _settle(self, settle_s: float) -> None:
        deadline = time.perf_counter() + settle_s
        while self._posts or time.perf_counter() < deadline:
            answered = self.sent.keys() <= self.sink.arrived.keys()
            if answered and not self.sink.owed and not self._posts:
                return
            await asyncio.sleep(0.1)


def body(people: Sequence[str], items: Sequence[str], kind: str) -> bytes:
    """A POST of WhatsApp's with these items (JSON) of one kind, about these people."""
    contacts = ",".join(_CONTACT % (one, one) for one in dict.fromkeys(people))
    return (_BODY % (contacts, kind, ",".join(items))).encode()
