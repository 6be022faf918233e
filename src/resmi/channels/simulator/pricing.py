"""What Meta says a message costs, as the `pricing` of a status. Pure.

Source: Meta's pricing page and its changes of 1 October 2026: service messages and utility
templates inside the window are free for the first 1000 a number and month, then regular.
"""

from __future__ import annotations

from datetime import UTC, datetime

from resmi.channels.simulator.state import Json, World

FREE_A_MONTH = 1000
CHARGED_SINCE = datetime(2026, 10, 1, tzinfo=UTC).timestamp()


def price(world: World, number: str, category: str, now: float, *, inside: bool) -> Json:
    """Prices one message and counts it against the month's free ones where that applies."""
    category = category.lower()
    if category not in ("service", "utility") or not inside:
        return {
            "billable": True,
            "pricing_model": "PMP",
            "type": "regular",
            "category": category,
        }
    month = f"{number}:{datetime.fromtimestamp(now, UTC):%Y-%m}"
    used = world.free_service.get(month, 0)
    free = now < CHARGED_SINCE or used < FREE_A_MONTH
    world.free_service[month] = used + 1
    return {
        "billable": not free,
        "pricing_model": "PMP",
        "type": "free_customer_service" if free else "regular",
        "category": category,
    }
