"""One seed for all chance in these tests, printed; the table of what was killed, at the end."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.survival import diary

SEED = "RESMI_SURVIVAL_SEED"


@pytest.fixture(scope="session")
def seed() -> int:
    """Repeat a run with RESMI_SURVIVAL_SEED; `make survival` names another each time."""
    return int(os.environ.get(SEED, "") or 1)


@pytest.fixture
def chance(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """Chance of this test's own, the same for the same seed."""
    print(f"{SEED}={seed}")
    return random.Random(f"{seed} {request.node.name}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is marked long runs where a diary is kept, in `make survival`."""
    if diary.FILE in os.environ:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if item not in long]
    config.hook.pytest_deselected(items=long)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    name = os.environ.get(diary.FILE, "")
    if name and Path(name).exists():
        terminalreporter.section(f"what was killed; seed {os.environ.get(SEED, 'not given')}")
        terminalreporter.write_line(diary.table(Path(name).read_text(encoding="utf-8")))
