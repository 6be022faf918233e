"""What follows when staff lay aside, join, raise a hand, take back or move ahead. Pure."""

from __future__ import annotations

from resmi.conversations import stimuli
from resmi.conversations.building import Handlers, TurnBuilder, on
from resmi.conversations.stimuli import Staff
from resmi.engine import events, lifecycle
from resmi.engine.events import Actor
from resmi.engine.lifecycle import Refused
from resmi.engine.said import gettext_noop
from resmi.routing.rules import MAX_PRIORITY

HANDLERS: Handlers = {}


def _agent(staff: Staff) -> Actor:
    return Actor("agent", staff.id, staff.name)


@on(HANDLERS, stimuli.Snooze)
def _snooze(turn: TurnBuilder, snooze: stimuli.Snooze) -> None:
    lifecycle.check_holder(turn.now_is, snooze.agent.id)
    if snooze.until is not None and snooze.until <= turn.now:
        raise Refused("past", gettext_noop("This time has passed: choose a later one."))
    turn.emit(
        _agent(snooze.agent), events.ConversationSnoozed(until=snooze.until, note=snooze.note)
    )
    turn.forget_timers()
    turn.watch_window()
    turn.wake("snooze", snooze.until)


@on(HANDLERS, stimuli.Wake)
def _wake(turn: TurnBuilder, wake: stimuli.Wake) -> None:
    if turn.now_is.status != "snoozed":
        raise Refused("not_snoozed", gettext_noop("This conversation is not laid aside."))
    turn.resume(_agent(wake.agent), "asked")


@on(HANDLERS, stimuli.Join)
def _join(turn: TurnBuilder, join: stimuli.Join) -> None:
    if turn.now_is.status != "assigned":
        raise Refused(
            "not_held", gettext_noop("Nobody holds this conversation: take it over instead.")
        )
    if join.who.id == turn.now_is.agent or join.who.id in turn.now_is.joined:
        raise Refused(
            "already_here", gettext_noop("This colleague is in the conversation already.")
        )
    turn.emit(_agent(join.agent), events.AgentJoined(agent=join.who.id, agent_name=join.who.name))


@on(HANDLERS, stimuli.Leave)
def _leave(turn: TurnBuilder, leave: stimuli.Leave) -> None:
    if leave.who.id not in turn.now_is.joined:
        raise Refused("not_here", gettext_noop("This colleague has left already."))
    turn.emit(_agent(leave.agent), events.AgentLeft(agent=leave.who.id, agent_name=leave.who.name))


@on(HANDLERS, stimuli.AskHelp)
def _ask_help(turn: TurnBuilder, ask: stimuli.AskHelp) -> None:
    lifecycle.check_writer(turn.now_is, ask.agent.id)
    if turn.now_is.help_asked_at is not None:
        raise Refused("hand_up", gettext_noop("Your hand is up already; a supervisor sees it."))
    turn.emit(_agent(ask.agent), events.HelpAsked(note=ask.note))


@on(HANDLERS, stimuli.GiveHelp)
def _give_help(turn: TurnBuilder, give: stimuli.GiveHelp) -> None:
    if turn.now_is.help_asked_at is None:
        raise Refused("hand_down", gettext_noop("No hand is up here any more."))
    turn.emit(_agent(give.agent), events.HelpGiven())


@on(HANDLERS, stimuli.Withdraw)
def _withdraw(turn: TurnBuilder, withdraw: stimuli.Withdraw) -> None:
    turn.emit(_agent(withdraw.agent), events.MessageWithdrawn(ref=withdraw.ref))


@on(HANDLERS, stimuli.Prioritise)
def _prioritise(turn: TurnBuilder, change: stimuli.Prioritise) -> None:
    lifecycle.check_open(turn.now_is)
    if abs(change.points) > MAX_PRIORITY:
        raise Refused("too_much", gettext_noop("Priority goes from -100 to 100 points."))
    if change.points != turn.now_is.raised:
        turn.emit(
            _agent(change.agent), events.PriorityChanged(points=change.points, note=change.note)
        )


@on(HANDLERS, stimuli.RecordReading)
def _record_reading(turn: TurnBuilder, record: stimuli.RecordReading) -> None:
    turn.emit(_agent(record.agent), record.reading)
