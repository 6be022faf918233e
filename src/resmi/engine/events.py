"""Everything that can have happened in a conversation, as append-only, past-tense events.

An `Event` is an envelope `(conversation, seq, at, actor, data, hash)` round a typed payload. Each
payload type names itself by its `tag`; its docstring gives an example. `hash` chains to the event
before (`resmi.engine.chain`), so that a copy of the log proves itself.
Times are UTC seconds since 1970 as `float` inside payloads only where a wire gave them; the
envelope's `at` is an aware UTC `datetime`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from resmi.engine.consent import ConsentAnswered as ConsentAnswered
from resmi.engine.consent import ConsentAsked as ConsentAsked
from resmi.engine.content import Inbound, Outbound
from resmi.engine.guiding import NoticeSent as NoticeSent
from resmi.engine.guiding import PointTicked as PointTicked
from resmi.engine.guiding import ScriptChosen as ScriptChosen
from resmi.engine.machine import MachineRead as MachineRead
from resmi.engine.waiting import CallbackAsked as CallbackAsked
from resmi.engine.waiting import CallbackMade as CallbackMade
from resmi.engine.waiting import ConversationSnoozed as ConversationSnoozed
from resmi.engine.waiting import ConversationWoken as ConversationWoken
from resmi.engine.waiting import PlaceAsked as PlaceAsked
from resmi.engine.waiting import PositionTold as PositionTold
from resmi.engine.waiting import QueueMoved as QueueMoved
from resmi.engine.waiting import ServiceLevelBreached as ServiceLevelBreached
from resmi.engine.waiting import ServiceLevelWarned as ServiceLevelWarned

HowAssigned = Literal["accepted", "taken_over", "transferred"]
ActorKind = Literal["citizen", "bot", "agent", "system"]


class Actor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who did it. `id` is the account's id for an agent, empty for the others."""

    kind: ActorKind
    id: str = ""
    name: str = ""


CITIZEN = Actor("citizen")
BOT = Actor("bot")
SYSTEM = Actor("system")


class ConversationStarted(
    msgspec.Struct, frozen=True, tag="conversation_started", kw_only=True, omit_defaults=True
):
    """A citizen wrote, or we have news for them, and no conversation was open.

    Example: `{"channel": 1, "contact": 7, "language": "id"}`. `last_inbound_at` is set when we
    begin: when the citizen last wrote on this channel (UTC), for the window of free text.
    """

    channel: int
    contact: int
    language: str
    last_inbound_at: datetime | None = None


class MessageReceived(
    msgspec.Struct, frozen=True, tag="message_received", kw_only=True, omit_defaults=True
):
    """A citizen's message. `provider_id` is the channel's id, `sent_at` its own time (UTC)."""

    provider_id: str
    content: Inbound
    sent_at: datetime
    reply_to: str = ""
    forwarded: bool = False


class MessageCreated(
    msgspec.Struct, frozen=True, tag="message_created", kw_only=True, omit_defaults=True
):
    """The bot, an agent or the system wrote to the citizen. `ref` is the delivery's reference."""

    ref: str
    content: Outbound
    reply_to: str = ""


class MessageFailed(
    msgspec.Struct, frozen=True, tag="message_failed", kw_only=True, omit_defaults=True
):
    """The channel would not deliver a message. `code` is the channel's, `reason` is in words."""

    ref: str
    code: str
    reason: str


class MediaStored(msgspec.Struct, frozen=True, tag="media_stored", kw_only=True):
    """The file of a received message is here. `provider_id` names the file, `media` our copy."""

    provider_id: str
    media: str
    mime: str
    size: int


class MediaFailed(msgspec.Struct, frozen=True, tag="media_failed", kw_only=True):
    """The file of a received message can't be had, for good."""

    provider_id: str
    reason: str


class LanguageChanged(msgspec.Struct, frozen=True, tag="language_changed", kw_only=True):
    """The conversation goes on in another language (ISO 639-1). `detected` is false if chosen."""

    language: str
    detected: bool


class DialogueMoved(msgspec.Struct, frozen=True, tag="dialogue_moved", kw_only=True):
    """The bot stands somewhere else in its flows. `dialogue` is the bot's own state (JSON)."""

    dialogue: dict[str, Any]


class VerdictGiven(
    msgspec.Struct, frozen=True, tag="verdict_given", kw_only=True, omit_defaults=True
):
    """An entity was verified and answered. `verdict` is `resmi.registry.rules.Verdict` as data.

    `receipt` is the code of the signed receipt, "" for what was not sent or before there were any.
    """

    query: str
    verdict: dict[str, Any]
    sent: bool = True
    receipt: str = ""


class HandedOver(msgspec.Struct, frozen=True, tag="handed_over", kw_only=True, omit_defaults=True):
    """The bot is silent from here; the conversation waits for an agent in `queue`.

    `reason` is a pack-defined word (`asked`, `misunderstood`, `report`, …); `collected` is what the
    bot already asked for, label to value.
    """

    queue: str
    reason: str
    skills: tuple[str, ...] = ()
    priority: int = 0
    collected: dict[str, str] = {}


class ConversationOffered(msgspec.Struct, frozen=True, tag="conversation_offered", kw_only=True):
    """An agent is asked to take it until `until` (UTC). Their capacity is already charged."""

    agent: str
    agent_name: str
    until: datetime


class OfferEnded(msgspec.Struct, frozen=True, tag="offer_ended", kw_only=True):
    """The offer passed on: `why` is `declined`, `expired` or `unavailable`."""

    agent: str
    why: Literal["declined", "expired", "unavailable"]


class ConversationAssigned(msgspec.Struct, frozen=True, tag="conversation_assigned", kw_only=True):
    """An agent holds the conversation. `how` is `accepted`, `taken_over` or `transferred`."""

    agent: str
    agent_name: str
    how: HowAssigned


class ConversationTransferred(
    msgspec.Struct, frozen=True, tag="conversation_transferred", kw_only=True, omit_defaults=True
):
    """The agent passed it on to a queue, or back to the bot when `queue` is empty."""

    queue: str
    note: str = ""


class NoteAdded(msgspec.Struct, frozen=True, tag="note_added", kw_only=True, omit_defaults=True):
    """Staff wrote a note the citizen never sees. `mentions` are the account ids it calls."""

    body: str
    mentions: tuple[str, ...] = ()


class PriorityChanged(
    msgspec.Struct, frozen=True, tag="priority_changed", kw_only=True, omit_defaults=True
):
    """The conversation goes `points` further ahead (behind if negative) than its queue and the bot
    say, because of the rules in `why`; a change by staff has `why` empty and `note` the reason."""

    points: int
    why: tuple[str, ...] = ()
    note: str = ""


class AgentJoined(msgspec.Struct, frozen=True, tag="agent_joined", kw_only=True):
    """A second agent may write to the citizen beside the one who holds the conversation."""

    agent: str
    agent_name: str


class AgentLeft(msgspec.Struct, frozen=True, tag="agent_left", kw_only=True):
    """An agent who had joined is out again."""

    agent: str
    agent_name: str


class HelpAsked(msgspec.Struct, frozen=True, tag="help_asked", kw_only=True, omit_defaults=True):
    """The agent raised a hand for a supervisor."""

    note: str = ""


class HelpGiven(msgspec.Struct, frozen=True, tag="help_given", kw_only=True):
    """The raised hand is down: a supervisor helped, or the agent needs no help any more."""


class MessageWithdrawn(msgspec.Struct, frozen=True, tag="message_withdrawn", kw_only=True):
    """The agent took back message `ref` before it left; the citizen never got it."""

    ref: str


class WindowWarned(msgspec.Struct, frozen=True, tag="window_warned", kw_only=True):
    """Staff were reminded that free text ends at `closes_at` (UTC)."""

    closes_at: datetime


class StopAsked(msgspec.Struct, frozen=True, tag="stop_asked", kw_only=True):
    """The citizen wants no messages we start. Answers to what they write stay allowed."""


class WatchStarted(msgspec.Struct, frozen=True, tag="watch_started", kw_only=True):
    """The citizen wants to be told when the register's answer changes.

    Example: `{"subject": "entity:L00001", "name": "PT Contoh", "standing": "licensed"}`. `subject`,
    `name` and `standing` are those of `resmi.registry.watches.rules.Watched`.
    """

    subject: str
    name: str
    standing: str


class WatchEnded(msgspec.Struct, frozen=True, tag="watch_ended", kw_only=True):
    """The citizen is not told of this any more. `why`: `asked`, or `stopped` with all messages."""

    subject: str
    name: str
    why: Literal["asked", "stopped"]


class WatchTold(msgspec.Struct, frozen=True, tag="watch_told", kw_only=True):
    """The register's answer changed, and the message that follows tells the citizen who watches."""

    subject: str
    name: str
    before: str
    after: str


class AnswerDisputed(msgspec.Struct, frozen=True, tag="answer_disputed", kw_only=True):
    """The citizen says that the register's answer about `query` is wrong.

    Example: `{"query": "Dana Contoh", "receipt": "7K2MQ0ZD41XF"}`. `receipt` is the code of that
    answer's receipt, "" when it has none: then the last answer about `query` is meant.
    """

    query: str
    receipt: str


class ConversationClosed(
    msgspec.Struct, frozen=True, tag="conversation_closed", kw_only=True, omit_defaults=True
):
    """It is over. `reason`: the wrap-up reason's key; `idle`, `stopped`, … by the bot.

    `unticked` are required points of its script (`script/point`) that the agent left open.
    """

    reason: str
    comment: str = ""
    unticked: tuple[str, ...] = ()


Payload = (
    ConversationStarted
    | MessageReceived
    | MessageCreated
    | MessageFailed
    | MediaStored
    | MediaFailed
    | LanguageChanged
    | DialogueMoved
    | VerdictGiven
    | HandedOver
    | PositionTold
    | ConversationOffered
    | OfferEnded
    | ConversationAssigned
    | ConversationTransferred
    | NoteAdded
    | PriorityChanged
    | ConversationSnoozed
    | ConversationWoken
    | AgentJoined
    | AgentLeft
    | HelpAsked
    | HelpGiven
    | MessageWithdrawn
    | CallbackAsked
    | ScriptChosen
    | NoticeSent
    | PointTicked
    | CallbackMade
    | PlaceAsked
    | QueueMoved
    | ServiceLevelWarned
    | ServiceLevelBreached
    | WindowWarned
    | StopAsked
    | WatchStarted
    | WatchEnded
    | WatchTold
    | ConsentAsked
    | ConsentAnswered
    | AnswerDisputed
    | MachineRead
    | ConversationClosed
)

PAYLOAD_TYPES: tuple[type[msgspec.Struct], ...] = Payload.__args__


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `seq` starts at 1; `hash` is 32 bytes, see `resmi.engine.chain`."""

    conversation: int
    seq: int
    at: datetime
    actor: Actor
    data: Payload
    hash: bytes = b""


_decoder = msgspec.json.Decoder(Payload)


def type_name(payload: Payload | type[msgspec.Struct]) -> str:
    """The payload's tag, e.g. `message_received`."""
    return str(payload.__struct_config__.tag)


def encode_payload(payload: Payload) -> bytes:
    """Canonical JSON of a payload: sorted keys, UTF-8, no blanks."""
    return msgspec.json.encode(payload, order="sorted")


def decode_payload(raw: bytes | str) -> Payload:
    """Reads a payload from JSON. Raises `msgspec.ValidationError` for an unknown type or shape."""
    payload: Payload = _decoder.decode(raw)
    return payload
