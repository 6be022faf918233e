from __future__ import annotations

from datetime import timedelta

import pytest

from resmi.conversations import stimuli, turn
from resmi.conversations.building import Turn
from resmi.engine import events
from resmi.engine.conversation import Conversation
from resmi.engine.lifecycle import Refused
from tests.conversations import factories
from tests.conversations.factories import DEWI, OPEN, SARI

REPORT = "illegal_offer"


def take(state: Conversation, *taken: stimuli.Stimulus) -> Turn:
    now = OPEN + timedelta(seconds=30)
    return turn.take(state, taken, factories.line(), factories.world(), now)


def report() -> Conversation:
    """A conversation that Sari holds, in the queue of reports."""
    moved = stimuli.TransferToQueue(SARI, "reports")
    asked = take(Conversation(id=1), factories.message("agent")).conversation
    return take(asked, moved, stimuli.TakeOver(SARI)).conversation


def refused(state: Conversation, stimulus: stimuli.Stimulus) -> str:
    with pytest.raises(Refused) as caught:
        take(state, stimulus)
    return caught.value.code


def test_a_ticked_point_stays_ticked_until_it_is_taken_back() -> None:
    tick = stimuli.Tick(SARI, REPORT, "money")
    one = take(report(), tick).conversation
    assert one.ticked == (f"{REPORT}/money",)
    assert take(one, tick).events == ()
    assert take(one, stimuli.Tick(SARI, REPORT, "money", False)).conversation.ticked == ()


def test_only_who_writes_there_ticks_and_only_points_of_the_pack() -> None:
    assert refused(report(), stimuli.Tick(DEWI, REPORT, "money")) == "not_yours"
    assert refused(report(), stimuli.Tick(SARI, REPORT, "dance")) == "no_point"
    assert refused(report(), stimuli.Tick(SARI, "of_last_year", "money")) == "no_point"
    both = take(report(), stimuli.Join(SARI, DEWI)).conversation
    assert take(both, stimuli.Tick(DEWI, REPORT, "money")).conversation.ticked


def test_another_script_is_chosen_once_and_the_ticks_of_the_first_stay() -> None:
    ticked = take(report(), stimuli.Tick(SARI, REPORT, "money")).conversation
    choice = stimuli.ChooseScript(SARI, "licence_question")
    after = take(ticked, choice).conversation
    assert (after.script, after.ticked) == ("licence_question", (f"{REPORT}/money",))
    assert take(after, choice).events == ()
    assert take(report(), stimuli.ChooseScript(SARI, REPORT)).events == ()
    assert refused(after, stimuli.ChooseScript(SARI, "of_last_year")) == "no_script"
    assert refused(after, stimuli.ChooseScript(DEWI, "")) == "not_yours"


def test_closing_notes_the_required_points_that_were_left_open() -> None:
    state = take(report(), stimuli.Tick(SARI, REPORT, "money")).conversation
    closed = take(state, stimuli.Close(SARI, "solved")).events[-1].data
    assert isinstance(closed, events.ConversationClosed)
    assert closed.unticked == tuple(f"{REPORT}/{p}" for p in ("offer", "evidence", "next"))
    without = take(state, stimuli.ChooseScript(SARI, ""), stimuli.Close(SARI, "solved"))
    closed = without.events[-1].data
    assert isinstance(closed, events.ConversationClosed)
    assert closed.unticked == ()
