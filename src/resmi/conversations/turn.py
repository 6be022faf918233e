"""One turn of a conversation: what happened comes in, what follows goes out. Pure.

`take` composes the rooms below: who may talk (lifecycle), what the bot says (bot), what a channel
can carry (rendering). It does no I/O and reads no clock; the shells in `handle` and `services` save
what it returns in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from resmi.channels.items import CitizenMessage
from resmi.conversations import (
    citizen_turn,
    notice_turn,
    queue_turn,
    script_turn,
    staff_turn,
    team_turn,
    watch_turn,
)
from resmi.conversations.building import Handlers, Line, Turn, TurnBuilder, World
from resmi.conversations.stimuli import Stimulus
from resmi.engine.conversation import Conversation

_HANDLERS: Handlers = {
    **citizen_turn.HANDLERS,
    **staff_turn.HANDLERS,
    **queue_turn.HANDLERS,
    **team_turn.HANDLERS,
    **script_turn.HANDLERS,
    **notice_turn.HANDLERS,
    **watch_turn.HANDLERS,
}


def handled_stimuli() -> frozenset[type[Any]]:
    """The stimulus types a turn understands; a test holds it against `stimuli.Stimulus`."""
    return frozenset(_HANDLERS)


def take(
    conversation: Conversation,
    taken: Sequence[Stimulus],
    line: Line,
    world: World,
    now: datetime,
) -> Turn:
    """Applies stimuli in order. Raises `Refused` for a staff action that is not allowed now.

    Citizens' messages and the system's own stimuli never raise: what no longer fits is ignored.
    """
    turn = TurnBuilder(conversation, line, world, now)
    for position, stimulus in enumerate(taken):
        if turn.now_is.status == "closed" and isinstance(stimulus, CitizenMessage):
            return turn.built(left=tuple(taken[position:]))
        _HANDLERS[type(stimulus)](turn, stimulus)
    return turn.built()
