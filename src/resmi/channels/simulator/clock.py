"""Virtual time: runs with real time, faster, or stands still until it is advanced."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Awaitable, Callable

Action = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


class Clock:
    """Says the time (Unix seconds) and runs delayed actions.

    Actions must not `sleep` themselves: `advance` waits for each before it moves on, which is what
    makes a week pass in a test in milliseconds, in order.
    """

    def __init__(self, *, rate: float = 1.0, start: float | None = None) -> None:
        self._rate = rate
        self._virtual = time.time() if start is None else start
        self._real = time.monotonic()
        self._stepping = False
        self._due: list[tuple[float, int, Action]] = []
        self._serial = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()

    @property
    def rate(self) -> float:
        """Virtual seconds per real second."""
        return self._rate

    def now(self) -> float:
        """Virtual Unix time in seconds."""
        if self._stepping:
            return self._virtual
        return self._virtual + (time.monotonic() - self._real) * self._rate

    def set_rate(self, rate: float) -> None:
        """Changes how fast time passes from now on. Raises `ValueError` if negative."""
        if rate < 0:
            raise ValueError("time can't run backwards: the rate must be 0 or more")
        self._rebase(self.now())
        self._rate = rate
        self._arm()

    def schedule(self, delay: float, action: Action) -> None:
        """Runs `action` after `delay` virtual seconds; at once, even in still time, if 0."""
        if delay <= 0:
            self._start(action)
            return
        heapq.heappush(self._due, (self.now() + delay, next(self._serial), action))
        self._arm()

    async def sleep(self, seconds: float) -> None:
        """Waits `seconds` of virtual time. Not for use inside a scheduled action."""
        if seconds <= 0:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def wake() -> None:
            if not waiter.done():
                waiter.set_result(None)

        self.schedule(seconds, wake)
        await waiter

    async def advance(self, seconds: float) -> None:
        """Lets `seconds` pass now, every action due on the way done in order."""
        if seconds < 0:
            raise ValueError("time can't run backwards: advance by 0 or more seconds")
        target = self.now() + seconds
        self._rebase(self.now())
        self._stepping = True
        try:
            await self.settle()
            while self._due and self._due[0][0] <= target:
                self._virtual = max(self._virtual, self._due[0][0])
                while self._due and self._due[0][0] <= self._virtual:
                    self._start(heapq.heappop(self._due)[2])
                await self.settle()
        finally:
            self._stepping = False
            self._rebase(target)
            self._arm()

    async def settle(self) -> None:
        """Waits until no started action is still at work."""
        while self._running:
            await asyncio.wait(self._running)

    def forget(self) -> None:
        """Drops every action not yet started."""
        self._due.clear()
        self._arm()

    async def close(self) -> None:
        """Drops what is due and cancels what runs."""
        self.forget()
        for task in list(self._running):
            task.cancel()
        await self.settle()

    def _rebase(self, virtual: float) -> None:
        self._virtual, self._real = virtual, time.monotonic()

    def _start(self, action: Action) -> None:
        task = asyncio.ensure_future(self._guarded(action))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    @staticmethod
    async def _guarded(action: Action) -> None:
        try:  # one failed step must not stop time
            await action()
        except Exception:
            log.exception("a simulated step failed")

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due and self._rate > 0 and not self._stepping:
            wait = max(0.0, (self._due[0][0] - self.now()) / self._rate)
            self._timer = asyncio.get_running_loop().call_later(wait, self._fire)

    def _fire(self) -> None:
        now = self.now() + 1e-6
        while self._due and self._due[0][0] <= now:
            self._start(heapq.heappop(self._due)[2])
        self._arm()
