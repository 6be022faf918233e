"""One request's view of the desk: reads what the templates need, each thing once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from resmi.agency.access import can
from resmi.agency.machines import queries as machines
from resmi.agency.models import User
from resmi.agency.open_time import ALWAYS, OpenTime
from resmi.bot import naming
from resmi.bot import services as bot
from resmi.bot.schema import Pack
from resmi.conversations import ahead, companions, opening, promises, queries, visibility
from resmi.conversations.models import Preference
from resmi.conversations.queries import ThreadLine
from resmi.desk import guiding, lines, panel, shown, standing
from resmi.desk.wording import Names
from resmi.registry.watches import queries as watches
from resmi.routing import queries as routing
from resmi.routing.models import Notice, Presence, PresenceStatus
from resmi.routing.notices import queries as notices
from resmi.routing.policy import QueueFacts
from resmi.routing.rules import CAPACITY

PAGE_OF_LINES = 60
WAITING_SHOWN = 20
BOT_SHOWN = 15
EMOJI = ("👍", "🙏", "❤️", "😊", "😢", "✅")
STATUSES: tuple[str, ...] = tuple(PresenceStatus.values)


class Board:
    """What one member of staff sees at this moment."""

    def __init__(self, user: User) -> None:
        self.user = user
        self._histories: dict[int, list[shown.ListRow]] = {}

    @cached_property
    def sight(self) -> visibility.Sight:
        """What they may see."""
        return visibility.sight(self.user)

    @cached_property
    def queues(self) -> dict[str, QueueFacts]:
        """The queues by key."""
        return routing.queues()

    @cached_property
    def times(self) -> Mapping[str, OpenTime]:
        """In which time the promises of each queue count."""
        return opening.times()

    @cached_property
    def names(self) -> Names:
        """What the agency calls its queues and wrap-up reasons, in the reader's language."""
        pack, language = bot.current_pack(), get_language() or "en"
        return Names(
            queues=naming.names(self.queues.values()),
            reasons=wrap_up_reasons(pack, language),
            guides=guiding.names(pack, language),
        )

    @cached_property
    def bar(self) -> shown.Bar:
        """The top bar."""
        presence = Presence.objects.filter(agent=self.user).first()
        waiting = queries.waiting_summary(seen=self.sight.whole)
        return shown.Bar(
            status=presence.status if presence else PresenceStatus.OFFLINE,
            missed=bool(presence and presence.status == "away" and presence.missed_offers),
            held=(presence.load if presence else 0) // shown.SLOT,
            slots=(presence.capacity if presence else CAPACITY) // shown.SLOT,
            waiting=sum(count for count, _oldest in waiting.values()),
            oldest=min((oldest for _count, oldest in waiting.values()), default=None),
            mentions=companions.unread_mentions(self.user.pk),
            undo_send=self.preference.undo_send,
            pause=standing.pause(presence, get_language() or "en"),
            reasons=standing.reasons(get_language() or "en"),
            wrap_up_until=standing.wrap_up_until(self.user.pk),
            off_shift=standing.off_shift(self.user, presence),
            limit_s=self._limit_s({key: oldest for key, (_count, oldest) in waiting.items()}),
        )

    def _limit_s(self, oldest: Mapping[str, datetime]) -> int:
        """When the first of the queues' longest waits breaks its promise, from the oldest on."""
        broken = [
            since + timedelta(seconds=limit)
            for key, since in oldest.items()
            for queue in [self.queues.get(key)]
            if queue and (limit := promises.limit_s(since, queue, self.times.get(key, ALWAYS)))
        ]
        return promises.after_s(min(oldest.values(), default=None), min(broken, default=None))

    @cached_property
    def lists(self) -> shown.Lists:
        """The left column."""
        around = queries.around(self.user.pk)
        mine = self.named(around.mine)
        if self.preference.sort == "promise":
            mine.sort(key=shown.by_promise)
        return shown.Lists(
            sort=self.preference.sort,
            mine=mine,
            offers=self.named(around.offers),
            waiting=self.in_line(queries.waiting(limit=WAITING_SHOWN, seen=self.sight.whole)),
            bot=self.named(queries.bot_talking(limit=BOT_SHOWN, seen=self.sight.whole)),
            bot_count=queries.bot_talking_count(seen=self.sight.whole),
            aside=self.named(around.aside),
        )

    def named(self, rows: list[queries.ConversationRow]) -> list[shown.ListRow]:
        """Rows with the names the screen gives them."""
        return shown.named(rows, self.names, self.queues, self.times)

    def in_line(self, rows: list[queries.ConversationRow]) -> list[shown.ListRow]:
        """Rows of who waits, with who moved them ahead by hand, and why."""
        moved = ahead.of([row.id for row in rows if row.raised])
        return [replace(row, ahead=moved.get(row.row.id)) for row in self.named(rows)]

    def open(self, conversation_id: int) -> shown.Open | None:
        """A conversation as this person sees it, or None when there is none."""
        detail = queries.conversation(conversation_id, self.user.pk)
        if detail is None:
            return None
        row = detail.row
        own = row.agent_id == self.user.pk
        closes_at = row.window_closes_at
        return shown.Open(
            detail=detail,
            name=shown.citizen_name(row, detail.identity.phone),
            queue_name=self.names.queue(row.queue),
            ended=self.names.reason(row.wrap_up) if row.wrap_up else "",
            mine=own and row.status == "assigned",
            offered_to_me=own and row.status == "offered",
            promise=shown.promise(row, self.queues, self.times),
            joined_me=row.status == "assigned" and self.user.pk in row.joined,
            beside=_colleagues(row.joined) if row.joined else (),
            may_take=row.status != "closed" and not own and can(self.user, "serve_citizens"),
            may_note=can(self.user, "write_notes"),
            window_open=closes_at is None or closes_at > timezone.now(),
        )

    @cached_property
    def services(self) -> frozenset[str]:
        """The services they may ask."""
        return machines.connected() if can(self.user, "write_notes") else frozenset()

    @cached_property
    def notices(self) -> list[Notice]:
        """What supervisors tell them at this moment."""
        return notices.showing(self.user) if can(self.user, "serve_citizens") else []

    @cached_property
    def preference(self) -> Preference:
        """How they want the desk."""
        return companions.preference(self.user.pk)

    @property
    def may_move(self) -> bool:
        """Whether they may move conversations of others."""
        return can(self.user, "move_conversations")

    def workspace(self, conversation: shown.Open | None, line: int = 0) -> dict[str, Any]:
        """The centre and right columns; with `line`, the thread opens there."""
        if conversation is None:
            return {
                "conversation": None,
                "empty_title": _("No conversation is open"),
                "empty_text": _(
                    "Choose one on the left: yours, one that waits, or one the bot is having."
                ),
            }
        thread = self._opened_at(conversation.id, line)
        last = thread[-1].seq if thread else 0
        drawn = self.drawn(thread)
        return {
            "conversation": conversation,
            "lines": drawn,
            "undo": shown.undo(drawn),
            "emojis": EMOJI,
            "earlier": earlier_than(thread),
            "line": line,
            "later": conversation.detail.seq if line and last < conversation.detail.seq else 0,
            "composer": shown.composer(conversation),
            "guide": guide(conversation),
            "required": required(),
            "history": self._history(conversation),
            "watches": watches.of_contact(conversation.row.contact_id),
            "panel": self.panel(conversation),
            "may_move": self.may_move,
        }

    def _opened_at(self, conversation_id: int, line: int) -> list[ThreadLine]:
        if line:
            return queries.thread_around(conversation_id, line)
        return queries.thread(conversation_id, limit=PAGE_OF_LINES)

    def drawn(self, thread: list[ThreadLine]) -> list[lines.Line]:
        """Lines of a thread as this person sees them, in their time zone."""
        zone = timezone.get_current_timezone()
        called = {int(account) for account in lines.called_in(thread)}
        people = {str(one.pk): one.name for one in _colleagues(tuple(called))} if called else {}
        return lines.lines_of(
            thread,
            str(self.user.pk),
            zone,
            self.names,
            people,
            language=get_language() or "en",
            connected=self.services,
        )

    def panel(self, conversation: shown.Open) -> panel.Panel:
        """The citizen, as the right column shows them."""
        ids = {conversation.id, *(row.id for row in self._history(conversation))}
        return panel.of_contact(conversation.row.contact_id, ids)

    def _history(self, conversation: shown.Open) -> list[shown.ListRow]:
        if conversation.row.contact_id not in self._histories:
            self._histories[conversation.row.contact_id] = self._read_history(conversation)
        return self._histories[conversation.row.contact_id]

    def _read_history(self, conversation: shown.Open) -> list[shown.ListRow]:
        rows = queries.history(conversation.row.contact_id)
        seen = visibility.visible(self.sight, [row.id for row in rows])
        return self.named([row for row in rows if row.id != conversation.id and row.id in seen])

    def page(self, conversation: shown.Open | None, line: int = 0) -> dict[str, Any]:
        """Everything of the whole desk page; with `line`, the thread opens there."""
        return {
            "lists": self.lists,
            "bar": self.bar,
            "statuses": STATUSES,
            "notices": self.notices,
            "current": conversation.id if conversation else 0,
            "required": required(),
            **self.workspace(conversation, line),
        }


def _colleagues(accounts: tuple[int, ...]) -> tuple[User, ...]:
    return tuple(User.objects.filter(pk__in=accounts).order_by("name", "pk"))


def guide(conversation: shown.Open) -> guiding.Guide:
    """The script it goes by, in the reader's language."""
    return guiding.of_row(conversation.row, bot.current_pack(), get_language() or "en")


def required() -> list[tuple[str, str]]:
    """The notices the agency has to give: key and name, in the reader's language."""
    return guiding.required(bot.current_pack(), get_language() or "en")


def earlier_than(thread: list[ThreadLine]) -> int:
    """The event number before which more lines are kept; 0 at the beginning."""
    return thread[0].seq if thread and thread[0].seq > 1 else 0


def wrap_up_reasons(pack: Pack, language: str) -> Mapping[str, str]:
    """The pack's wrap-up reasons in the reader's language, else in the pack's first."""
    return {
        reason.key: next(
            (reason.name[known] for known in (language, *pack.languages) if known in reason.name),
            reason.key,
        )
        for reason in pack.wrap_up
    }
