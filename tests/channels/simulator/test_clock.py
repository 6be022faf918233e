from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from resmi.channels.simulator.clock import Clock


def noting(log: list[tuple[str, float]], name: str, clock: Clock) -> Callable[[], Awaitable[None]]:
    async def act() -> None:
        log.append((name, clock.now()))

    return act


def test_a_week_passes_in_order_and_at_once() -> None:
    async def scenario() -> list[tuple[str, float]]:
        clock, log = Clock(rate=0, start=0.0), []
        clock.schedule(600, noting(log, "late", clock))
        clock.schedule(5, noting(log, "early", clock))

        async def again() -> None:
            clock.schedule(10, noting(log, "child", clock))

        clock.schedule(7, again)
        await clock.advance(7 * 86400)
        return log

    assert asyncio.run(scenario()) == [("early", 5), ("child", 17), ("late", 600)]


def test_still_time_moves_only_when_advanced() -> None:
    async def scenario() -> tuple[float, float]:
        clock = Clock(rate=0, start=100.0)
        await asyncio.sleep(0.01)
        before = clock.now()
        await clock.advance(5)
        return before, clock.now()

    assert asyncio.run(scenario()) == (100.0, 105.0)


def test_fast_time_runs_what_is_due() -> None:
    async def scenario() -> list[tuple[str, float]]:
        clock, log = Clock(rate=1000.0, start=0.0), []
        done = asyncio.Event()

        async def five() -> None:
            log.append(("five", clock.now()))
            done.set()

        clock.schedule(5, five)
        await done.wait()
        await clock.close()
        return log

    [(name, at)] = asyncio.run(scenario())
    assert name == "five"
    assert at >= 5


def test_a_sleeper_wakes_when_its_time_has_come() -> None:
    async def scenario() -> bool:
        clock = Clock(rate=0, start=0.0)
        sleeper = asyncio.ensure_future(clock.sleep(3))
        await asyncio.sleep(0)
        await clock.advance(2)
        early = sleeper.done()
        await clock.advance(1)
        await sleeper
        return early

    assert asyncio.run(scenario()) is False


def test_time_never_runs_backwards() -> None:
    async def scenario() -> None:
        await Clock(rate=0).advance(-1)

    with pytest.raises(ValueError, match="backwards"):
        asyncio.run(scenario())
