"""Open screens live through the loss of the database: they hear of what happens afterwards."""

from __future__ import annotations

import contextlib
import queue
import random
import time
from collections.abc import Iterator

import msgspec
import psycopg
import pytest

from tests import processes
from tests.agency import streams
from tests.survival import diary, promises, scene, servers
from tests.survival.scene import Scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PROMISE_S = promises.limit(5.0)

TELL = """
    WITH told AS (INSERT INTO agency_liveevent (topic, data, at)
                  VALUES ('queues', jsonb_build_object('n', %(n)s::int), now()))
    SELECT pg_notify('resmi_live', json_build_object(
        'topic', 'queues', 'data', json_build_object('n', %(n)s::int),
        'position', pg_snapshot_xmin(pg_current_snapshot())::text::bigint)::text)
"""


@contextlib.contextmanager
def open_screen(here: Scene) -> Iterator[tuple[processes.Running, streams.Stream]]:
    """A web process and the desk of an agent that listens to it."""
    (place,) = msgspec.json.decode(scene.resmi(here.env, "bench-desk", "--agents", "1"))
    with here.web() as web, streams.opened(web.port, place["key"], "queues") as stream:
        stream.until("ready")
        yield web, stream


def tell(url: str, number: int) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=30) as link:
        link.execute(TELL, {"n": number})


def heard(stream: streams.Stream, number: int, patience_s: float) -> None:
    """Waits for the event, or for the word that the screen must fetch all anew."""
    deadline = time.monotonic() + patience_s
    while (left := deadline - time.monotonic()) > 0:
        with contextlib.suppress(queue.Empty):
            line = stream.next(left)
            assert line is not None, "the stream ended"
            if line.event == "resync" or line.data.get("data") == {"n": number}:
                return
    raise AssertionError(f"event {number} was not told within {patience_s} s")


def test_an_open_screen_hears_what_was_committed_right_after_the_database_came_back(
    chance: random.Random,
) -> None:
    with servers.alone() as (home, server):
        here = scene.stage(home, server.url)
        with open_screen(here) as (_, stream):
            tell(server.url, 1)
            heard(stream, 1, PROMISE_S)
            for number, down_s in enumerate((0.2, 3.0), start=2):
                server.kill()
                time.sleep(down_s)
                server.start()
                back = time.monotonic()
                tell(server.url, number)
                heard(stream, number, PROMISE_S)
                took = time.monotonic() - back
                diary.note_fact("open screens", f"told {took:.1f} s after {down_s} s without")
