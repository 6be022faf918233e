"""What `resmi bench flood` makes of its measurements; the load itself is test_pipeline's."""

from __future__ import annotations

import pytest

from resmi.cli.pipeline import flooding
from resmi.cli.pipeline.result import Result


def result(ack_ms: float | None) -> Result:
    return Result(
        offered_per_s=20,
        answered_per_s=20,
        asked=20,
        answered=20,
        lost=0,
        duplicates=0,
        refused_posts=0,
        ack_p50_ms=ack_ms,
        ack_p99_ms=ack_ms,
        reply_p50_ms=ack_ms,
        reply_p99_ms=ack_ms,
        reply_most_ms=ack_ms,
        cpu_seconds={},
        cpu_ms_per_answer={},
        postgres_cpu_seconds={},
        peak_rss_mb={},
    )


@pytest.mark.parametrize(
    ("beside", "alone", "again", "times"),
    [(12.0, 10.0, 8.0, 1.2), (12.0, 8.0, 10.0, 1.2), (None, 10.0, 8.0, None), (5, None, 4, 1.25)],
)
def test_times_beside_a_flood_are_held_against_the_slower_run_without_one(
    beside: float | None, alone: float | None, again: float | None, times: float | None
) -> None:
    found = flooding._compared(result(beside), [result(alone), result(again)])
    assert (found.ack_p50_times, found.reply_p99_times) == (times, times)
