"""What follows when an agent sends a notice the agency has to give. Pure."""

from __future__ import annotations

from resmi.bot import notices
from resmi.bot.schema import Notice
from resmi.conversations import stimuli
from resmi.conversations.building import Handlers, TurnBuilder, on
from resmi.engine import events, lifecycle
from resmi.engine.content import Outbound
from resmi.engine.events import Actor
from resmi.engine.lifecycle import Refused
from resmi.engine.said import gettext_noop

HANDLERS: Handlers = {}


@on(HANDLERS, stimuli.SendNotice)
def _send(turn: TurnBuilder, send: stimuli.SendNotice) -> None:
    """The message, and beside it which notice it is: the proof names both."""
    lifecycle.check_writer(turn.now_is, send.agent.id)
    notice = notices.find(turn.world.pack, send.notice)
    if notice is None:
        raise Refused(
            "no_notice",
            gettext_noop("This notice is not in the pack any more: open the page again."),
        )
    actor = Actor("agent", send.agent.id, send.agent.name)
    seq = turn.send(actor, _message(turn, notice), hold_s=send.hold_s)
    ref = f"{turn.now_is.id}.{seq}"
    turn.emit(actor, events.NoticeSent(notice=notice.key, ref=ref))


def _message(turn: TurnBuilder, notice: Notice) -> Outbound:
    """Free text while the window is open, then the template; refused when there is none."""
    language = turn.now_is.language
    free = notices.message(turn.world.pack, notice, language)
    approved = notices.template(turn.world.pack, notice, language)
    if turn.may_send(free) or approved is None or not turn.line.capabilities.templates:
        turn.check_sendable(free)
        return free
    return approved
