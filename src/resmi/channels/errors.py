"""What can be wrong with something that came in."""

from __future__ import annotations


class Unreadable(Exception):
    """An inbound item's shape is broken; `reason` says where, for the people who look at it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
