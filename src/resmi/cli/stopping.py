"""Ends a loop when the system asks the process to end."""

from __future__ import annotations

import signal
import threading
from types import FrameType


def on_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set. A second SIGINT ends the process at once."""
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    return stop
