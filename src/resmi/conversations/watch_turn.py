"""What follows when the register changes something a citizen watches. Pure."""

from __future__ import annotations

from resmi.bot import watching
from resmi.conversations.building import Handlers, TurnBuilder, on
from resmi.conversations.stimuli import RegisterChanged
from resmi.engine import events
from resmi.engine.content import Outbound
from resmi.engine.events import SYSTEM
from resmi.registry.watches.rules import Change

HANDLERS: Handlers = {}
TOLD = "told"
"""Why a conversation ends that was only opened for the news."""


@on(HANDLERS, RegisterChanged)
def _register_changed(turn: TurnBuilder, happened: RegisterChanged) -> None:
    """Tells each change as free text or, after the window, as a template; without one, nothing.

    A conversation that was only opened for the news ends with them: an answer opens a new one.
    """
    language = turn.now_is.language or happened.language
    messages = [(change, _message(turn, language, change)) for change in happened.changes]
    sendable = [(change, message) for change, message in messages if message is not None]
    if not sendable:
        return
    opened = turn.now_is.seq == 0
    if opened:
        turn.emit(
            SYSTEM,
            events.ConversationStarted(
                channel=turn.line.channel,
                contact=turn.line.contact,
                language=turn.now_is.language,
                last_inbound_at=turn.now_is.last_inbound_at,
            ),
        )
    for change, message in sendable:
        turn.emit(
            SYSTEM,
            events.WatchTold(
                subject=change.subject,
                name=change.name,
                before=change.before,
                after=change.after,
            ),
        )
        turn.send(SYSTEM, message)
    if opened:
        turn.end(SYSTEM, TOLD)


def _message(turn: TurnBuilder, language: str, change: Change) -> Outbound | None:
    """What can be sent now; None when only a template could, and the pack has none."""
    free = watching.news(turn.world.pack, language, change)
    if turn.may_send(free):
        return free
    if not turn.line.capabilities.templates:
        return None
    return watching.news_template(turn.world.pack, language, change)
