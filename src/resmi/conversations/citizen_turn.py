"""What follows when the citizen, the channel or a timer stirs. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Literal

import msgspec

from resmi.bot import consenting
from resmi.bot import rules as bot
from resmi.channels.items import (
    CitizenMessage,
    DeliveryFailed,
    Echo,
    MediaFetched,
    PreferenceChanged,
    TimerDue,
)
from resmi.conversations import queue_turn
from resmi.conversations.building import (
    WARN_BEFORE_WINDOW_CLOSES,
    Handlers,
    TurnBuilder,
    on,
)
from resmi.engine import consent, content, events, lifecycle
from resmi.engine.content import Inbound, Outbound
from resmi.engine.events import BOT, CITIZEN, SYSTEM, Actor
from resmi.registry.receipts.codes import Book
from resmi.routing import policy, sla

HANDLERS: Handlers = {}
FOLD_FOR = timedelta(seconds=10)
SLACK = timedelta(minutes=1)


@on(HANDLERS, CitizenMessage)
def _citizen_wrote(turn: TurnBuilder, message: CitizenMessage) -> None:
    first = turn.now_is.seq == 0
    was_pile = turn.now_is.piling
    if first:
        turn.emit(
            SYSTEM,
            events.ConversationStarted(
                channel=turn.line.channel, contact=turn.line.contact, language=turn.now_is.language
            ),
        )
    turn.emit(
        CITIZEN,
        events.MessageReceived(
            provider_id=message.provider_id,
            content=message.content,
            sent_at=message.sent_at,
            reply_to=message.reply_to,
            forwarded=message.forwarded,
        ),
    )
    if isinstance(message.content, content.Media) and message.content.provider_id:
        turn.media.append(message.content)
    _raise_priority(turn, message.content)
    if turn.now_is.status == "snoozed":
        turn.resume(CITIZEN, "reply")
    if _bot_has_the_word(turn):
        if turn.now_is.piled:
            _fold(turn, is_first=not was_pile)
        else:
            _bot_answers(turn, message.content)
    else:
        _citizen_wrote_to_people(turn, message.content)
        turn.watch_window()


def _bot_has_the_word(turn: TurnBuilder) -> bool:
    """Not while people have it, be it on a phone: then until nothing was said for a while."""
    phoned_at = turn.now_is.phoned_at
    idle = timedelta(minutes=turn.world.pack.settings.idle_minutes)
    is_on_the_phone = phoned_at is not None and turn.now < phoned_at + idle
    return lifecycle.bot_may_talk(turn.now_is) and not is_on_the_phone


def _fold(turn: TurnBuilder, *, is_first: bool) -> None:
    """Says once that only the newest will be answered, and looks at them a little later."""
    if is_first:
        turn.say("piled_up")
    if len(turn.now_is.piled) == 1:
        turn.wake("pile", turn.now + FOLD_FOR)


def _answer_pile(turn: TurnBuilder) -> None:
    for said in turn.now_is.piled:
        if _bot_has_the_word(turn):
            _bot_answers(turn, said)


def _raise_priority(turn: TurnBuilder, said: Inbound) -> None:
    """Rules that match what the citizen wrote move them ahead, whoever has the word."""
    if not turn.world.routing.priorities or not isinstance(said, content.Text):
        return
    evidence = policy.Evidence(texts=(said.body,), collected=turn.now_is.collected)
    _apply_priorities(turn, evidence)


def _apply_priorities(turn: TurnBuilder, evidence: policy.Evidence) -> None:
    counted = turn.now_is.raised_by
    rules = turn.world.routing
    fresh = [one for one in policy.said(rules, evidence, counted) if one.key not in counted]
    notes = [policy.note(one) for one in policy.in_part(rules, evidence)]
    notes = [one for one in notes if one not in counted]
    if fresh or notes:
        # One that also asks who they are is only noted: the router knows that, and counts it.
        now = policy.points(one for one in fresh if not policy.is_personal(one))
        why = (*counted, *notes, *(one.key for one in fresh))
        turn.emit(SYSTEM, events.PriorityChanged(points=turn.now_is.raised + now, why=why))


def _facts(turn: TurnBuilder, receipts: Book) -> bot.Facts:
    hours = turn.world.pack.hours
    is_open = hours.is_open(turn.now)
    ask = cache(turn.world.index.answer)  # one step asks the same more than once
    return bot.Facts(
        now=turn.now,
        language=turn.now_is.language,
        open=is_open,
        opens_at=None if is_open else hours.next_opening(turn.now),
        first=not any(isinstance(e.data, events.MessageCreated) for e in turn.events)
        and not turn.now_is.dialogue,
        verify=lambda text, whole: ask(text, whole=whole).verdicts,
        complete=lambda text: ask(text, whole=False).complete,
        receipt=receipts.link,
        code=receipts.code,
        shown=turn.world.receipts.shown,
        picture=turn.picture_of,
        watching=tuple(turn.watching),
        consent=turn.consent,
    )


def _bot_answers(turn: TurnBuilder, said: Inbound) -> None:
    receipts = turn.receipts()
    facts = _facts(turn, receipts)
    _follow(turn, bot.step(turn.world.pack, turn.now_is.dialogue, said, facts), receipts)
    if lifecycle.bot_may_talk(turn.now_is):
        _mind_silence(turn)


def _mind_silence(turn: TurnBuilder) -> None:
    """Ends the bot's conversation some time after the last word.

    A timer that is set already stays: when it goes off too early it is set again, which costs less
    than to move it at every word.
    """
    is_set = turn.before.seq > 0 and turn.before.status == "bot" and "bot_idle" not in turn.timers
    if not is_set:
        turn.wake("bot_idle", turn.now + timedelta(minutes=turn.world.pack.settings.idle_minutes))


def _citizen_wrote_to_people(turn: TurnBuilder, said: Inbound) -> None:
    """The bot leaves the word to people, but for the menu and stop.

    While no agent has been asked to take over, a licence question is still answered on the spot.
    From the offer on nothing is said at all; only taps about watches and wrong answers count.
    """
    receipts = turn.receipts()
    pack, facts = turn.world.pack, _facts(turn, receipts)
    status = turn.now_is.status
    if status == "waiting" and queue_turn.heard(turn, said):
        return
    if status in ("waiting", "offered") and (step := bot.leave_waiting(pack, said, facts)):
        turn.emit(CITIZEN, events.ConversationTransferred(queue=""))
        turn.forget_timers()
    elif status == "waiting":
        step = bot.answer_waiting(pack, turn.now_is.dialogue, said, facts)
    else:
        step = bot.choose_quietly(pack, turn.now_is.dialogue, said, facts)
    if step is not None:
        _follow(turn, step, receipts)
    if lifecycle.bot_may_talk(turn.now_is):
        _mind_silence(turn)


def _follow(turn: TurnBuilder, step: bot.Step, receipts: Book) -> None:
    """Carries out what the bot decided, in the order a reader of the log expects."""
    if step.language and step.language != turn.now_is.language:
        turn.emit(SYSTEM, events.LanguageChanged(language=step.language, detected=step.detected))
    for number, verdict in enumerate(step.verdicts):
        turn.emit(
            BOT,
            events.VerdictGiven(
                query=verdict.query,
                verdict=msgspec.to_builtins(verdict),
                receipt=receipts.code(number),
            ),
        )
    if step.dialogue != turn.now_is.dialogue:
        turn.emit(BOT, events.DialogueMoved(dialogue=step.dialogue))
    _follow_watches(turn, step)
    _follow_consent(turn, step)
    for one in step.disputed:
        turn.emit(CITIZEN, events.AnswerDisputed(query=one.query, receipt=one.receipt))
    turn.pictures += step.pictures
    if step.stop:
        turn.emit(CITIZEN, events.StopAsked())
    for reply in step.replies:
        if turn.may_send(reply):
            _note_question(turn, step, reply)
            turn.send(BOT, reply)
    if step.handover is not None:
        _hand_over(turn, step.handover)
    elif step.close or step.stop:
        turn.end(BOT, step.close or "stopped")


def _follow_watches(turn: TurnBuilder, step: bot.Step) -> None:
    """What the citizen watches from here on; nothing once they want no messages that we start."""
    for one in step.watched:
        turn.watching.append(one)
        turn.emit(
            CITIZEN,
            events.WatchStarted(subject=one.subject, name=one.name, standing=one.standing),
        )
    ended = list(turn.watching) if step.stop else step.unwatched
    why: Literal["asked", "stopped"] = "stopped" if step.stop else "asked"
    for one in ended:
        turn.emit(CITIZEN, events.WatchEnded(subject=one.subject, name=one.name, why=why))
    turn.watching = [one for one in turn.watching if one not in ended]


def _follow_consent(turn: TurnBuilder, step: bot.Step) -> None:
    """What they said to a question for consent; what is known of it from here on."""
    for one in step.consented:
        if isinstance(one, consenting.Answered):
            turn.consent = consent.answered(turn.consent, one.answer)
            turn.emit(CITIZEN, events.ConsentAnswered(version=one.version, answer=one.answer))


def _note_question(turn: TurnBuilder, step: bot.Step, reply: Outbound) -> None:
    """That the message which follows asks for consent; one that is not sent asks nobody."""
    for one in step.consented:
        if isinstance(one, consenting.Asked) and one.question is reply:
            turn.consent = consent.asked(turn.consent, turn.now)
            turn.emit(BOT, events.ConsentAsked(version=one.version, language=one.language))


def _hand_over(turn: TurnBuilder, handover: bot.Handover) -> None:
    turn.emit(
        BOT,
        events.HandedOver(
            queue=policy.receiving(turn.world.queues, handover.queue),
            reason=handover.reason,
            skills=handover.skills,
            priority=handover.priority,
            collected=handover.collected,
        ),
    )
    _apply_priorities(turn, policy.Evidence(collected=turn.now_is.collected))
    queue_turn.say_when_open(turn)
    turn.wake("bot_idle", None)
    turn.watch_window()


@on(HANDLERS, MediaFetched)
def _media_came(turn: TurnBuilder, result: MediaFetched) -> None:
    if result.media:
        turn.emit(
            SYSTEM,
            events.MediaStored(
                provider_id=result.provider_id,
                media=result.media,
                mime=result.mime,
                size=result.size,
            ),
        )
    else:
        turn.emit(SYSTEM, events.MediaFailed(provider_id=result.provider_id, reason=result.reason))


@on(HANDLERS, DeliveryFailed)
def _delivery_failed(turn: TurnBuilder, failure: DeliveryFailed) -> None:
    turn.emit(
        SYSTEM,
        events.MessageFailed(ref=failure.ref, code=failure.code, reason=failure.reason),
    )


@on(HANDLERS, PreferenceChanged)
def _preference(turn: TurnBuilder, change: PreferenceChanged) -> None:
    if change.stop and not turn.now_is.opted_out and turn.now_is.seq:
        turn.emit(CITIZEN, events.StopAsked())


@on(HANDLERS, Echo)
def _echo(turn: TurnBuilder, echo: Echo) -> None:
    """Somebody answered with the phone app: the thread shows it, nothing is sent again."""
    if turn.now_is.seq == 0:
        return
    shown = content.Text(content.preview(echo.content, limit=4096))
    turn.emit(
        Actor("agent", name="WhatsApp Business"),
        events.MessageCreated(ref=f"echo:{echo.provider_id}", content=shown),
    )


@on(HANDLERS, TimerDue)
def _timer(turn: TurnBuilder, timer: TimerDue) -> None:
    match timer.kind:
        case "bot_idle":
            _bot_idle(turn, timer)
        case "pile":
            _answer_pile(turn)
        case "window_closing":
            _window_closing(turn, timer)
        case "offer_timeout":
            _offer_timeout(turn, timer)
        case "snooze":
            _snooze_over(turn, timer)
        case "sla":
            _watch_promises(turn, timer)


def _came(turn: TurnBuilder, timer: TimerDue, moment: datetime) -> bool:
    """Whether the moment a timer was set for has come: by our clock, or by the database's.

    The database lets timers go off; the clock of the machine we run on may be behind it.
    """
    return moment <= max(turn.now, timer.due_at)


def _snooze_over(turn: TurnBuilder, timer: TimerDue) -> None:
    until = turn.now_is.snoozed_until
    if turn.now_is.status == "snoozed" and until is not None and _came(turn, timer, until):
        turn.resume(SYSTEM, "due")


def _watch_promises(turn: TurnBuilder, timer: TimerDue) -> None:
    turn.wake("sla", None)
    now = max(turn.now, timer.due_at)  # as in `_came`: a timer set anew for its own moment is lost
    for clock in turn.levels():
        if clock.due_at is None:
            continue
        standing = sla.standing(clock, now)
        told = turn.now_is.levels_told
        if standing == "breached" and f"{clock.kind}:breached" not in told:
            turn.emit(SYSTEM, events.ServiceLevelBreached(kind=clock.kind, due_at=clock.due_at))
        elif standing == "warned" and f"{clock.kind}:warned" not in told:
            turn.emit(SYSTEM, events.ServiceLevelWarned(kind=clock.kind, due_at=clock.due_at))


def _bot_idle(turn: TurnBuilder, timer: TimerDue) -> None:
    idle = timedelta(minutes=turn.world.pack.settings.idle_minutes)
    last = turn.now_is.last_message_at
    if turn.now_is.status != "bot" or last is None:
        return
    is_ahead = last > turn.now + SLACK  # written under a clock that was set back since
    if last + idle > timer.due_at + timedelta(seconds=1) and not is_ahead:
        turn.wake("bot_idle", last + idle)
        return
    # A reaction alone is no talk to say goodbye to; on the phone somebody else says it.
    if turn.now_is.last_provider_id and turn.now_is.phoned_at is None:
        turn.say("bot_idle_closing")
    turn.end(SYSTEM, "idle")


def _window_closing(turn: TurnBuilder, timer: TimerDue) -> None:
    closes_at = lifecycle.window_closes_at(turn.now_is.last_inbound_at, turn.line.capabilities)
    if turn.now_is.status in ("bot", "closed") or closes_at is None:
        return
    warn_at = closes_at - WARN_BEFORE_WINDOW_CLOSES
    if not _came(turn, timer, warn_at):
        turn.wake("window_closing", warn_at)
        return
    turn.emit(SYSTEM, events.WindowWarned(closes_at=closes_at))


def _offer_timeout(turn: TurnBuilder, timer: TimerDue) -> None:
    until = turn.now_is.offer_until
    if turn.now_is.status != "offered" or until is None:
        return
    whole = timedelta(seconds=turn.world.queue(turn.now_is.queue).offer_s)
    is_ahead = until > turn.now + whole + SLACK  # made under a clock that was set back since
    if _came(turn, timer, until) or is_ahead:
        turn.emit(SYSTEM, events.OfferEnded(agent=turn.now_is.agent, why="expired"))
    else:
        turn.wake("offer_timeout", until)
