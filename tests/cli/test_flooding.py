"""What `resmi bench flood` makes of its measurements; the load itself is test_pipeline's."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from resmi.cli.pipeline import flooding, rig
from resmi.cli.pipeline.flood import Flood
from resmi.cli.pipeline.result import Result
from resmi.cli.pipeline.sink import Sink
from resmi.cli.supervisor import Program, Supervisor
from tests import processes


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


def test_what_was_measured_before_the_end_is_said() -> None:
    course = flooding.Course(Flood(wanted=1000, refused=7))
    course.alone = result(10.0)
    report = course.report()
    assert (report.is_whole, report.alone, report.insistent) == (False, course.alone, None)
    assert report.unsigned is not None
    assert report.unsigned.unsigned == flooding.Unsigned(posts=1000, refused=7, odd=0)
    assert (report.unsigned.signed, report.unsigned.ack_p50_times) == (None, None)


def test_a_measurement_told_to_end_ends_with_its_programs() -> None:
    sleeping = Program(name="sleep", command=("/bin/sleep", "300"))
    port = processes.free_port()

    async def measure() -> None:
        keeping = Supervisor([sleeping], say=lambda name, line: None)
        async with rig.kept(keeping, port, Sink(), port):
            asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGTERM)
            await asyncio.sleep(300)

    begin = time.monotonic()
    with pytest.raises(rig.Ended, match="told to end"):
        asyncio.run(measure())
    assert time.monotonic() - begin < 200
