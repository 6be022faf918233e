"""What can happen to a conversation from outside: the inputs of a turn.

Citizens' messages and timers come through the inbound table; agents' actions come from the desk;
offers and positions come from the router.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from resmi.channels.items import (
    CitizenMessage,
    DeliveryFailed,
    Echo,
    MediaFetched,
    PreferenceChanged,
    TimerDue,
)
from resmi.engine.content import Outbound
from resmi.engine.machine import MachineRead
from resmi.registry.watches.rules import Change


class Staff(msgspec.Struct, frozen=True):
    """A member of staff who acts: account id, name for colleagues, name for citizens."""

    id: str
    name: str
    display_name: str


class Offer(msgspec.Struct, frozen=True):
    """The router found an agent and charged their capacity."""

    agent: Staff
    until: datetime


class OfferWithdrawn(msgspec.Struct, frozen=True):
    """The agent asked went away before answering."""

    agent_id: str


class TellPosition(msgspec.Struct, frozen=True):
    """The router counted: place in the queue (1 = next) and wait in seconds (-1 = unknown)."""

    position: int
    wait_s: int


class Accept(msgspec.Struct, frozen=True):
    """The agent takes the offer."""

    agent: Staff


class Decline(msgspec.Struct, frozen=True):
    """The agent passes the offer on."""

    agent: Staff


class TakeOver(msgspec.Struct, frozen=True):
    """The agent takes the conversation from the bot, the queue or a colleague."""

    agent: Staff


class Reply(msgspec.Struct, frozen=True):
    """The agent writes to the citizen. `reply_to` is the channel's id of the message quoted.

    For `hold_s` seconds it can still be withdrawn.
    """

    agent: Staff
    content: Outbound
    reply_to: str = ""
    hold_s: int = 0


class AddNote(msgspec.Struct, frozen=True):
    """Staff write a note for colleagues."""

    agent: Staff
    body: str
    mentions: tuple[str, ...] = ()


class Snooze(msgspec.Struct, frozen=True):
    """The agent lays the conversation aside until a time (UTC), or until the citizen writes."""

    agent: Staff
    until: datetime | None = None
    note: str = ""


class Wake(msgspec.Struct, frozen=True):
    """Staff take up what was laid aside; it waits for its agent again."""

    agent: Staff


class Join(msgspec.Struct, frozen=True):
    """`who` may write beside the holder from now on; `agent` asked for it."""

    agent: Staff
    who: Staff


class Leave(msgspec.Struct, frozen=True):
    """`who`, who had joined, is out again."""

    agent: Staff
    who: Staff


class AskHelp(msgspec.Struct, frozen=True):
    """The agent raises a hand for a supervisor."""

    agent: Staff
    note: str = ""


class GiveHelp(msgspec.Struct, frozen=True):
    """The raised hand comes down."""

    agent: Staff


class Withdraw(msgspec.Struct, frozen=True):
    """The agent takes back message `ref`, whose deliveries the shell has cancelled."""

    agent: Staff
    ref: str


class Prioritise(msgspec.Struct, frozen=True):
    """Staff move the conversation ahead (or back, if negative) by points."""

    agent: Staff
    points: int
    note: str = ""


class RecordReading(msgspec.Struct, frozen=True):
    """A service answered what the agent asked of a message, or failed to."""

    agent: Staff
    reading: MachineRead


class Tick(msgspec.Struct, frozen=True):
    """The agent ticks a point of a script, or takes the tick back."""

    agent: Staff
    script: str
    point: str
    done: bool = True


class ChooseScript(msgspec.Struct, frozen=True):
    """The agent goes by another script than the topic's, by none when `script` is empty."""

    agent: Staff
    script: str


class SendNotice(msgspec.Struct, frozen=True):
    """The agent sends a notice of the pack; for `hold_s` seconds it can still be withdrawn."""

    agent: Staff
    notice: str
    hold_s: int = 0


class MoveQueue(msgspec.Struct, frozen=True):
    """The queue it is in is dissolved; it goes on in `queue`."""

    agent: Staff
    queue: str


class MakeCallback(msgspec.Struct, frozen=True):
    """The agent called the citizen back; `reached` is whether somebody answered."""

    agent: Staff
    reached: bool
    note: str = ""


class Return(msgspec.Struct, frozen=True):
    """Who held it, or laid it aside, has left the agency: it waits in its queue again.

    `note` says so.
    """

    note: str


class TransferToQueue(msgspec.Struct, frozen=True):
    """The agent (or a supervisor) puts the conversation into a queue."""

    agent: Staff
    queue: str
    note: str = ""


class TransferToAgent(msgspec.Struct, frozen=True):
    """The agent hands the conversation to a colleague whose capacity is already charged."""

    agent: Staff
    to: Staff
    note: str = ""


class ReturnToBot(msgspec.Struct, frozen=True):
    """The agent gives the conversation back to the bot."""

    agent: Staff
    note: str = ""


class Close(msgspec.Struct, frozen=True):
    """The agent ends the conversation with a wrap-up reason."""

    agent: Staff
    reason: str
    comment: str = ""


class RecordVerdict(msgspec.Struct, frozen=True):
    """The agent looked an entity up; the citizen is told too when there is `content`.

    `receipt` is the code of the receipt that goes with what is told.
    """

    agent: Staff
    query: str
    verdict: dict[str, Any]
    content: Outbound | None = None
    receipt: str = ""


class RegisterChanged(msgspec.Struct, frozen=True):
    """The register changed its answers about what the citizen watches.

    `language` is theirs, for a conversation that only begins with the news.
    """

    changes: tuple[Change, ...]
    language: str = ""


Stimulus = (
    CitizenMessage
    | MediaFetched
    | TimerDue
    | DeliveryFailed
    | PreferenceChanged
    | Echo
    | Offer
    | OfferWithdrawn
    | TellPosition
    | Accept
    | Decline
    | TakeOver
    | Reply
    | AddNote
    | Snooze
    | Wake
    | Join
    | Leave
    | AskHelp
    | GiveHelp
    | Withdraw
    | Prioritise
    | Tick
    | RecordReading
    | ChooseScript
    | SendNotice
    | MoveQueue
    | MakeCallback
    | Return
    | TransferToQueue
    | TransferToAgent
    | ReturnToBot
    | Close
    | RecordVerdict
    | RegisterChanged
)
