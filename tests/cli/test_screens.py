from __future__ import annotations

import pytest

from resmi.cli.screens import run
from resmi.cli.screens.streams import Screen
from resmi.cli.screens.words import Event, Place
from tests import clusters


def screen(agent: int) -> Screen:
    return Screen(Place(agent=agent, key="", conversation=agent * 10), 0, lambda *_: None)


def test_an_event_is_owed_to_the_screens_that_listen_to_its_topic() -> None:
    screens = [screen(1), screen(2)]
    ledger = run.Ledger(screens)
    ledger.expect(Event(topic="queues", hint={"help": 7}, at=1.0))
    ledger.expect(Event(topic="conversation:10", hint={"seq": 3}, at=2.0))
    ledger.hear(screens[0], "conversation:10", {"seq": 3}, 2.5, replayed=False)
    ledger.hear(screens[0], "queues", {"help": 7, "by": "A"}, 1.25, replayed=True)
    assert len(ledger.owed()) == 3
    assert ledger.missing() == 1
    assert ledger.times() == ([0.5], 1)


@pytest.mark.slow
def test_open_desks_miss_nothing_though_connections_are_lost() -> None:
    with clusters.quick():
        found = run.measure(run.Wish(agents=20, rate=20, events=60, workers=1))
    assert (found.agents, found.events, found.dropped) == (20, 60, 0)
    assert found.cut == 2
    assert found.event_p99_ms is not None
    assert found.event_p99_ms > 0
