"""The values the desk's templates draw: rows, the top bar, the open conversation, agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from resmi.conversations.queries import ConversationDetail, ConversationRow, FloorAgent
from resmi.desk import phones
from resmi.desk.wording import Names
from resmi.routing.models import PresenceStatus
from resmi.routing.rules import COSTS

SLOT = COSTS["chat"]


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """A conversation in a list, with the names the screen gives it. Also has the row's fields."""

    row: ConversationRow
    name: str
    queue_name: str
    ended: str

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


@dataclass(frozen=True, kw_only=True)
class Bar:
    """The top bar: presence, load in slots of one chat, and the queues."""

    status: str
    missed: bool
    held: int
    slots: int
    waiting: int
    oldest: datetime | None
    target_s: int

    @property
    def units(self) -> list[bool]:
        """One entry a slot, true when it is taken."""
        return [index < self.held for index in range(self.slots)]


@dataclass(frozen=True, kw_only=True)
class Open:
    """The open conversation. Also has the fields of its detail and of the citizen's identity."""

    detail: ConversationDetail
    name: str
    queue_name: str
    ended: str
    mine: bool
    offered_to_me: bool
    may_take: bool
    may_note: bool
    window_open: bool

    @property
    def id(self) -> int:
        """The conversation's number."""
        return self.detail.row.id

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
class Composer:
    """What may be written: `reply`, `window` (templates only), `offer`, `watch`, `closed`, and
    `read` for those who may write nothing.

    `state` changes exactly when the composer must be drawn anew.
    """

    mode: str
    state: str
    body: str = ""
    note: bool = False

    @property
    def may_reply(self) -> bool:
        """True for the agent who holds the conversation."""
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


def named(rows: list[ConversationRow], names: Names) -> list[ListRow]:
    """Rows with the names the screen gives the citizen, the queue and the way it ended."""
    return [
        ListRow(
            row=row,
            name=citizen_name(row),
            queue_name=names.queue(row.queue),
            ended=names.reason(row.wrap_up) if row.wrap_up else "",
        )
        for row in rows
    ]


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
    if conversation.mine:
        return "reply" if conversation.window_open else "window"
    return "offer" if conversation.offered_to_me else "watch"
