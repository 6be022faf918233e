"""Whether agents' loads add up."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import Error

from resmi.cli.diagnosis.finding import Finding, ok, warning
from resmi.conversations import balance


def examine() -> Iterator[Finding]:
    """What agents are charged for is what they hold. Needs the database."""
    try:
        off = balance.imbalances()
    except Error:  # no tables yet: told before
        return
    if not off:
        yield ok("load", "every agent is charged for what they hold")
    for one in off:
        yield warning(
            "load",
            f"agent {one.agent_id} carries {one.load} units, but holds {one.charged}",
            "A running worker mends it within a minute: resmi work",
        )
