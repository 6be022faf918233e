"""What an outlet is asked to send, and what can become of it. Pure."""

from __future__ import annotations

import msgspec

from resmi.channels.outgoing import Purpose
from resmi.channels.rules import Problem
from resmi.engine.address import Address
from resmi.engine.content import Outbound


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to send, with all an outlet needs to know.

    `sender` is the channel's own id of our address; `upload_id` its id of the file carried.
    """

    ref: str
    sender: str
    recipient: Address
    content: Outbound
    purpose: Purpose = "message"
    reply_to: str = ""
    upload_id: str = ""


class Accepted(msgspec.Struct, frozen=True):
    """The channel took it. `provider_id` may be empty when the answer did not name one."""

    provider_id: str = ""


class Refused(msgspec.Struct, frozen=True):
    """The channel (or a check before it) said no: the citizen got nothing."""

    problem: Problem


class NotSent(msgspec.Struct, frozen=True):
    """There was no connection: nothing left the house, trying again is safe."""

    reason: str


class Uncertain(msgspec.Struct, frozen=True):
    """No answer came after it was sent: the citizen may have got it, or not.

    For `hold_s` seconds the channel tries nothing else: it would be in doubt too.
    """

    reason: str
    hold_s: float = 0.0


class Held(msgspec.Struct, frozen=True):
    """We did not even try: `dropped` for good, or to be claimed again at once."""

    dropped: bool = False


Outcome = Accepted | Refused | NotSent | Uncertain
