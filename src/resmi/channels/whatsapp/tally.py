"""Counts what the webhook answered: as metrics of this process, and in few lines of log.

What is stored is said at `debug` only. Of what is not, the first of a kind is logged at once and
the others as one number a minute, so that a flood of them does not become a flood of lines.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

log = structlog.get_logger("resmi.whatsapp")

EVERY_S = 60.0
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

_answers = Counter("resmi_webhook_answers", "Webhook requests answered.", ["status"])
_seconds = Histogram("resmi_webhook_seconds", "Until the answer.", buckets=SECONDS)
_items = Counter("resmi_webhook_items", "Items stored, repeated ones not.")


class Tally:
    """The lines of one process."""

    def __init__(self) -> None:
        self._kept: dict[str, int] = {}
        self._since: dict[str, float] = {}

    def note(self, status: str, took_s: float, facts: dict[str, Any]) -> None:
        """One answer; `status` is the HTTP status or `disconnected`."""
        _answers.labels(status).inc()
        _seconds.observe(took_s)
        _items.inc(facts.get("new", 0))
        milliseconds = round(took_s * 1000, 1)
        if status in ("200", "disconnected"):
            log.debug("webhook", action="webhook", status=status, ms=milliseconds, **facts)
        elif self._is_worth_a_line(status):
            kept = self._kept.pop(status, 0)
            log.warning(
                "webhook_refused",
                action="webhook_refused",
                status=status,
                ms=milliseconds,
                more=kept,
                **facts,
            )

    def _is_worth_a_line(self, status: str) -> bool:
        now = time.monotonic()
        if now - self._since.get(status, float("-inf")) < EVERY_S:
            self._kept[status] = self._kept.get(status, 0) + 1
            return False
        self._since[status] = now
        return True
