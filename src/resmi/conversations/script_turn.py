"""What follows when agents go by a script. Pure."""

from __future__ import annotations

from resmi.bot import scripts
from resmi.bot.schema import Script
from resmi.conversations import stimuli
from resmi.conversations.building import Handlers, TurnBuilder, World, on
from resmi.conversations.stimuli import Staff
from resmi.engine import events, lifecycle
from resmi.engine.conversation import Conversation
from resmi.engine.events import Actor
from resmi.engine.lifecycle import Refused
from resmi.engine.said import gettext_noop

HANDLERS: Handlers = {}


def in_force(conversation: Conversation, world: World) -> Script | None:
    """The script the conversation goes by."""
    return scripts.in_force(
        world.pack,
        chosen=conversation.script,
        reason=conversation.reason,
        queue=conversation.queue,
    )


def unticked(conversation: Conversation, world: World) -> tuple[str, ...]:
    """The required points of its script that are open, as `script/point`."""
    script = in_force(conversation, world)
    left = scripts.open_points(script, conversation.ticked)
    return tuple(scripts.mark(script.key, point.key) for point in left) if script else ()


def _agent(staff: Staff) -> Actor:
    return Actor("agent", staff.id, staff.name)


@on(HANDLERS, stimuli.ChooseScript)
def _choose(turn: TurnBuilder, choice: stimuli.ChooseScript) -> None:
    lifecycle.check_writer(turn.now_is, choice.agent.id)
    if choice.script and choice.script not in {one.key for one in turn.world.pack.scripts}:
        raise Refused(
            "no_script", gettext_noop("This script is not in the pack any more: choose another.")
        )
    before = in_force(turn.now_is, turn.world)
    if choice.script != (before.key if before else ""):
        turn.emit(_agent(choice.agent), events.ScriptChosen(script=choice.script))


@on(HANDLERS, stimuli.Tick)
def _tick(turn: TurnBuilder, tick: stimuli.Tick) -> None:
    lifecycle.check_writer(turn.now_is, tick.agent.id)
    known = {one.key: one for one in turn.world.pack.scripts}
    script = known.get(tick.script)
    if script is None or tick.point not in {point.key for point in script.points}:
        raise Refused(
            "no_point",
            gettext_noop("This point is not in the pack any more: open the script again."),
        )
    if (scripts.mark(tick.script, tick.point) in turn.now_is.ticked) != tick.done:
        turn.emit(
            _agent(tick.agent),
            events.PointTicked(script=tick.script, point=tick.point, done=tick.done),
        )
