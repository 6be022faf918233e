"""Looks for the highest rate that is sustained."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from resmi.cli.pipeline.result import Result

STEP_S = 8.0
GROWTH = 1.5
HALVINGS = 3
SLOWEST_P99_MS = 1000.0
LEAST_SHARE = 0.95
MOST_STEPS = 12


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rate tried."""

    offered_per_s: float
    answered_per_s: float
    reply_p99_ms: float | None
    cpu_ms_per_answer: float
    is_sustained: bool


class Ceiling(msgspec.Struct, frozen=True, kw_only=True):
    """The highest rate sustained (0 if none was), and the most answered while overloaded."""

    answered_per_s: float
    at_most_per_s: float
    steps: list[Step]


async def climb(load: Callable[[float, float], Awaitable[Result]], *, first: float) -> Ceiling:
    """Raises the rate until it is not sustained, then halves the distance a few times."""
    steps: list[Step] = []
    low, high = 0.0, 0.0
    rate = first
    while len(steps) < MOST_STEPS:
        step = judge(await load(rate, STEP_S))
        steps.append(step)
        if step.is_sustained:
            low = rate
        else:
            high = rate
        if high and (high - low < high / 2**HALVINGS or high < 2):
            break
        rate = (low + high) / 2 if high else rate * GROWTH
    kept = [step.answered_per_s for step in steps if step.is_sustained]
    return Ceiling(
        answered_per_s=max(kept, default=0.0),
        at_most_per_s=max(step.answered_per_s for step in steps),
        steps=steps,
    )


def judge(result: Result) -> Step:
    """Sustained: nothing lost or doubled, 95 % answered in time, 99 of 100 within a second."""
    is_whole = not (result.lost or result.duplicates or result.refused_posts)
    keeps_up = result.answered_per_s >= LEAST_SHARE * result.offered_per_s
    p99 = result.reply_p99_ms
    return Step(
        offered_per_s=result.offered_per_s,
        answered_per_s=result.answered_per_s,
        reply_p99_ms=p99,
        cpu_ms_per_answer=result.cpu_ms_per_answer.get("total", 0.0),
        is_sustained=is_whole and keeps_up and p99 is not None and p99 <= SLOWEST_P99_MS,
    )
