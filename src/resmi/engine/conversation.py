"""The conversation as a value: its state, and how each event changes it.

`fold` rebuilds the state from the whole log; `apply` adds one event. The stored row is only a
projection of this: applying one by one and folding at once give the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from resmi.engine import (
    answering,
    content,
    events,
    guiding,
    holding,
    pausing,
    piling,
    waiting,
)
from resmi.engine.chain import GENESIS
from resmi.engine.events import Event

Status = Literal["bot", "waiting", "offered", "assigned", "snoozed", "closed"]


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """All that decisions need to know of a conversation.

    `status`: `bot` talks, `waiting` in `queue`, `offered` to `agent`, `assigned` to `agent`,
    `snoozed` by `last_agent`, `closed`. Times are aware UTC. `unanswered` counts citizen messages
    since our last one; `last_preview` is what a person said last, be it the citizen or an agent;
    `last_provider_id` is the channel's id of the newest of them. `priority` includes the points
    `raised` by the rules in `raised_by`. `handed_over_at`, `answered_at` (an agent's first message
    after it) and `unanswered_since` run the service levels, of which `levels_told` were told;
    for `paused_s` (in `pauses`, and now, since `paused_since`) they stood still.
    `joined` are agents who may write too; `help_asked_at` is a raised hand; `choice`: whoever waits
    was offered not to wait live; `callback` is how they, who do not, are called back; `ticked` are
    points of scripts (`script/point`), `script` the one an agent chose (None: the topic's). `pile`
    is how many messages came faster than `piling` allows; while `piling`, `piled` are the newest of
    them that the bot has not answered. `answers` are the agents' newest, which may still be taken
    back; at `phoned_at` somebody last answered with the channel's own app.
    """

    id: int
    seq: int = 0
    head: bytes = GENESIS
    status: Status = "bot"
    channel: int = 0
    contact: int = 0
    language: str = ""
    dialogue: dict[str, Any] = msgspec.field(default_factory=dict)
    queue: str = ""
    skills: tuple[str, ...] = ()
    priority: int = 0
    reason: str = ""
    collected: dict[str, str] = msgspec.field(default_factory=dict)
    agent: str = ""
    agent_name: str = ""
    last_agent: str = ""
    declined: tuple[str, ...] = ()
    offer_until: datetime | None = None
    position: int = 0
    started_at: datetime | None = None
    waiting_since: datetime | None = None
    assigned_at: datetime | None = None
    closed_at: datetime | None = None
    last_inbound_at: datetime | None = None
    last_provider_id: str = ""
    last_message_at: datetime | None = None
    last_preview: str = ""
    unanswered: int = 0
    opted_out: bool = False
    wrap_up: str = ""
    raised: int = 0
    raised_by: tuple[str, ...] = ()
    handed_over_at: datetime | None = None
    answered_at: datetime | None = None
    unanswered_since: datetime | None = None
    levels_told: tuple[str, ...] = ()
    paused_since: datetime | None = None
    paused_s: float = 0.0
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    position_told_at: datetime | None = None
    choice: bool = False
    snoozed_until: datetime | None = None
    joined: tuple[str, ...] = ()
    help_asked_at: datetime | None = None
    callback: str = ""
    ticked: tuple[str, ...] = ()
    script: str | None = None
    pile: float = 0.0
    piling: bool = False
    piled: tuple[content.Inbound, ...] = ()
    answers: tuple[answering.Answer, ...] = ()
    phoned_at: datetime | None = None


def apply(conversation: Conversation, event: Event) -> Conversation:
    """The conversation after `event`. Raises `ValueError` if `event` is not its next one."""
    if event.seq != conversation.seq + 1 or event.conversation != conversation.id:
        raise ValueError(
            f"event {event.conversation}/{event.seq} does not follow "
            f"{conversation.id}/{conversation.seq}"
        )
    changes = _HANDLERS[type(event.data)](conversation, event)
    if "status" in changes or "callback" in changes:
        changes |= pausing.changes(conversation, changes, event.at)
    return msgspec.structs.replace(conversation, seq=event.seq, head=event.hash, **changes)


def fold(conversation_id: int, log: Iterable[Event]) -> Conversation:
    """Rebuilds the conversation from its whole log, in order."""
    conversation = Conversation(id=conversation_id)
    for event in log:
        conversation = apply(conversation, event)
    return conversation


Changes = dict[str, Any]
_HANDLERS: dict[type[msgspec.Struct], Callable[[Conversation, Event], Changes]] = {}


def _on(
    *payloads: type[msgspec.Struct],
) -> Callable[[Callable[[Conversation, Event], Changes]], Callable[[Conversation, Event], Changes]]:
    def register(
        handler: Callable[[Conversation, Event], Changes],
    ) -> Callable[[Conversation, Event], Changes]:
        _HANDLERS.update(dict.fromkeys(payloads, handler))
        return handler

    return register


def handled_types() -> frozenset[type[msgspec.Struct]]:
    """The payload types that have a handler; a test holds it against `events.PAYLOAD_TYPES`."""
    return frozenset(_HANDLERS)


@_on(events.ConversationStarted)
def _started(conversation: Conversation, event: Event) -> Changes:
    data = event.data
    assert isinstance(data, events.ConversationStarted)
    return {
        "channel": data.channel,
        "contact": data.contact,
        "language": data.language,
        "started_at": event.at,
        "last_inbound_at": data.last_inbound_at,
        "last_message_at": event.at,
    }


@_on(events.MessageReceived)
def _received(conversation: Conversation, event: Event) -> Changes:
    data = event.data
    assert isinstance(data, events.MessageReceived)
    last = conversation.last_inbound_at
    sent_at = min(data.sent_at, event.at)
    changes: Changes = {
        "last_inbound_at": sent_at if last is None else max(last, sent_at),
        "last_message_at": event.at,
        "last_preview": content.preview(data.content),
    }
    if not isinstance(data.content, content.Reaction | content.Edit | content.Revocation):
        changes["unanswered"] = conversation.unanswered + 1
        changes["unanswered_since"] = conversation.unanswered_since or event.at
        changes["last_provider_id"] = data.provider_id
        height = piling.level(conversation.pile, last, changes["last_inbound_at"])
        changes["pile"] = round(height, 3)
        changes["piling"] = piling.is_pile(height, was=conversation.piling)
        newest = (*conversation.piled, data.content)[-piling.NEWEST :]
        changes["piled"] = newest if changes["piling"] else ()
    return changes


@_on(events.MessageCreated)
def _created(conversation: Conversation, event: Event) -> Changes:
    data = event.data
    assert isinstance(data, events.MessageCreated)
    kind = event.actor.kind
    changes: Changes = {"last_message_at": event.at}
    if isinstance(data.content, content.Reaction):
        return changes  # a nod is no answer
    if kind == "bot" and conversation.status == "bot":
        changes |= {"unanswered": 0, "unanswered_since": None}
    if kind in ("agent", "bot"):
        changes["piled"] = ()
    if kind == "agent":
        if not event.actor.id:  # with the channel's own app, on a phone
            changes["phoned_at"] = event.at
        changes |= _answered(conversation, event.at)
        changes["last_preview"] = content.preview(data.content)
        if conversation.callback == "message":
            changes["callback"] = ""
        before = _standing(conversation)
        changes["answers"] = answering.remembered(conversation.answers, data.ref, before)
    return changes


def _standing(conversation: Conversation) -> answering.Standing:
    names = answering.Standing.__struct_fields__
    return answering.Standing(**{name: getattr(conversation, name) for name in names})


def _answered(conversation: Conversation, at: datetime) -> Changes:
    is_asked = conversation.handed_over_at is not None
    after = answering.answered(_standing(conversation), at, is_asked=is_asked)
    return msgspec.structs.asdict(after)


@_on(events.MessageWithdrawn)
def _withdrawn(conversation: Conversation, event: Event) -> Changes:
    assert isinstance(event.data, events.MessageWithdrawn)
    answers, stands = answering.taken_back(
        conversation.answers, event.data.ref, _standing(conversation)
    )
    return {"answers": answers, **msgspec.structs.asdict(stands)}


@_on(events.LanguageChanged)
def _language(conversation: Conversation, event: Event) -> Changes:
    assert isinstance(event.data, events.LanguageChanged)
    return {"language": event.data.language}


@_on(events.DialogueMoved)
def _dialogue(conversation: Conversation, event: Event) -> Changes:
    assert isinstance(event.data, events.DialogueMoved)
    return {"dialogue": event.data.dialogue}


@_on(events.HandedOver)
def _handed_over(conversation: Conversation, event: Event) -> Changes:
    data = event.data
    assert isinstance(data, events.HandedOver)
    return {
        "status": "waiting",
        "queue": data.queue,
        "skills": data.skills,
        "priority": data.priority + conversation.raised,
        "reason": data.reason,
        "collected": {**conversation.collected, **data.collected},
        "waiting_since": event.at,
        "handed_over_at": event.at,
        "answered_at": None,
        "levels_told": (),
        "paused_s": 0.0,
        "pauses": (),
        "position": 0,
        "declined": (),
        "agent": "",
        "agent_name": "",
        "offer_until": None,
    }


@_on(events.ConversationOffered, events.OfferEnded, events.ConversationAssigned)
@_on(events.ConversationTransferred, events.AgentJoined, events.AgentLeft)
def _held(conversation: Conversation, event: Event) -> Changes:
    return holding.changes(event.data, event.at, conversation)


@_on(events.StopAsked)
def _stop(conversation: Conversation, event: Event) -> Changes:
    return {"opted_out": True}


@_on(events.ConversationClosed)
def _closed(conversation: Conversation, event: Event) -> Changes:
    assert isinstance(event.data, events.ConversationClosed)
    return {
        "status": "closed",
        "closed_at": event.at,
        "wrap_up": event.data.reason,
        "agent": "",
        "agent_name": "",
        "offer_until": None,
        "waiting_since": None,
        "snoozed_until": None,
        "joined": (),
        "help_asked_at": None,
    }


@_on(events.PriorityChanged)
def _priority(conversation: Conversation, event: Event) -> Changes:
    data = event.data
    assert isinstance(data, events.PriorityChanged)
    base = conversation.priority - conversation.raised
    by = data.why or conversation.raised_by
    return {"priority": base + data.points, "raised": data.points, "raised_by": by}


@_on(events.HelpAsked)
def _help_asked(conversation: Conversation, event: Event) -> Changes:
    return {"help_asked_at": event.at}


@_on(events.HelpGiven)
def _help_given(conversation: Conversation, event: Event) -> Changes:
    return {"help_asked_at": None}


@_on(events.ScriptChosen)
@_on(events.NoticeSent)
@_on(events.PointTicked)
def _guided(conversation: Conversation, event: Event) -> Changes:
    return guiding.changes(event.data, conversation.ticked)


@_on(events.PositionTold, events.CallbackAsked, events.CallbackMade, events.PlaceAsked)
@_on(events.QueueMoved, events.ServiceLevelWarned, events.ServiceLevelBreached)
@_on(events.ConversationSnoozed, events.ConversationWoken)
def _waiting(conversation: Conversation, event: Event) -> Changes:
    changes = waiting.changes(event.data, event.at, conversation.levels_told)
    if isinstance(event.data, events.CallbackMade) and event.data.reached:
        return {**_answered(conversation, event.at), **changes}
    return changes


@_on(events.MessageFailed, events.MediaStored, events.MediaFailed)
@_on(events.VerdictGiven, events.AnswerDisputed, events.NoteAdded, events.MachineRead)
@_on(events.ConsentAsked, events.ConsentAnswered)
@_on(events.WatchStarted, events.WatchEnded, events.WatchTold, events.WindowWarned)
def _nothing(conversation: Conversation, event: Event) -> Changes:
    return {}
