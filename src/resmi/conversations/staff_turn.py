"""What follows when staff or the router act. Pure; a refusal says why and what next."""

from __future__ import annotations

from datetime import timedelta

from resmi.conversations import script_turn, stimuli
from resmi.conversations.building import Handlers, TurnBuilder, on
from resmi.conversations.stimuli import Staff
from resmi.engine import events, lifecycle
from resmi.engine.events import SYSTEM, Actor
from resmi.engine.lifecycle import Refused
from resmi.engine.said import gettext_noop


def _agent(staff: Staff) -> Actor:
    return Actor("agent", staff.id, staff.name)


HANDLERS: Handlers = {}


@on(HANDLERS, stimuli.Offer)
def _offer(turn: TurnBuilder, offer: stimuli.Offer) -> None:
    if turn.now_is.status != "waiting":
        raise Refused("not_waiting", gettext_noop("The conversation no longer waits."))
    turn.emit(
        SYSTEM,
        events.ConversationOffered(
            agent=offer.agent.id, agent_name=offer.agent.name, until=offer.until
        ),
    )
    turn.wake("offer_timeout", offer.until)


@on(HANDLERS, stimuli.OfferWithdrawn)
def _withdrawn(turn: TurnBuilder, withdrawn: stimuli.OfferWithdrawn) -> None:
    if turn.now_is.status == "offered" and turn.now_is.agent == withdrawn.agent_id:
        turn.emit(SYSTEM, events.OfferEnded(agent=withdrawn.agent_id, why="unavailable"))
        turn.wake("offer_timeout", None)


@on(HANDLERS, stimuli.Accept)
def _accept(turn: TurnBuilder, accept: stimuli.Accept) -> None:
    if turn.now_is.status != "offered" or turn.now_is.agent != accept.agent.id:
        raise Refused(
            "offer_gone", gettext_noop("This offer has passed on; the next one will come to you.")
        )
    _assign(turn, accept.agent, accept.agent, "accepted")


@on(HANDLERS, stimuli.Decline)
def _decline(turn: TurnBuilder, decline: stimuli.Decline) -> None:
    if turn.now_is.status != "offered" or turn.now_is.agent != decline.agent.id:
        raise Refused("offer_gone", gettext_noop("This offer has already passed on."))
    turn.emit(_agent(decline.agent), events.OfferEnded(agent=decline.agent.id, why="declined"))
    turn.wake("offer_timeout", None)


@on(HANDLERS, stimuli.TakeOver)
def _take_over(turn: TurnBuilder, take_over: stimuli.TakeOver) -> None:
    lifecycle.check_open(turn.now_is)
    if turn.now_is.status == "assigned" and turn.now_is.agent == take_over.agent.id:
        raise Refused("already_yours", gettext_noop("You already hold this conversation."))
    _assign(turn, take_over.agent, take_over.agent, "taken_over")


def _assign(turn: TurnBuilder, by: Staff, to: Staff, how: events.HowAssigned) -> None:
    turn.emit(
        _agent(by),
        events.ConversationAssigned(agent=to.id, agent_name=to.name, how=how),
    )
    turn.silence_bot = True
    turn.forget_timers()
    turn.watch_window()
    turn.say("agent_joined", name=to.display_name)


@on(HANDLERS, stimuli.Reply)
def _reply(turn: TurnBuilder, reply: stimuli.Reply) -> None:
    lifecycle.check_writer(turn.now_is, reply.agent.id)
    turn.check_sendable(reply.content)
    turn.send(_agent(reply.agent), reply.content, reply.reply_to, hold_s=reply.hold_s)


@on(HANDLERS, stimuli.AddNote)
def _note(turn: TurnBuilder, note: stimuli.AddNote) -> None:
    turn.emit(_agent(note.agent), events.NoteAdded(body=note.body, mentions=note.mentions))


@on(HANDLERS, stimuli.TransferToQueue)
def _to_queue(turn: TurnBuilder, transfer: stimuli.TransferToQueue) -> None:
    lifecycle.check_open(turn.now_is)
    turn.emit(
        _agent(transfer.agent),
        events.ConversationTransferred(queue=transfer.queue, note=transfer.note),
    )
    turn.silence_bot = True
    turn.forget_timers()
    turn.watch_window()
    turn.say("transferred")


@on(HANDLERS, stimuli.TransferToAgent)
def _to_agent(turn: TurnBuilder, transfer: stimuli.TransferToAgent) -> None:
    lifecycle.check_open(turn.now_is)
    if turn.now_is.agent == transfer.to.id:
        raise Refused(
            "already_theirs", gettext_noop("This colleague already holds the conversation.")
        )
    if transfer.note:
        turn.emit(_agent(transfer.agent), events.NoteAdded(body=transfer.note))
    _assign(turn, transfer.agent, transfer.to, "transferred")


@on(HANDLERS, stimuli.ReturnToBot)
def _to_bot(turn: TurnBuilder, back: stimuli.ReturnToBot) -> None:
    lifecycle.check_holder(turn.now_is, back.agent.id)
    turn.emit(_agent(back.agent), events.ConversationTransferred(queue="", note=back.note))
    turn.forget_timers()
    turn.wake("bot_idle", turn.now + timedelta(minutes=turn.world.pack.settings.idle_minutes))
    turn.say("agent_left")


@on(HANDLERS, stimuli.Close)
def _close(turn: TurnBuilder, close: stimuli.Close) -> None:
    lifecycle.check_open(turn.now_is)
    left = script_turn.unticked(turn.now_is, turn.world)
    turn.say("conversation_closed")
    turn.end(_agent(close.agent), close.reason, close.comment, left)


@on(HANDLERS, stimuli.RecordVerdict)
def _verdict(turn: TurnBuilder, record: stimuli.RecordVerdict) -> None:
    if record.content is not None:
        lifecycle.check_writer(turn.now_is, record.agent.id)
        turn.check_sendable(record.content)
    turn.emit(
        _agent(record.agent),
        events.VerdictGiven(
            query=record.query,
            verdict=record.verdict,
            sent=record.content is not None,
            receipt=record.receipt,
        ),
    )
    if record.content is not None:
        turn.send(_agent(record.agent), record.content)
