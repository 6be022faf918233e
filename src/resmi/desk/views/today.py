"""Today on the floor, by quarter hours: a chart, a table, a file, and who is behind each number."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from resmi.agency.access import requires, staff
from resmi.agency.open_time import ALWAYS
from resmi.conversations import levels, opening
from resmi.conversations.levels import Count, HandOver
from resmi.conversations.models import Conversation
from resmi.conversations.queries import days, rows
from resmi.desk import figures
from resmi.desk.board import Board

SHOWN = 200
FATES = ("arrived", "in_target", "late", "abandoned")
CHART_HEIGHT, BAR, GAP = 120, 9, 2
LEAST_BARS = 32  # eight hours: a young day does not look like a broken chart


class Quarter(msgspec.Struct, frozen=True, kw_only=True):
    """A quarter hour: when it began (local), what came, and how many agents were available."""

    at: datetime
    count: Count
    available: int


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the chart in its own units; `missed` is the upper part of it."""

    x: int
    y: float
    height: float
    missed: float
    title: str


class Day:
    """Today until now, by the agency's clock."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.now = figures.agency_time()
        self.begin = figures.midnight(self.now)
        self.targets = {key: queue.target_s for key, queue in board.queues.items()}
        self.times = opening.times()
        self.hand_overs = days.hand_overs(self.begin, self.now)

    def quarters(self) -> list[Quarter]:
        """From the first quarter hour in which somebody came or worked until now."""
        by: dict[datetime, list[HandOver]] = defaultdict(list)
        for one in self.hand_overs:
            by[levels.quarter_of(one.at.astimezone(UTC))].append(one)
        begin, now = self.begin.astimezone(UTC), self.now.astimezone(UTC)
        free = days.available(begin, levels.quarter_of(now))
        # Counted in UTC: the day on which the clocks change has an hour more or less.
        found = [
            Quarter(
                at=at.astimezone(self.now.tzinfo), count=self.count(by.get(at, [])), available=there
            )
            for number, there in enumerate(free)
            for at in [begin + number * levels.QUARTER]
        ]
        first = next((n for n, q in enumerate(found) if q.count.arrived or q.available), 0)
        return found[first:] if self.hand_overs or any(free) else []

    def count(self, some: list[HandOver]) -> Count:
        """What became of some of them."""
        return levels.count(some, self.targets, self.now, self.times)

    def queues(self) -> list[tuple[str, str, Count]]:
        """Key, name and count of each queue."""
        counts = levels.by_queue(self.hand_overs, self.targets, self.now, self.times)
        return [(key, self.board.names.queue(key), counts[key]) for key in self.board.queues]

    def _fate(self, one: HandOver) -> str:
        target_s, time = self.targets.get(one.queue, 0), self.times.get(one.queue, ALWAYS)
        return levels.fate(one, target_s, self.now, time)

    def behind(self, quarter: str, queue: str, fate: str) -> list[int]:
        """The conversations behind one number; empty words choose all."""
        return [
            one.conversation
            for one in self.hand_overs
            if queue in ("", one.queue)
            and fate in ("", "arrived", self._fate(one))
            and quarter in ("", f"{levels.quarter_of(one.at.astimezone(UTC)).timestamp():.0f}")
        ]


@requires("watch_floor")
@require_safe
@figures.by_agency_clock
def today(request: HttpRequest) -> HttpResponse:
    """The page; with `?fate=`, `quarter=` or `queue=` also who is behind that number."""
    board = Board(staff(request))
    day = Day(board)
    quarters = day.quarters()
    found = figures.of_queues(board.queues)
    numbers = [one.expected.number for one in found.values() if one.expected.number is not None]
    context = {
        "quarters": quarters,
        "bars": bars(quarters),
        "hours": hours(quarters),
        "chart_width": max(len(quarters), LEAST_BARS) * (BAR + GAP),
        "chart_height": CHART_HEIGHT,
        "most": max((q.count.arrived for q in quarters), default=0),
        "total": day.count(day.hand_overs),
        "queues": day.queues(),
        "forecast": sum(numbers) if numbers else None,
        "unforeseen": len(found) - len(numbers),
        "holidays": figures.holidays(board, found),
        "agency_zone": day.now.tzinfo,
        "is_elsewhere": board.user.time_zone != str(day.now.tzinfo),
        **_behind(request, day),
    }
    return render(request, "desk/today.html", context)


def _behind(request: HttpRequest, day: Day) -> dict[str, Any]:
    fate = request.GET.get("fate", "")
    if fate not in FATES:
        return {"chosen": ""}
    found = day.behind(request.GET.get("quarter", ""), request.GET.get("queue", ""), fate)
    chosen = Conversation.objects.filter(pk__in=found[:SHOWN]).order_by("id")
    return {"chosen": fate, "behind": day.board.named(rows.rows_of(chosen)), "more": found[SHOWN:]}


def bars(quarters: list[Quarter]) -> list[Bar]:
    """The columns of the chart: who came, and of them who missed an answer in time."""
    most = max((quarter.count.arrived for quarter in quarters), default=0) or 1
    unit = CHART_HEIGHT / most
    return [
        Bar(
            x=number * (BAR + GAP),
            y=round(CHART_HEIGHT - quarter.count.arrived * unit, 1),
            height=round(quarter.count.arrived * unit, 1),
            missed=round((quarter.count.late + quarter.count.abandoned) * unit, 1),
            title=f"{quarter.at:%H:%M}",
        )
        for number, quarter in enumerate(quarters)
    ]


def hours(quarters: list[Quarter]) -> list[tuple[int, str]]:
    """Where in the chart every second full hour begins, and its name; also of the hours to come."""
    if not quarters:
        return []
    first = quarters[0].at
    return [
        (number * (BAR + GAP), f"{at:%H:%M}")
        for number in range(max(len(quarters), LEAST_BARS) - 2)
        for at in [(first.astimezone(UTC) + number * levels.QUARTER).astimezone(first.tzinfo)]
        if at.minute == 0 and at.hour % 2 == 0
    ]


@requires("watch_floor")
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The quarter hours as a file."""
    day = Day(Board(staff(request)))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="floor-{day.begin:%Y-%m-%d}.csv"'
    sheet = csv.writer(response)
    sheet.writerow(["from", *FATES, "in_target_percent", "agents_available"])
    for quarter in day.quarters():
        found = quarter.count
        sheet.writerow(
            [
                quarter.at.isoformat(),
                *(getattr(found, fate) for fate in FATES),
                "" if found.percent is None else found.percent,
                quarter.available,
            ]
        )
    return response
