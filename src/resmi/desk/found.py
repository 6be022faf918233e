"""What a search was asked for, as the address says it, and what its results show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date

from resmi.conversations.queries.search import Cursor, Filter, Hit
from resmi.desk import numbers, shown

LONGEST = 200
FIELDS = ("queue", "agent", "channel", "status", "tag", "since", "until")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The question and its narrowing, cleaned: what makes no sense is left out."""

    text: str = ""
    queue: str = ""
    agent: int = 0
    channel: int = 0
    status: str = ""
    tag: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words was asked for."""
        return any(getattr(self, name) for name in FIELDS)

    def filter(self, seen: Any) -> Filter:
        """The narrowing for search; days are whole days of the reader's time zone."""
        return Filter(
            seen=seen,
            queue=self.queue,
            agent=self.agent,
            channel=self.channel,
            status=self.status,
            tag=self.tag,
            since=_midnight(self.since) if self.since else None,
            until=_midnight(self.until + timedelta(days=1)) if self.until else None,
        )

    def record(self) -> dict[str, Any]:
        """What the audit trail keeps of it."""
        given = {name: getattr(self, name) for name in FIELDS if getattr(self, name)}
        return {"text": self.text, **{name: _plain(value) for name, value in given.items()}}


def asked(values: Mapping[str, Any]) -> Asked:
    """The question in an address."""
    return Asked(
        text=_line(values.get("q"), LONGEST),
        queue=_line(values.get("queue"), 50),
        agent=_number(values.get("agent")),
        channel=_number(values.get("channel")),
        status=_line(values.get("status"), 20),
        tag=_line(values.get("tag"), 40),
        since=_day(values.get("since")),
        until=_day(values.get("until")),
    )


def before(values: Mapping[str, Any]) -> Cursor | None:
    """Where the page in an address goes on; None at the beginning."""
    conversation, _dot, seq = _line(values.get("before"), 30).partition(".")
    found = _number(conversation), _number(seq)
    return Cursor(*found) if all(found) else None


@dataclass(frozen=True, kw_only=True)
class Result:
    """A hit with the conversation it stands in, named as on the desk."""

    hit: Hit
    row: shown.ListRow


def _line(text: Any, longest: int) -> str:
    return " ".join(str(text or "").replace("\0", "").split())[:longest]


def _number(text: Any) -> int:
    return numbers.whole_number(str(text or ""))


def _day(text: Any) -> date | None:
    try:
        found = parse_date(str(text or ""))
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 2200 else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
