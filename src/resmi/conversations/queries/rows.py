"""Lists of conversations. Each list is one query."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db.models import Count, Min, Q, QuerySet

from resmi.conversations import promises
from resmi.conversations.models import Conversation
from resmi.engine.conversation import Conversation as State
from resmi.routing import sla

BESIDE = ("contact", "channel", "agent", "kept_by")
_state = msgspec.json.Decoder(State)

EVERYTHING = Q()
"""What lists are narrowed to: `resmi.conversations.visibility` says it for one account."""


class ConversationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in a list. Times are aware UTC."""

    id: int
    contact_id: int
    contact_name: str
    channel_kind: str
    language: str
    status: str
    queue: str
    agent_id: int | None
    agent_name: str
    last_preview: str
    unanswered: int
    waiting_since: datetime | None
    offer_until: datetime | None
    last_message_at: datetime | None
    last_inbound_at: datetime | None
    window_closes_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    wrap_up: str
    course: sla.Course = sla.Course()
    joined: tuple[int, ...] = ()
    kept_by: int | None = None
    kept_by_name: str = ""
    snoozed_until: datetime | None = None
    help_asked_at: datetime | None = None
    callback: str = ""
    reason: str = ""
    script: str | None = None
    raised: int = 0
    ticked: tuple[str, ...] = ()


# What of a row stands in the tables as it is: the row's field and where to find it.
_PLACES = {
    "id": "pk",
    "contact_id": "contact_id",
    "contact_name": "contact__name",
    "channel_kind": "channel__kind",
    "language": "language",
    "status": "status",
    "queue": "queue",
    "agent_id": "agent_id",
    "agent_name": "agent__name",
    "last_preview": "last_preview",
    "unanswered": "unanswered",
    "waiting_since": "waiting_since",
    "offer_until": "offer_until",
    "last_message_at": "last_message_at",
    "last_inbound_at": "last_inbound_at",
    "window_closes_at": "window_closes_at",
    "opened_at": "opened_at",
    "closed_at": "closed_at",
    "wrap_up": "wrap_up",
    "joined": "joined",
    "kept_by": "kept_by_id",
    "kept_by_name": "kept_by__name",
}


def rows_of(conversations: QuerySet[Conversation]) -> list[ConversationRow]:
    """Conversations as rows, in one query of no more columns than they show."""
    found = conversations.values_list("state", *_PLACES.values())
    return [_row(bytes(state), dict(zip(_PLACES, values, strict=True))) for state, *values in found]


def row_of(conversation: Conversation) -> ConversationRow:
    """One conversation as a row."""
    values = {name: _reach(conversation, place) for name, place in _PLACES.items()}
    return _row(bytes(conversation.state), values)


def _reach(conversation: Conversation, place: str) -> Any:
    """What stands at a place; None behind a relation that is empty."""
    found: Any = conversation
    for step in place.split("__"):
        found = getattr(found, step, None)
    return found


def _row(kept: bytes, values: dict[str, Any]) -> ConversationRow:
    state = _state.decode(kept)
    for name in ("agent_name", "kept_by_name"):
        values[name] = values[name] or ""
    return ConversationRow(
        **values | {"joined": tuple(values["joined"])},
        course=promises.course(state),
        snoozed_until=state.snoozed_until,
        help_asked_at=state.help_asked_at,
        callback=state.callback,
        reason=state.reason,
        script=state.script,
        raised=state.raised,
        ticked=state.ticked,
    )


def conversations(ids: Collection[int]) -> list[ConversationRow]:
    """Certain conversations, in no order."""
    return rows_of(Conversation.objects.filter(pk__in=ids)) if ids else []


class Around(msgspec.Struct, frozen=True):
    """What one agent has to do with.

    `mine` they hold or joined, who waits longest for an answer first; `offers` are offered to them
    now, soonest to pass on first; `aside` they laid aside, soonest to come back first, those
    without a time last.
    """

    mine: list[ConversationRow]
    offers: list[ConversationRow]
    aside: list[ConversationRow]


def around(agent_id: int) -> Around:
    """The conversations one agent has to do with, in one query."""
    joined = Q(joined__contains=[agent_id]) & ~Q(joined=[])
    rows = rows_of(
        Conversation.objects.filter(
            Q(agent_id=agent_id, status__in=("assigned", "offered"))
            | Q(kept_by_id=agent_id, status="snoozed")
            | (joined & Q(status="assigned"))
        )
    )
    never = datetime.max.replace(tzinfo=UTC)
    mine = [row for row in rows if row.status == "assigned"]
    offers = [row for row in rows if row.status == "offered"]
    aside = [row for row in rows if row.status == "snoozed"]
    return Around(
        mine=sorted(
            mine, key=lambda r: (r.unanswered == 0, r.last_inbound_at or r.opened_at, r.id)
        ),
        offers=sorted(offers, key=lambda row: (row.offer_until or never, row.id)),
        aside=sorted(aside, key=lambda row: (row.snoozed_until or never, row.id)),
    )


def bot_talking(
    before: int | None = None, limit: int = 50, *, seen: Q = EVERYTHING
) -> list[ConversationRow]:
    """Conversations with the bot, newest id first; `before` pages on by id."""
    talking = Conversation.objects.filter(seen, status="bot")
    if before is not None:
        talking = talking.filter(pk__lt=before)
    return rows_of(talking.order_by("-id")[:limit])


def bot_talking_count(*, seen: Q = EVERYTHING) -> int:
    """How many conversations the bot holds."""
    return Conversation.objects.filter(seen, status="bot").count()


class InLine(msgspec.Struct, frozen=True):
    """A place in the line of those who wait; the list goes on behind it."""

    priority: int
    since: datetime
    conversation: int


def waiting(
    queue: str | None = None,
    limit: int = 50,
    *,
    behind: InLine | None = None,
    seen: Q = EVERYTHING,
) -> list[ConversationRow]:
    """Who waits, in the order they will be served; `behind` pages on."""
    rows = Conversation.objects.filter(seen, status="waiting")
    if queue is not None:
        rows = rows.filter(queue=queue)
    if behind is not None:
        later = Q(waiting_since__gt=behind.since) | Q(
            waiting_since=behind.since, id__gt=behind.conversation
        )
        rows = rows.filter(priority__lte=behind.priority).filter(
            Q(priority__lt=behind.priority) | later
        )
    return rows_of(rows.order_by("-priority", "waiting_since", "id")[:limit])


def waiting_summary(*, seen: Q = EVERYTHING) -> dict[str, tuple[int, datetime]]:
    """How many wait in each queue that has any, and since when the longest does."""
    rows = Conversation.objects.filter(seen, status="waiting").values_list("queue")
    found = rows.annotate(count=Count("id"), oldest=Min("waiting_since"))
    return {queue: (count, oldest) for queue, count, oldest in found if oldest}


def history(contact_id: int, limit: int = 20) -> list[ConversationRow]:
    """The citizen's conversations, newest first."""
    return rows_of(Conversation.objects.filter(contact_id=contact_id).order_by("-id")[:limit])
