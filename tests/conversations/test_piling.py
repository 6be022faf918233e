"""A citizen who sends a pile of messages: all are stored, the newest are answered, once a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from resmi.channels.items import TimerDue
from resmi.conversations import citizen_turn, stimuli, turn
from resmi.conversations.building import Turn
from resmi.conversations.stimuli import Stimulus
from resmi.engine import content, events, piling
from resmi.engine.conversation import Conversation
from tests.conversations import factories
from tests.conversations.factories import OPEN, SARI


def take(state: Conversation, now: datetime, *taken: Stimulus) -> Turn:
    return turn.take(state, taken, factories.line(), factories.world(), now)


def wrote(state: Conversation, text: str, now: datetime) -> Turn:
    return take(state, now, factories.message(text, at=now))


def pour(count: int, apart_s: float) -> list[Turn]:
    """What follows from so many messages of one citizen; the pile's timer goes off in time."""
    state, turns, wakes = Conversation(id=1), [], None
    for number in range(count):
        now = OPEN + timedelta(seconds=number * apart_s)
        if wakes and wakes <= now:
            due = TimerDue(conversation=1, kind="pile", due_at=wakes)
            turns.append(take(state, wakes, due))
            state, wakes = turns[-1].conversation, None
        turns.append(wrote(state, f"menu {number}", now))
        state = turns[-1].conversation
        wakes = next((t.due_at for t in turns[-1].timers if t.kind == "pile"), wakes)
    return turns


def test_a_thousand_a_minute_are_all_stored_and_few_of_them_answered() -> None:
    turns = pour(1000, 0.06)
    received = [
        e for one in turns for e in one.events if isinstance(e.data, events.MessageReceived)
    ]
    answered = [one for one in turns if one.deliveries]
    assert len(received) == 1000
    assert len(answered) <= piling.MOST + 1 + 6


def test_what_waited_for_us_is_no_pile() -> None:
    state = Conversation(id=1)
    for number in range(60):
        sent_at = OPEN + timedelta(minutes=number)
        message = factories.message(f"menu {number}", at=sent_at)
        result = take(state, OPEN + timedelta(hours=2), message)
        state = result.conversation
        assert result.deliveries
        assert not state.piling


def test_the_newest_of_a_pile_are_answered_when_its_time_has_come() -> None:
    state = pour(40, 0.1)[-1].conversation
    assert state.piled == tuple(content.Text(f"menu {n}") for n in (37, 38, 39))
    due = OPEN + timedelta(seconds=20)
    done = take(state, due, TimerDue(conversation=1, kind="pile", due_at=due))
    assert done.deliveries
    assert done.conversation.piled == ()


def test_the_pile_is_announced_once() -> None:
    turns = pour(300, 0.06)
    announced = [
        one
        for one in turns
        if any(
            e.actor.kind == "system" and isinstance(e.data, events.MessageCreated)
            for e in one.events
        )
    ]
    assert len(announced) == 1


def test_a_pile_goes_on_being_answered_after_people_had_the_word() -> None:
    state = pour(40, 0.1)[-1].conversation
    now = OPEN + timedelta(seconds=5)
    back = take(state, now, stimuli.TakeOver(SARI), stimuli.ReturnToBot(SARI)).conversation
    timers = {change.kind: change.due_at for change in wrote(back, "menu", now).timers}
    assert timers["pile"] == now + citizen_turn.FOLD_FOR


def test_who_calms_down_is_answered_as_before() -> None:
    state = pour(200, 0.06)[-1].conversation
    later = OPEN + timedelta(minutes=3)
    assert wrote(state, "menu", later).deliveries
    assert not wrote(state, "menu", later).conversation.piling


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(3.0, 100.0), max_size=60))
def test_who_writes_no_faster_than_twenty_a_minute_never_makes_a_pile(gaps: list[float]) -> None:
    height, last, now = 0.0, None, OPEN
    for gap in gaps:
        now += timedelta(seconds=gap)
        height = piling.level(height, last, now)
        last = now
        assert not piling.is_pile(height, was=False)


@given(st.lists(st.floats(0.0, 5.0), max_size=200))
def test_a_pile_has_a_highest_and_two_minutes_of_silence_end_it(gaps: list[float]) -> None:
    height, last, now = 0.0, None, OPEN
    for gap in gaps:
        now += timedelta(seconds=gap)
        height = piling.level(height, last, now)
        last = now
        assert 0.0 < height <= 2 * piling.MOST
    after = piling.level(height, last, now + timedelta(minutes=2))
    assert not piling.is_pile(after, was=True)
