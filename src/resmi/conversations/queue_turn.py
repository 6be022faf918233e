"""What follows for those who wait: positions, call-backs, a queue or an agent that goes. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from resmi.bot import callbacks
from resmi.conversations import stimuli
from resmi.conversations.building import Handlers, TurnBuilder, on
from resmi.engine import events, lifecycle
from resmi.engine.content import Choice, Inbound, Outbound
from resmi.engine.events import CITIZEN, SYSTEM, Actor
from resmi.engine.lifecycle import Refused
from resmi.engine.said import gettext_noop

HANDLERS: Handlers = {}


@on(HANDLERS, stimuli.TellPosition)
def _tell_position(turn: TurnBuilder, told: stimuli.TellPosition) -> None:
    """Says the place; when the wait is long, with the choice not to wait live."""
    if turn.now_is.status != "waiting" or turn.now_is.callback:
        return
    if opening(turn).shut and turn.now_is.position_told_at is None:
        turn.emit(SYSTEM, events.PositionTold(position=told.position, wait_s=-1))
        return  # they heard when the queue opens; a place means nothing before
    question = _question(turn, told)
    turn.emit(
        SYSTEM,
        events.PositionTold(
            position=told.position, wait_s=told.wait_s, choice=question is not None
        ),
    )
    if question is not None:
        turn.send(SYSTEM, question)
    else:
        turn.say("position_told", position=told.position, wait_s=told.wait_s)


def _question(turn: TurnBuilder, told: stimuli.TellPosition) -> Outbound | None:
    """The choice not to wait live, where the wait is long and it can be offered now."""
    longest = turn.world.queue(turn.now_is.queue).callback_after_s
    if not longest or 0 <= told.wait_s < longest:
        return None
    pack, language = turn.world.pack, turn.now_is.language
    question = callbacks.question(pack, language, told.position, told.wait_s)
    return question if question is not None and turn.may_send(question) else None


def heard(turn: TurnBuilder, said: Inbound) -> bool:
    """Follows what a waiting citizen says about waiting; False for anything else."""
    is_now, pack = turn.now_is, turn.world.pack
    if callbacks.asks_how_long(pack, said) and not is_now.callback:
        turn.emit(CITIZEN, events.PlaceAsked())
        return True
    # A tap says by itself what it answers; a typed number only where it was asked for.
    may_answer = isinstance(said, Choice) or (is_now.choice and is_now.position)
    how = callbacks.chosen(pack, is_now.language, said) if may_answer else None
    if how is None or is_now.callback:
        return False
    _choose(turn, how)
    return True


def _choose(turn: TurnBuilder, how: callbacks.How) -> None:
    """They decided whether to wait live, and hear what happens now."""
    if how != "wait":
        turn.emit(CITIZEN, events.CallbackAsked(how=how))
    turn.say(callbacks.ANSWERS[how])


def say_when_open(turn: TurnBuilder) -> None:
    """Says when the queue's own staff are back, where the bot knows only the agency's hours."""
    opens = opening(turn)
    if opens.shut and (opens.at is None or turn.world.pack.hours.is_open(turn.now)):
        turn.say("queue_shut", opens_at=opens.at, now=turn.now)


class Opening(NamedTuple):
    """Whether nobody serves a queue now, and when they are back (None: not known)."""

    shut: bool
    at: datetime | None = None


def opening(turn: TurnBuilder) -> Opening:
    """How the queue stands: closed by hand, outside its region's hours, or served."""
    queue = turn.world.queue(turn.now_is.queue)
    if queue.closed:
        return Opening(True)
    hours = turn.world.routing.region(queue.region) if queue.region else None
    if hours is None or hours.is_open(turn.now):
        return Opening(False)
    return Opening(True, hours.next_opening(turn.now))


@on(HANDLERS, stimuli.MakeCallback)
def _make_callback(turn: TurnBuilder, made: stimuli.MakeCallback) -> None:
    lifecycle.check_writer(turn.now_is, made.agent.id)
    if not turn.now_is.callback:
        raise Refused("no_callback", gettext_noop("Nobody asked to be called back here."))
    agent = Actor("agent", made.agent.id, made.agent.name)
    turn.emit(agent, events.CallbackMade(reached=made.reached, note=made.note))
    turn.say("callback_done" if made.reached else "callback_missed")


@on(HANDLERS, stimuli.MoveQueue)
def _move_queue(turn: TurnBuilder, move: stimuli.MoveQueue) -> None:
    lifecycle.check_open(turn.now_is)
    turn.emit(Actor("agent", move.agent.id, move.agent.name), events.QueueMoved(queue=move.queue))


@on(HANDLERS, stimuli.Return)
def _return(turn: TurnBuilder, back: stimuli.Return) -> None:
    if turn.now_is.status == "snoozed":
        turn.emit(SYSTEM, events.NoteAdded(body=back.note))
        turn.resume(SYSTEM, "asked")
        return
    if turn.now_is.status not in ("assigned", "offered"):
        return
    known = turn.world.pack.queues
    queue = turn.now_is.queue or (known[0].key if known else "")
    turn.emit(SYSTEM, events.NoteAdded(body=back.note))
    turn.emit(SYSTEM, events.ConversationTransferred(queue=queue))
    turn.forget_timers()
    turn.watch_window()
    turn.say("transferred")
