"""Waiting for something outside this process, with an end to patience."""

from __future__ import annotations

import time
from collections.abc import Callable

STEP_S = 0.02


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Asks until the condition holds; False when it has not after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP_S)
    return True
