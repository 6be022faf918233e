from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from resmi.channels.items import TimerDue
from resmi.conversations import promises, stimuli, turn
from resmi.conversations.building import Turn, World
from resmi.engine import content, events
from resmi.engine.content import Text
from resmi.engine.conversation import Conversation
from resmi.engine.lifecycle import Refused
from resmi.routing import policy
from tests.conversations import factories
from tests.conversations.factories import DEWI, OPEN, SARI

LATER = OPEN + timedelta(hours=2)


def world(*, queue: policy.QueueFacts | None = None, rule: str = "") -> World:
    rules = (policy.PriorityRule(key="money", name="Money", points=30, words=(rule,)),)
    return msgspec.structs.replace(
        factories.world(),
        queues={queue.key: queue} if queue else {},
        routing=policy.Policy(priorities=rules if rule else ()),
    )


def take(
    state: Conversation, *taken: stimuli.Stimulus, at_s: float = 0, around: World | None = None
) -> Turn:
    now = OPEN + timedelta(seconds=at_s)
    return turn.take(state, taken, factories.line(), around or factories.world(), now)


def waiting(around: World | None = None) -> Conversation:
    return take(Conversation(id=1), factories.message("agent"), around=around).conversation


def held() -> Conversation:
    return take(waiting(), stimuli.TakeOver(SARI)).conversation


def snoozed() -> Conversation:
    return take(held(), stimuli.Snooze(SARI, LATER)).conversation


def kinds(result: Turn) -> list[str]:
    return [events.type_name(event.data) for event in result.events]


def refused(state: Conversation, stimulus: stimuli.Stimulus) -> str:
    with pytest.raises(Refused) as caught:
        take(state, stimulus)
    return caught.value.code


def test_laid_aside_it_leaves_its_agent_until_the_time() -> None:
    result = take(held(), stimuli.Snooze(SARI, LATER, "bukti"))
    assert (result.conversation.status, result.conversation.agent) == ("snoozed", "")
    assert {change.kind: change.due_at for change in result.timers}["snooze"] == LATER


def test_only_its_holder_lays_it_aside_and_not_until_yesterday() -> None:
    assert refused(held(), stimuli.Snooze(DEWI, LATER)) == "not_yours"
    assert refused(held(), stimuli.Snooze(SARI, OPEN - timedelta(days=1))) == "past"


def test_a_reply_wakes_it_for_the_agent_who_laid_it_aside() -> None:
    result = take(snoozed(), factories.message("sudah saya kirim"))
    assert kinds(result) == ["message_received", "conversation_woken"]
    after = result.conversation
    assert (after.status, after.queue, after.last_agent) == ("waiting", "general", SARI.id)


def test_its_time_wakes_it_and_an_early_timer_does_not() -> None:
    early = TimerDue(conversation=1, kind="snooze", due_at=LATER - timedelta(minutes=5))
    assert take(snoozed(), early, at_s=60).conversation.status == "snoozed"
    due = TimerDue(conversation=1, kind="snooze", due_at=LATER)
    assert kinds(take(snoozed(), due, at_s=7200)) == ["conversation_woken"]


def test_its_time_has_come_when_the_database_says_so_whatever_our_clock_says() -> None:
    due = TimerDue(conversation=1, kind="snooze", due_at=LATER)
    assert kinds(take(snoozed(), due, at_s=60)) == ["conversation_woken"]


def test_what_was_taken_from_the_bot_wakes_into_the_first_queue() -> None:
    from_bot = take(Conversation(id=1), factories.message("halo"), stimuli.TakeOver(SARI))
    aside = take(from_bot.conversation, stimuli.Snooze(SARI)).conversation
    assert take(aside, stimuli.Wake(SARI)).conversation.queue == "general"


def test_a_second_agent_writes_only_after_joining_and_until_leaving() -> None:
    reply = stimuli.Reply(DEWI, Text("Saya bantu"))
    assert refused(held(), reply) == "not_yours"
    both = take(held(), stimuli.Join(SARI, DEWI)).conversation
    assert kinds(take(both, reply)) == ["message_created"]
    alone = take(both, stimuli.Leave(SARI, DEWI)).conversation
    assert refused(alone, reply) == "not_yours"


def test_nobody_joins_twice_or_where_nobody_holds_it() -> None:
    both = take(held(), stimuli.Join(SARI, DEWI)).conversation
    assert refused(both, stimuli.Join(SARI, DEWI)) == "already_here"
    assert refused(held(), stimuli.Join(DEWI, SARI)) == "already_here"
    assert refused(waiting(), stimuli.Join(SARI, DEWI)) == "not_held"


def test_a_transfer_to_the_colleague_who_joined_makes_them_the_holder() -> None:
    both = take(held(), stimuli.Join(SARI, DEWI)).conversation
    after = take(both, stimuli.TransferToAgent(SARI, DEWI)).conversation
    assert (after.agent, after.joined) == (DEWI.id, ())


def test_a_hand_is_raised_once_and_comes_down() -> None:
    up = take(held(), stimuli.AskHelp(SARI, "ancaman")).conversation
    assert up.help_asked_at == OPEN
    assert refused(up, stimuli.AskHelp(SARI)) == "hand_up"
    down = take(up, stimuli.GiveHelp(DEWI)).conversation
    assert down.help_asked_at is None
    assert refused(down, stimuli.GiveHelp(DEWI)) == "hand_down"


def test_words_of_a_rule_move_the_citizen_ahead_once_whoever_has_the_word() -> None:
    around = world(rule="sudah transfer")
    with_bot = take(Conversation(id=1), factories.message("saya sudah transfer"), around=around)
    assert "priority_changed" in kinds(with_bot)
    again = take(
        with_bot.conversation,
        factories.message("sudah transfer!"),
        factories.message("agent"),
        around=around,
    )
    assert "priority_changed" not in kinds(again)
    assert (again.conversation.priority, again.conversation.raised_by) == (30, ("money",))


def test_a_rule_of_words_and_an_answer_counts_though_they_come_one_after_the_other() -> None:
    rule = policy.PriorityRule(
        key="paid", name="Paid", points=30, words=("transfer",), collected="amount"
    )
    around = msgspec.structs.replace(factories.world(), routing=policy.Policy(priorities=(rule,)))
    written = take(Conversation(id=1), factories.message("saya sudah transfer"), around=around)
    again = take(written.conversation, factories.message("transfer kemarin"), around=around)
    assert "priority_changed" not in kinds(again)
    assert again.conversation.priority == 0
    answered = msgspec.structs.replace(again.conversation, collected={"amount": "5 juta"})
    handed_over = take(answered, factories.message("agent"), around=around).conversation
    assert (handed_over.status, handed_over.priority) == ("waiting", 30)
    later = take(handed_over, factories.message("transfer!"), around=around)
    assert "priority_changed" not in kinds(later)
    silent = msgspec.structs.replace(Conversation(id=2), collected={"amount": "5 juta"})
    assert take(silent, factories.message("agent"), around=around).conversation.priority == 0


def test_staff_move_it_ahead_and_the_rules_stay_counted() -> None:
    around = world(rule="sudah transfer")
    raised = take(waiting(around), factories.message("sudah transfer"), around=around).conversation
    moved = take(raised, stimuli.Prioritise(SARI, 50), around=around).conversation
    assert (moved.priority, moved.raised_by) == (50, ("money",))
    assert refused(moved, stimuli.Prioritise(SARI, 101)) == "too_much"


def test_a_promise_is_warned_of_then_broken_and_each_told_once() -> None:
    queue = policy.QueueFacts(key="general", name="General", target_s=100)
    around = world(queue=queue)
    start = take(Conversation(id=1), factories.message("agent"), around=around)
    timers = {change.kind: change.due_at for change in start.timers}
    assert timers["sla"] == OPEN + timedelta(seconds=80)
    due = TimerDue(conversation=1, kind="sla", due_at=OPEN)
    warned = take(start.conversation, due, at_s=80, around=around)
    assert kinds(warned) == ["service_level_warned"]
    broken = take(warned.conversation, due, at_s=100, around=around)
    assert kinds(broken) == ["service_level_breached"]
    again = take(broken.conversation, due, at_s=120, around=around)
    assert kinds(again) == []
    assert {change.kind: change.due_at for change in again.timers} == {"sla": None}


def test_a_promise_is_warned_of_by_the_databases_clock_where_ours_is_behind() -> None:
    queue = policy.QueueFacts(key="general", name="General", target_s=100)
    around = world(queue=queue)
    start = take(Conversation(id=1), factories.message("agent"), around=around)
    at = {change.kind: change.due_at for change in start.timers}["sla"]
    assert at is not None
    due = TimerDue(conversation=1, kind="sla", due_at=at)
    warned = take(start.conversation, due, at_s=79, around=around)
    assert kinds(warned) == ["service_level_warned"]
    then = {change.kind: change.due_at for change in warned.timers}["sla"]
    assert then == OPEN + timedelta(seconds=100)


def test_an_answer_stops_the_first_promise_and_starts_none() -> None:
    queue = policy.QueueFacts(key="general", name="General", target_s=100)
    around = world(queue=queue)
    start = take(Conversation(id=1), factories.message("agent"), around=around).conversation
    answered = take(
        start, stimuli.TakeOver(SARI), stimuli.Reply(SARI, Text("Halo")), at_s=10, around=around
    )
    assert answered.conversation.answered_at == OPEN + timedelta(seconds=10)
    assert {change.kind: change.due_at for change in answered.timers}["sla"] is None


def test_nothing_runs_while_it_is_laid_aside() -> None:
    queue = policy.QueueFacts(key="general", name="General", target_s=100, resolve_target_s=900)
    around = world(queue=queue)
    start = take(Conversation(id=1), factories.message("agent"), around=around).conversation
    aside = take(start, stimuli.TakeOver(SARI), stimuli.Snooze(SARI), at_s=10, around=around)
    assert {change.kind: change.due_at for change in aside.timers}["sla"] is None


def test_a_closed_queue_hands_over_to_the_one_behind() -> None:
    shut = policy.QueueFacts(key="general", name="General", closed=True, overflow_to="reports")
    around = msgspec.structs.replace(
        factories.world(),
        queues={"general": shut, "reports": policy.QueueFacts(key="reports", name="Reports")},
    )
    assert waiting(around).queue == "reports"


def test_a_promise_looked_at_only_after_it_broke_is_told_once_and_then_left_alone() -> None:
    queue = policy.QueueFacts(key="general", name="General", target_s=100)
    around = world(queue=queue)
    start = take(Conversation(id=1), factories.message("agent"), around=around)
    due = TimerDue(conversation=1, kind="sla", due_at=OPEN + timedelta(seconds=80))
    late = take(start.conversation, due, at_s=150, around=around)
    assert kinds(late) == ["service_level_breached"]
    assert {change.kind: change.due_at for change in late.timers} == {"sla": None}


def test_a_call_that_reached_the_citizen_keeps_the_first_promise() -> None:
    queue = policy.QueueFacts(key="general", name="General", target_s=100, next_target_s=100)
    around = world(queue=queue)
    start = take(Conversation(id=1), factories.message("agent"), around=around).conversation
    asked = msgspec.structs.replace(start, callback="call")
    called = take(
        asked,
        stimuli.TakeOver(SARI),
        stimuli.MakeCallback(SARI, reached=True),
        at_s=4000,
        around=around,
    )
    assert called.conversation.answered_at == OPEN + timedelta(seconds=4000)
    assert {change.kind: change.due_at for change in called.timers}.get("sla") is None


def asks_again(around: World) -> Conversation:
    start = take(Conversation(id=1), factories.message("agent"), around=around).conversation
    said = factories.message("tolong")
    return take(start, stimuli.TakeOver(SARI), said, at_s=5, around=around).conversation


def written(state: Conversation, around: World) -> tuple[Conversation, str]:
    reply = stimuli.Reply(SARI, Text("Halo"), hold_s=5)
    after = take(state, reply, at_s=10, around=around).conversation
    return after, f"1.{after.seq}"


def test_a_message_taken_back_has_answered_nobody() -> None:
    around = world(queue=policy.QueueFacts(key="general", name="General", target_s=100))
    before = asks_again(around)
    after, ref = written(before, around)
    back = take(after, stimuli.Withdraw(SARI, ref), at_s=12, around=around)
    now = back.conversation
    assert (now.unanswered, now.unanswered_since) == (1, OPEN + timedelta(seconds=5))
    assert (now.answered_at, now.last_preview) == (None, before.last_preview)
    timers = {change.kind: change.due_at for change in back.timers}
    assert timers["sla"] == OPEN + timedelta(seconds=80)


def test_of_two_messages_taken_back_in_any_order_neither_has_answered() -> None:
    around = world()
    before = asks_again(around)
    for first_goes_first in (True, False):
        one, first = written(before, around)
        heard = take(one, factories.message("halo?"), at_s=11, around=around).conversation
        two, second = written(heard, around)
        refs = (first, second) if first_goes_first else (second, first)
        left = take(two, stimuli.Withdraw(SARI, refs[0]), at_s=12, around=around).conversation
        assert left.answered_at == OPEN + timedelta(seconds=10)
        gone = take(left, stimuli.Withdraw(SARI, refs[1]), at_s=13, around=around).conversation
        assert (gone.unanswered, gone.answered_at, gone.answers) == (2, None, ())
        assert gone.unanswered_since == OPEN + timedelta(seconds=5)


def test_a_number_typed_counts_as_a_choice_only_where_one_was_offered() -> None:
    queue = policy.QueueFacts(key="general", name="General", callback_after_s=600)
    around = world(queue=queue)
    short = take(waiting(around), stimuli.TellPosition(1, 30), around=around).conversation
    assert take(short, factories.message("2"), around=around).conversation.callback == ""
    long = take(waiting(around), stimuli.TellPosition(9, 900), around=around).conversation
    assert take(long, factories.message("2"), around=around).conversation.callback == "call"
    tapped = factories.message(content.Choice("queue:call", "Call me back"))
    asked = take(long, factories.message("how long"), around=around).conversation
    assert take(asked, tapped, around=around).conversation.callback == "call"


def test_time_laid_aside_or_waited_for_a_call_counts_for_no_promise() -> None:
    queue = policy.QueueFacts(
        key="general", name="General", target_s=100, next_target_s=50, resolve_target_s=900
    )
    around = world(queue=queue)
    held = asks_again(around)
    aside = take(held, stimuli.Snooze(SARI, LATER), at_s=40, around=around).conversation
    back = take(aside, stimuli.Wake(SARI), at_s=1040, around=around)
    due = {clock.kind: clock.due_at for clock in promises.running(back.conversation, queue)}
    assert due["resolution"] == OPEN + timedelta(seconds=1900)
    assert due["first_response"] == OPEN + timedelta(seconds=1100)
    timers = {change.kind: change.due_at for change in back.timers}
    assert timers["sla"] == OPEN + timedelta(seconds=1080)
    long = take(back.conversation, stimuli.TellPosition(9, 900), at_s=1040, around=around)
    call = factories.message(content.Choice("queue:call", "Call me back"))
    called = take(long.conversation, call, at_s=1050, around=around).conversation
    reached = take(
        called,
        stimuli.TakeOver(SARI),
        stimuli.MakeCallback(SARI, reached=True),
        at_s=5050,
        around=around,
    ).conversation
    due = {clock.kind: clock.due_at for clock in promises.running(reached, queue)}
    assert due == {"resolution": OPEN + timedelta(seconds=5900)}


def test_the_next_answer_is_promised_anew_for_what_was_laid_aside() -> None:
    queue = policy.QueueFacts(key="general", name="General", next_target_s=50)
    answered, _ref = written(asks_again(world(queue=queue)), world(queue=queue))
    asked = take(answered, factories.message("lalu?"), at_s=20).conversation
    aside = take(asked, stimuli.Snooze(SARI, LATER), at_s=30).conversation
    back = take(aside, stimuli.Wake(SARI), at_s=1030).conversation
    due = {clock.kind: clock.due_at for clock in promises.running(back, queue)}
    assert due["next_response"] == OPEN + timedelta(seconds=1070)


def test_a_raised_hand_comes_down_when_somebody_else_takes_it() -> None:
    up = take(held(), stimuli.AskHelp(SARI)).conversation
    assert take(up, stimuli.TakeOver(DEWI)).conversation.help_asked_at is None
    assert take(up, stimuli.TransferToAgent(SARI, DEWI)).conversation.help_asked_at is None
