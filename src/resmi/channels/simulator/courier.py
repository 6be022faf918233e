"""Posts webhooks: batched, signed, several at once, again and again until they are taken."""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable

import aiohttp
import msgspec

from resmi.channels.simulator import webhooks
from resmi.channels.simulator.clock import Clock
from resmi.channels.simulator.faults import Faults
from resmi.channels.simulator.files import CantFetch
from resmi.channels.simulator.webhooks import Item

GIVE_UP = 7 * 24 * 3600.0
SLOWEST = 6 * 3600.0
KEPT = 500

log = logging.getLogger(__name__)


class Target(msgspec.Struct, kw_only=True):
    """Where webhooks go. `state` is what is known of the far end."""

    url: str = ""
    secret: str = ""
    verify_token: str = ""
    verified: bool = False


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One POST that was made. `status` 0: nobody answered, `error` says why."""

    serial: int
    at: float
    status: int
    items: int
    tries: int
    size: int
    error: str = ""


def backoff(tries: int) -> float:
    """Virtual seconds before try number `tries` + 1: at once at first, then ever more slowly."""
    return min(SLOWEST, 0.5 * 3.0 ** (tries - 1))


class Courier:
    """Takes updates and gets them to the webhook, at least once each."""

    def __init__(
        self,
        clock: Clock,
        target: Target,
        faults: Callable[[], Faults],
        on_result: Callable[[list[Item], Attempt], None],
        timeout: float,
    ) -> None:
        self.target = target
        self.log: deque[Attempt] = deque(maxlen=KEPT)
        self.waiting = 0
        self.dropped = 0
        self._clock = clock
        self._faults = faults
        self._on_result = on_result
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None
        self._pending: list[Item] = []
        self._serial = 0

    async def start(self) -> None:
        """Opens the connection pool."""
        connector = aiohttp.TCPConnector(limit=64)
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)

    async def close(self) -> None:
        """Closes the connection pool."""
        if self._session is not None:
            await self._session.close()

    def put(self, items: list[Item]) -> None:
        """Takes updates; they leave at once, or when a batch is full or has waited enough."""
        faults = self._faults()
        if faults.batch <= 1:
            for item in items:
                self._dispatch([item])
            return
        if not self._pending:
            self._clock.schedule(faults.batch_wait, self._flush)
        self._pending += items
        while len(self._pending) >= faults.batch:
            full, self._pending = self._pending[: faults.batch], self._pending[faults.batch :]
            self._dispatch(full)

    def put_after(self, delay: float, items: list[Item]) -> None:
        """Takes updates that leave after `delay` virtual seconds."""

        async def act() -> None:
            self.put(items)

        self._clock.schedule(delay, act)

    async def put_now(self, items: list[Item]) -> None:
        """Posts updates and waits for the first answer."""
        await self._post(items, 1, self._clock.now())

    async def post_raw(self, body: bytes, secret: str) -> int:
        """Posts these very bytes once, signed with `secret`; the status, 0 if unanswered."""
        status, _ = await self._send(body, webhooks.sign(secret, body))
        return status

    async def handshake(self) -> bool:
        """Meta's GET challenge; remembers and returns whether it was answered rightly."""
        challenge = secrets.token_hex(8)
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": self.target.verify_token,
        }
        session = self._session
        self.target.verified = False
        if session is not None and self.target.url:
            try:
                async with session.get(self.target.url, params=query) as answer:
                    text = await answer.text()
                    self.target.verified = answer.status == 200 and text == challenge
            except (aiohttp.ClientError, TimeoutError) as error:
                log.info("the webhook did not answer the challenge: %s", error)
        return self.target.verified

    async def fetch(self, link: str, limit: int) -> tuple[bytes, str]:
        """The bytes and MIME type at an address, as for media sent by link. Raises `CantFetch`."""
        session = self._session
        if session is None:
            raise CantFetch("the simulator is not started")
        try:
            async with session.get(link) as answer:
                if answer.status != 200:
                    raise CantFetch(f"Downloading media failed with HTTP {answer.status}.")
                data = await answer.content.read(limit + 1)
                return data, answer.content_type
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise CantFetch(f"Downloading media failed: {error}") from error

    async def _flush(self) -> None:
        items, self._pending = self._pending, []
        if items:
            self._dispatch(items)

    def _dispatch(self, items: list[Item]) -> None:
        if not self.target.url:
            return
        self.waiting += 1
        for _ in range(max(1, self._faults().duplicates) - 1):
            self._later(items, 0.0, 1, self._clock.now(), counted=False)
        self._later(items, 0.0, 1, self._clock.now(), counted=True)

    def _later(
        self, items: list[Item], delay: float, tries: int, since: float, *, counted: bool
    ) -> None:
        async def act() -> None:
            status = await self._post(items, tries, since)
            if not counted:
                return
            if status == 200:
                self.waiting -= 1
            else:
                self._again(items, tries, since)

        self._clock.schedule(delay, act)

    def _again(self, items: list[Item], tries: int, since: float) -> None:
        delay = backoff(tries)
        if self._clock.now() + delay - since > GIVE_UP:
            self.waiting -= 1
            self.dropped += len(items)
            return
        groups = [[item] for item in items] if self._faults().regroup else [items]
        self.waiting += len(groups) - 1
        for group in groups:
            self._later(group, delay, tries + 1, since, counted=True)

    async def _post(self, items: list[Item], tries: int, since: float) -> int:
        faults = self._faults()
        content = webhooks.body_of(items, mix=faults.mix, unknown_fields=faults.unknown_fields)
        body = webhooks.encode(content)
        secret = self.target.secret + ("-wrong" if faults.take_wrong_signature() else "")
        status, error = await self._send(body, webhooks.sign(secret, body))
        self._serial += 1
        attempt = Attempt(
            serial=self._serial,
            at=self._clock.now(),
            status=status,
            items=len(items),
            tries=tries,
            size=len(body),
            error=error,
        )
        self.log.append(attempt)
        self._on_result(items, attempt)
        return status

    async def _send(self, body: bytes, signature: str) -> tuple[int, str]:
        session = self._session
        if session is None or not self.target.url:
            return 0, "no webhook is registered"
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": signature,
        }
        try:
            async with session.post(self.target.url, data=body, headers=headers) as answer:
                await answer.read()
                return answer.status, ""
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return 0, str(error) or type(error).__name__
