"""What the agency calls its queues, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language

from resmi.bot import services
from resmi.bot.schema import Pack
from resmi.routing.policy import QueueFacts


def queue_name(pack: Pack, language: str, key: str, stored: str) -> str:
    """A queue's name in a language, unless the agency renamed it: then that name."""
    known = pack.queue(key)
    if known is None or stored not in known.name.values():
        return stored
    return known.name.get(language, stored)


def named(key: str, stored: str) -> str:
    """The same for whoever reads just now."""
    return queue_name(services.current_pack(), get_language() or "en", key, stored)


def names(queues: Iterable[QueueFacts]) -> dict[str, str]:
    """What to call each queue, by key."""
    return {queue.key: named(queue.key, queue.name) for queue in queues}
