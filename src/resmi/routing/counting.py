"""In which time the promises of a queue count. Pure."""

from __future__ import annotations

import hashlib

from resmi.agency.hours import OpeningHours
from resmi.agency.open_time import ALWAYS, OpenTime
from resmi.routing.policy import Policy, QueueFacts


def open_time(policy: Policy, queue: QueueFacts, agency: OpeningHours) -> OpenTime:
    """The time a queue is open, by its region's hours or the agency's, without its closings.

    All time for a queue whose promises count around the clock.
    """
    if queue.around_the_clock:
        return ALWAYS
    return OpenTime(_hours(policy, queue, agency), queue.closings, queue.closed_at)


def digest(policy: Policy, queue: QueueFacts, agency: OpeningHours) -> str:
    """Changes when what the promises of a queue count in does."""
    if queue.around_the_clock:
        return "always"
    hours = _hours(policy, queue, agency)
    days = (sorted(hours.special.items()), sorted(hours.yearly.items()))
    said = repr((hours.zone, hours.weekly, days, queue.closings, queue.closed_at))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _hours(policy: Policy, queue: QueueFacts, agency: OpeningHours) -> OpeningHours:
    return (policy.region(queue.region) if queue.region else None) or agency
