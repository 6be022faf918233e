"""The world as the running process knows it; swapped when a version changes."""

from __future__ import annotations

from resmi.bot import services as bot
from resmi.conversations import opening
from resmi.conversations.building import World
from resmi.registry import services as registry
from resmi.registry.receipts import services as receipts
from resmi.routing import queries as routing


def current() -> World:
    """The published pack, the register and the routing settings in force."""
    settings = routing.in_force()
    return World(
        pack=bot.current_pack(),
        index=registry.current_index(),
        receipts=receipts.issuer(),
        routing=settings.policy,
        queues=settings.queues,
        times=opening.times(),
    )
