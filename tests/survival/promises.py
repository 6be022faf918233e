"""How long things may take: as promised in `make survival`, longer beside all other tests.

There the machine is the scenario's own. In `make test` it is anybody's, however slow and busy, and
what counts is that the thing happens.
"""

from __future__ import annotations

import os

from tests.survival import diary

LONGER = 1.0 if diary.FILE in os.environ else 10.0


def limit(promise_s: float) -> float:
    """Seconds after which a test fails that waits for what is promised in `promise_s`."""
    return promise_s * LONGER
