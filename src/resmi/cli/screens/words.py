"""What the two processes of `resmi bench desk` tell each other."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An agent with a session and the conversation open on their screen."""

    agent: int
    key: str
    conversation: int

    @property
    def topics(self) -> tuple[str, ...]:
        """What their desk listens to."""
        return (f"agent:{self.agent}", "queues", f"conversation:{self.conversation}")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: the topic and hint screens hear of it by, and when it began.

    `at` is on the machine's monotonic clock, in seconds, before its transaction was opened.
    """

    topic: str
    hint: dict[str, int]
    at: float

    @property
    def name(self) -> tuple[str, str, int]:
        """What tells it from others."""
        ((word, value),) = self.hint.items()
        return (self.topic, word, value)
