"""The values the desk's templates draw: rows, the top bar, the open conversation, agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from resmi.agency.models import User
from resmi.agency.open_time import ALWAYS, OpenTime
from resmi.conversations import promises
from resmi.conversations.ahead import Ahead
from resmi.conversations.queries import ConversationDetail, ConversationRow, FloorAgent
from resmi.desk import collected, happenings, phones, standing
from resmi.desk.lines import Line
from resmi.desk.wording import Names
from resmi.routing import sla
from resmi.routing.models import PresenceStatus
from resmi.routing.policy import QueueFacts
from resmi.routing.rules import COSTS

SLOT = COSTS["chat"]
NO_QUEUES: Mapping[str, QueueFacts] = MappingProxyType({})
NO_TIMES: Mapping[str, OpenTime] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A running promise of a queue: in words, when it is due, how long before it warns (s).

    It is never due (None) when the queue opens no more; it `rests` while the queue is closed now
    and it is due later.
    """

    word: str
    due_at: datetime | None
    warn_s: int
    rests: bool = False

    @property
    def standing(self) -> str:
        """`running`, `soon`, `late` or `still`, as it stands now."""
        if self.due_at is None:
            return "still"
        left = (self.due_at - timezone.now()).total_seconds()
        return "late" if left <= 0 else "soon" if left < self.warn_s else "running"


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """A conversation in a list, with the names the screen gives it. Also has the row's fields."""

    row: ConversationRow
    name: str
    queue_name: str
    ended: str
    promise: Promise | None = None
    ahead: Ahead | None = None

    @property
    def limit_s(self) -> int:
        """After how many seconds of waiting a promise is broken; 0: none runs."""
        return promises.after_s(
            self.row.waiting_since, self.promise.due_at if self.promise else None
        )

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.__dict__["row"], attribute)


@dataclass(frozen=True, kw_only=True)
class Lists:
    """The left column. `bot_count` counts more than `bot` lists."""

    mine: list[ListRow]
    offers: list[ListRow]
    waiting: list[ListRow]
    bot: list[ListRow]
    bot_count: int
    aside: list[ListRow] = field(default_factory=list)
    sort: str = "wait"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """The top bar: presence, load in slots of one chat, and the queues.

    The longest wait of a queue is beyond its promise when the oldest wait lasts `limit_s`.
    """

    status: str
    missed: bool
    held: int
    slots: int
    waiting: int
    oldest: datetime | None
    limit_s: int
    undo_send: bool = True
    mentions: int = 0
    pause: standing.Pause | None = None
    reasons: tuple[standing.Reason, ...] = ()
    wrap_up_until: datetime | None = None
    off_shift: bool = False

    @property
    def units(self) -> list[bool]:
        """One entry a slot, true when it is taken."""
        return [index < self.held for index in range(self.slots)]


@dataclass(frozen=True, kw_only=True)
class Open:
    """The open conversation; `beside` are colleagues who write there too.

    Also has the fields of its detail and of the citizen's identity.
    """

    detail: ConversationDetail
    name: str
    queue_name: str
    ended: str
    mine: bool
    offered_to_me: bool
    may_take: bool
    may_note: bool
    window_open: bool
    joined_me: bool = False
    beside: tuple[User, ...] = ()
    promise: Promise | None = None

    @property
    def id(self) -> int:
        """The conversation's number."""
        return self.detail.row.id

    @property
    def noted_by_bot(self) -> list[tuple[str, str]]:
        """What the bot collected: label and value in the reader's language."""
        return collected.shown(self.detail.collected)

    @property
    def may_write(self) -> bool:
        """True for who holds it and for colleagues who joined."""
        return self.mine or self.joined_me

    @property
    def row(self) -> ConversationRow:
        """The row behind it."""
        return self.detail.row

    @property
    def phone(self) -> str:
        """Digits, unmasked: templates mask it."""
        return self.detail.identity.phone

    def __getattr__(self, attribute: str) -> Any:
        detail = self.__dict__["detail"]
        return getattr(detail if hasattr(detail, attribute) else detail.identity, attribute)


@dataclass(frozen=True, kw_only=True)
class Undo:
    """A message of one's own that has not left: its event number, and until when."""

    seq: int
    until: datetime

    @property
    def left_ms(self) -> int:
        """How long it can still be taken back, in milliseconds, counted from now."""
        return max(0, round((self.until - timezone.now()).total_seconds() * 1000))


def undo(lines: Sequence[Line]) -> Undo | None:
    """The newest message that can be taken back; None when all have left."""
    now = timezone.now()
    for line in reversed(lines):
        if line.mine and line.held_until is not None and line.held_until > now:
            return Undo(seq=line.seq, until=line.held_until)
    return None


@dataclass(frozen=True, kw_only=True)
class Composer:
    """What may be written: `reply`, `window` (templates only), `offer`, `aside`, `watch`, `closed`,
    and `read` for those who may write nothing.

    `state` changes exactly when the composer must be drawn anew.
    """

    mode: str
    state: str
    body: str = ""
    note: bool = False

    @property
    def may_reply(self) -> bool:
        """True for who may write to the citizen."""
        return self.mode in ("reply", "window")


class Colleague:
    """An agent on the floor or in the transfer dialog, load counted in slots of one chat."""

    def __init__(self, agent: FloorAgent, names: Names) -> None:
        self.user_id = agent.user_id
        self.name = agent.name
        self.status = agent.status
        self.reason = agent.reason
        self.overlong = agent.overlong
        self.on_shift = agent.on_shift
        self.since = agent.since
        self.held = agent.load // SLOT
        self.slots = agent.capacity // SLOT
        self.full = agent.load + SLOT > agent.capacity
        self.free = agent.status == PresenceStatus.AVAILABLE and not self.full
        self.units = [index < self.held for index in range(self.slots)]
        self.conversations = named(list(agent.conversations), names)


def named(
    rows: list[ConversationRow],
    names: Names,
    queues: Mapping[str, QueueFacts] = NO_QUEUES,
    times: Mapping[str, OpenTime] = NO_TIMES,
) -> list[ListRow]:
    """Rows with the names the screen gives the citizen, the queue and the way it ended."""
    return [
        ListRow(
            row=row,
            name=citizen_name(row),
            queue_name=names.queue(row.queue),
            ended=names.reason(row.wrap_up) if row.wrap_up else "",
            promise=promise(row, queues, times),
        )
        for row in rows
    ]


def promise(
    row: ConversationRow, queues: Mapping[str, QueueFacts], times: Mapping[str, OpenTime]
) -> Promise | None:
    """The promise of its queue that is due soonest; None while none runs."""
    queue = queues.get(row.queue)
    time = times.get(row.queue, ALWAYS)
    clocks = sla.clocks(row.course, promises.targets(queue), time) if queue else ()
    if not clocks:
        return None
    first = clocks[0]
    warn_s = (
        round((first.due_at - first.warn_at).total_seconds())
        if first.due_at and first.warn_at
        else 0
    )
    now = timezone.now()
    rests = first.due_at is not None and first.due_at > now and not time.is_open(now)
    word = happenings.promise(first.kind)
    return Promise(word=word, due_at=first.due_at, warn_s=warn_s, rests=rests)


def by_promise(row: ListRow) -> tuple[datetime, int]:
    """Sorts rows: the promise due soonest first, those never due and without one last."""
    never = datetime.max.replace(tzinfo=UTC)
    return ((row.promise and row.promise.due_at) or never, row.row.id)


def citizen_name(row: ConversationRow, phone: str = "") -> str:
    """The citizen's name; without one the end of the number, or the contact's number."""
    if row.contact_name:
        return row.contact_name
    return phones.masked(phone) if phone else _("Citizen #%(id)s") % {"id": row.contact_id}


def composer(conversation: Open, *, typed: str | None = None, note: bool = False) -> Composer:
    """What `conversation` lets its viewer write. `typed` wins over the stored draft."""
    mode = _mode(conversation)
    row = conversation.row
    state = f"{mode}:{row.status}:{row.agent_id or ''}"
    if typed is not None:
        return Composer(mode=mode, state=state, body=typed, note=note)
    is_note = conversation.detail.draft_is_note or mode not in ("reply", "window")
    return Composer(mode=mode, state=state, body=conversation.detail.draft, note=is_note)


def _mode(conversation: Open) -> str:
    if conversation.row.status == "closed":
        return "closed"
    if not conversation.may_note:
        return "read"
    if conversation.row.status == "snoozed":
        return "aside"
    if conversation.may_write:
        return "reply" if conversation.window_open else "window"
    return "offer" if conversation.offered_to_me else "watch"
