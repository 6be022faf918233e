"""What the rooms above ask to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from resmi.engine.address import Address
from resmi.engine.content import Outbound

Author = Literal["bot", "agent", "system", "citizen"]
Purpose = Literal["message", "read", "typing"]


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to send to one citizen, already fitted to the channel.

    `ref` names it for good, `"{conversation}.{seq}.{part}"`; enqueuing the same ref twice sends it
    once. `channel`, `conversation` and `contact` are row ids. `reply_to` is the channel's id of the
    message answered, or of the message to mark when `purpose` is `read` or `typing`. Times are
    aware UTC: after `window_closes_at` only templates leave; before `not_before` nothing does, and
    later messages to the same citizen go ahead of it. For `hold_s` seconds it can be withdrawn, and
    what comes after it waits too.
    """

    ref: str
    channel: int
    conversation: int
    contact: int
    recipient: Address
    author: Author
    content: Outbound
    reply_to: str = ""
    window_closes_at: datetime | None = None
    purpose: Purpose = "message"
    not_before: datetime | None = None
    hold_s: int = 0

    def lane(self) -> str:
        """What keeps order: one citizen on one channel. Read marks may overtake."""
        lane = f"{self.channel}:{self.recipient.key()}"
        return f"{lane}#read" if self.purpose == "read" else lane
