"""A conversation under lock, as the shells hold it."""

from __future__ import annotations

import msgspec

from resmi.conversations.building import Line
from resmi.engine.conversation import Conversation


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation under lock, with what a turn needs to know round it.

    `stored` is false for one that is about to begin: its id is allocated, its row is not there.
    `charge` is how many capacity units its agent is charged for it.
    """

    conversation: Conversation
    line: Line
    identity: int
    kind: str
    stored: bool = True
    charge: int = 0
