"""One stand for all tests of the simulator, set back before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels.simulator.stand import Stand


@pytest.fixture(scope="session")
def running_stand() -> Iterator[Stand]:
    stand = Stand()
    yield stand
    stand.close()


@pytest.fixture
def stand(running_stand: Stand) -> Stand:
    """A fresh world in which time stands still."""
    running_stand.answer = lambda serial: 200
    running_stand.call("POST", "/control/settle", {})
    running_stand.call("POST", "/control/reset", {})
    running_stand.received.clear()
    return running_stand


@pytest.fixture
def chat(stand: Stand) -> Stand:
    """A fresh world in which Budi has just written, so his window is open."""
    stand.say(type="text", text="Halo")
    stand.received.clear()
    return stand
