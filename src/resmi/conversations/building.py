"""What a turn is made of, and the builder that collects it as the conversation moves. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from resmi.agency.open_time import ALWAYS, OpenTime
from resmi.bot import packs
from resmi.bot import rules as bot
from resmi.channels.items import Address
from resmi.channels.outgoing import Outgoing
from resmi.conversations import promises
from resmi.conversations.stimuli import Stimulus
from resmi.engine import chain, consent, content, events, lifecycle
from resmi.engine import conversation as engine
from resmi.engine.capabilities import Capabilities
from resmi.engine.content import Outbound
from resmi.engine.conversation import Conversation
from resmi.engine.events import SYSTEM, Actor
from resmi.engine.lifecycle import Refused
from resmi.engine.rendering import render
from resmi.registry.index import Index
from resmi.registry.receipts import pictures
from resmi.registry.receipts.codes import Book, Issuer
from resmi.registry.watches.rules import Watched
from resmi.routing import policy, sla

WARN_BEFORE_WINDOW_CLOSES = timedelta(hours=1)


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What the agency is at this moment: the published pack and the register in force.

    `receipts` names the receipts of answers; none without keys. `times` are those in which promises
    of queues count; "" is the agency's own. None known: always.
    """

    pack: packs.Pack
    index: Index
    receipts: Issuer = Issuer()
    routing: policy.Policy = policy.Policy()
    queues: dict[str, policy.QueueFacts] = {}
    times: Mapping[str, OpenTime] = {}

    def queue(self, key: str) -> policy.QueueFacts:
        """A queue's settings; those every queue begins with when there is no such queue."""
        return self.queues.get(key) or policy.QueueFacts(key=key, name=key)

    def time(self, key: str) -> OpenTime:
        """The time in which a queue's promises count."""
        return self.times.get(key) or self.times.get("", ALWAYS)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Where the conversation runs: the channel, what it can carry, and the citizen's address.

    `watching` is what the citizen watches there, oldest first, `consent` what they were asked and
    said; only what answers them needs these.
    """

    channel: int
    contact: int
    address: Address
    capabilities: Capabilities
    watching: tuple[Watched, ...] = ()
    consent: consent.Known = consent.Known()


class TimerChange(msgspec.Struct, frozen=True):
    """Wake the conversation at `due_at` for `kind`; None forgets the timer."""

    kind: str
    due_at: datetime | None


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from the stimuli taken.

    `left` holds stimuli that belong to a new conversation because this one closed on the way.
    `pictures` are the codes of receipts whose QR codes `deliveries` carry. `silence_bot` asks the
    shell to cancel bot messages that have not left yet. `watching` is what the citizen watches
    afterwards, `consent` what is known of it then.
    """

    conversation: Conversation
    events: tuple[events.Event, ...] = ()
    deliveries: tuple[Outgoing, ...] = ()
    media: tuple[content.Media, ...] = ()
    timers: tuple[TimerChange, ...] = ()
    pictures: tuple[str, ...] = ()
    silence_bot: bool = False
    left: tuple[Stimulus, ...] = ()
    watching: tuple[Watched, ...] = ()
    consent: consent.Known = consent.Known()


class TurnBuilder:
    """Collects the turn while the conversation moves on event by event."""

    def __init__(self, before: Conversation, line: Line, world: World, now: datetime) -> None:
        self.before = before
        self.now_is = before
        self.line = line
        self.world = world
        self.now = now
        self.events: list[events.Event] = []
        self.deliveries: list[Outgoing] = []
        self.media: list[content.Media] = []
        self.pictures: list[str] = []
        self.timers: dict[str, TimerChange] = {}
        self.silence_bot = False
        self.watching = list(line.watching)
        self.consent = line.consent
        self.woken_for = self._level_wake()

    def receipts(self) -> Book:
        """The receipts of what is answered next."""
        return self.world.receipts.book(self.now_is.id, self.now_is.seq)

    def picture_of(self, code: str) -> str:
        """The id under which this channel carries the QR code of a receipt; "" without one."""
        if not code or not self.world.receipts.base_url:
            return ""
        return pictures.media_id(self.line.channel, code)

    def emit(self, actor: Actor, payload: events.Payload) -> int:
        """Adds an event and moves the conversation; the event's seq."""
        bare = events.Event(
            conversation=self.now_is.id,
            seq=self.now_is.seq + 1,
            at=self.now,
            actor=actor,
            data=payload,
        )
        event = msgspec.structs.replace(bare, hash=chain.link(self.now_is.head, bare))
        self.now_is = engine.apply(self.now_is, event)
        self.events.append(event)
        return event.seq

    def send(self, actor: Actor, message: Outbound, reply_to: str = "", *, hold_s: int = 0) -> int:
        """Writes to the citizen: one event, as many deliveries as the channel needs.

        They leave after `hold_s` seconds at the earliest.
        """
        seq = self.now_is.seq + 1
        ref = f"{self.now_is.id}.{seq}"
        closes_at = lifecycle.window_closes_at(self.now_is.last_inbound_at, self.line.capabilities)
        self.emit(actor, events.MessageCreated(ref=ref, content=message, reply_to=reply_to))
        for part, piece in enumerate(render(message, self.line.capabilities), start=1):
            self.deliveries.append(
                Outgoing(
                    ref=f"{ref}.{part}",
                    channel=self.line.channel,
                    conversation=self.now_is.id,
                    contact=self.line.contact,
                    recipient=self.line.address,
                    author="agent" if actor.kind == "agent" else actor.kind,
                    content=piece,
                    reply_to=reply_to if part == 1 else "",
                    window_closes_at=closes_at,
                    hold_s=hold_s,
                )
            )
        return seq

    def say(self, key: str, **values: Any) -> None:
        """Sends a text of the pack as the system, if the channel lets us write now."""
        words = bot.text(self.world.pack, key, self.now_is.language, **values)
        if not words:
            return
        message = content.Text(words)
        if self.may_send(message):
            self.send(SYSTEM, message)

    def may_send(self, message: Outbound) -> bool:
        """False once the window closed."""
        try:
            self.check_sendable(message)
        except Refused:
            return False
        return True

    def check_sendable(self, message: Outbound) -> None:
        """Raises `Refused` when the window is closed."""
        lifecycle.check_sendable(
            message, self.now_is.last_inbound_at, self.line.capabilities, self.now
        )

    def wake(self, kind: str, due_at: datetime | None) -> None:
        """Sets or forgets a timer."""
        self.timers[kind] = TimerChange(kind, due_at)

    def watch_window(self) -> None:
        """Reminds the agent before free text ends."""
        closes_at = lifecycle.window_closes_at(self.now_is.last_inbound_at, self.line.capabilities)
        if closes_at is not None:
            self.wake("window_closing", closes_at - WARN_BEFORE_WINDOW_CLOSES)

    def forget_timers(self) -> None:
        """Nothing wakes a conversation that ended or changed hands."""
        for kind in ("bot_idle", "pile", "window_closing", "offer_timeout", "snooze"):
            self.wake(kind, None)

    def resume(self, actor: Actor, why: Literal["due", "reply", "asked"]) -> None:
        """What was laid aside waits again, in its queue or, without one, in the pack's first."""
        known = self.world.pack.queues
        queue = self.now_is.queue or (known[0].key if known else "")
        self.emit(actor, events.ConversationWoken(queue=queue, why=why))
        self.wake("snooze", None)
        self.watch_window()

    def end(
        self, actor: Actor, reason: str, comment: str = "", unticked: tuple[str, ...] = ()
    ) -> None:
        """Closes the conversation; `unticked` are required points left open."""
        self.emit(
            actor,
            events.ConversationClosed(reason=reason, comment=comment, unticked=unticked),
        )
        self.forget_timers()

    def levels(self) -> tuple[sla.Clock, ...]:
        """The promises of the queue that run now."""
        key = self.now_is.queue
        return promises.running(self.now_is, self.world.queue(key), self.world.time(key))

    def _level_wake(self) -> datetime | None:
        """When the stored timer of service levels goes off, were the past all that counts."""
        if self.before.handed_over_at is None:
            return None
        return sla.next_wake(self.levels(), self.now, frozenset(self.before.levels_told))

    def _watch_levels(self) -> None:
        """Wakes the conversation for the next warning or breach of a promise."""
        if self.now_is.handed_over_at is None and self.before.handed_over_at is None:
            return
        told = frozenset(self.now_is.levels_told)
        wake_at = sla.next_wake(self.levels(), self.now, told)
        if wake_at != self.woken_for or "sla" in self.timers:
            self.wake("sla", wake_at)

    def built(self, left: tuple[Stimulus, ...] = ()) -> Turn:
        """The finished turn."""
        self._watch_levels()
        return Turn(
            conversation=self.now_is,
            events=tuple(self.events),
            deliveries=tuple(self.deliveries),
            media=tuple(self.media),
            pictures=tuple(self.pictures),
            timers=tuple(self.timers.values()),
            silence_bot=self.silence_bot,
            left=left,
            watching=tuple(self.watching),
            consent=self.consent,
        )


Handler = Callable[[TurnBuilder, Any], None]
Handlers = dict[type[Any], Handler]


def on(handlers: Handlers, kind: type[Any]) -> Callable[[Handler], Handler]:
    """Registers a handler of one stimulus type."""

    def register(handler: Handler) -> Handler:
        handlers[kind] = handler
        return handler

    return register
