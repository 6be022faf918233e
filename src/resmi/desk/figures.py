"""The figures of the agency's day so far, queue by queue, for the floor and the wall-board."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from types import MappingProxyType
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from resmi.agency.hours import OpeningHours
from resmi.bot import services as bot
from resmi.conversations import expecting, levels, opening
from resmi.conversations.expecting import Expected
from resmi.conversations.levels import Count
from resmi.conversations.queries import FloorQueue, FloorSnapshot, days
from resmi.desk import forecasting
from resmi.desk.board import Board
from resmi.routing import queries as routing
from resmi.routing.policy import QueueFacts

BUSY = 500


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """A queue today, and who may come to it in the next hour."""

    count: Count = Count()
    expected: Expected = Expected()

    @property
    def words(self) -> str:
        """What the forecast rests on."""
        return forecasting.words(self.expected)


def agency_time() -> datetime:
    """Now by the agency's clock: its day is the same for all who look, wherever they are."""
    return timezone.localtime(timezone=timezone.get_default_timezone())


def by_agency_clock(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Shows a page's times by the agency's clock instead of the reader's."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(timezone.get_default_timezone()):
            return view(request, *args, **kwargs)

    return shown


def midnight(now: datetime) -> datetime:
    """When the local day of `now` began."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def of_queues(queues: Mapping[str, QueueFacts]) -> dict[str, Figures]:
    """The figures of each queue. Two queries; on a busy day a few seconds old without any."""
    now = agency_time()
    begin, targets = midnight(now), {key: queue.target_s for key, queue in queues.items()}
    times = opening.times()
    if _Held.of == (begin, targets, id(times)) and time.monotonic() < _Held.until:
        return _Held.figures
    came = days.hand_overs(begin, now)
    counts = levels.by_queue(came, targets, now, times)
    found = _figures(now, counts, {key: queue.region for key, queue in queues.items()})
    _Held.of, _Held.times, _Held.figures = (begin, targets, id(times)), times, found
    _Held.until = time.monotonic() + good_for(len(came))
    return found


class _Held:
    """What this process read last."""

    of: tuple[datetime, dict[str, int], int] | None = None
    times: levels.Times = MappingProxyType({})  # held, so that no others have their id
    figures: dict[str, Figures] = {}
    until = 0.0


def good_for(came: int) -> float:
    """Seconds for which figures of so many hand-overs are good.

    A busy floor asks for them several times a second, and to read ten thousand takes a quarter.
    """
    return 0.0 if came < BUSY else came / 2_000


def _figures(
    now: datetime, counts: Mapping[str, Count], regions: Mapping[str, str]
) -> dict[str, Figures]:
    bases = {region: expecting.basis(now, hours_of(region)) for region in set(regions.values())}
    begins = {begin for basis in bases.values() for begin in basis.begins}
    earlier = days.hours_of_queues(begins)
    return {
        key: Figures(
            count=counts[key],
            expected=expecting.expected(bases[regions[key]], earlier.get(key, {})),
        )
        for key in regions
    }


def hours_of(region: str) -> OpeningHours:
    """The opening hours of a region, the agency's for "" or one that is no more."""
    return routing.in_force().policy.region(region) or bot.current_pack().hours


def rows(board: Board, floor: FloorSnapshot) -> list[tuple[FloorQueue, str, Figures]]:
    """The queues of the floor, each with its name and figures."""
    found = of_queues(board.queues)
    return [
        (queue, board.names.queue(queue.key), found.get(queue.key, Figures()))
        for queue in floor.queues
    ]


def holidays(board: Board, found: Mapping[str, Figures]) -> list[forecasting.Holiday]:
    """The holidays that queues of the floor keep today."""
    return forecasting.holidays(
        (board.names.queue(key), queue.region, found[key].expected)
        for key, queue in board.queues.items()
        if key in found
    )
