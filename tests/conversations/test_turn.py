from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args

import msgspec
import pytest

from resmi.channels.items import (
    DeliveryFailed,
    Echo,
    MediaFetched,
    TimerDue,
)
from resmi.conversations import stimuli, turn
from resmi.conversations.building import Turn, World
from resmi.engine import content, events
from resmi.engine import conversation as engine
from resmi.engine.conversation import Conversation
from resmi.engine.lifecycle import Refused
from tests.conversations import factories
from tests.conversations.factories import DEWI, OPEN, SARI


def take(state: Conversation, *taken: stimuli.Stimulus, now: datetime = OPEN) -> Turn:
    return turn.take(state, taken, factories.line(), factories.world(), now)


def started(*said: str, now: datetime = OPEN) -> Conversation:
    state = Conversation(id=1)
    for text in said:
        state = take(state, factories.message(text, at=now), now=now).conversation
    return state


def held(by: stimuli.Staff = SARI) -> Conversation:
    return take(started("halo"), stimuli.TakeOver(by)).conversation


def offered(to: stimuli.Staff = SARI) -> Conversation:
    offer = stimuli.Offer(to, OPEN + timedelta(seconds=30))
    return take(started("agent"), offer).conversation


def kinds(result: Turn) -> list[str]:
    return [events.type_name(event.data) for event in result.events]


def sent(result: Turn) -> str:
    return "\n".join(content.preview(d.content, 4096) for d in result.deliveries)


def test_every_stimulus_has_a_handler() -> None:
    assert turn.handled_stimuli() == frozenset(get_args(stimuli.Stimulus))


def test_the_first_message_starts_the_conversation_and_is_answered() -> None:
    result = take(Conversation(id=1), factories.message("halo"))
    assert kinds(result)[:2] == ["conversation_started", "message_received"]
    assert result.deliveries
    assert result.conversation.status == "bot"


def test_a_company_typed_at_once_is_verified_at_once() -> None:
    result = take(
        Conversation(id=1), factories.message("apakah PT Dana Sejahtera Nusantara terdaftar?")
    )
    assert "verdict_given" in kinds(result)
    assert "KEP-1/2024" in sent(result)


def test_deliveries_are_named_after_their_event_and_part() -> None:
    result = take(Conversation(id=1), factories.message("halo"))
    messages = [e.seq for e in result.events if isinstance(e.data, events.MessageCreated)]
    assert result.deliveries[0].ref == f"1.{messages[0]}.1"


def test_asking_for_a_person_hands_over_and_silences_the_bot() -> None:
    result = take(started("halo"), factories.message("agent"))
    assert result.conversation.status == "waiting"
    after = take(result.conversation, factories.message("apakah ada orang?"))
    assert after.deliveries == ()


def test_who_waits_is_told_what_the_register_says_and_keeps_the_place() -> None:
    state = started("agent")
    question = "apakah PT Dana Sejahtera Nusantara terdaftar?"
    result = take(state, factories.message(question))
    assert kinds(result) == [
        "message_received",
        "verdict_given",
        "dialogue_moved",
        "message_created",
    ]
    assert "KEP-1/2024" in sent(result)
    assert result.conversation.status == "waiting"
    assert result.conversation.waiting_since == state.waiting_since
    assert result.conversation.unanswered == state.unanswered + 1


def test_nothing_is_answered_any_more_once_an_agent_is_asked() -> None:
    question = factories.message("apakah PT Dana Sejahtera Nusantara terdaftar?")
    assert kinds(take(offered(), question)) == ["message_received"]


def test_a_tap_about_a_watch_counts_silently_while_an_agent_holds_the_conversation() -> None:
    tap = factories.message(content.Choice("watch:L1:PT Dana Sejahtera Nusantara", ""))
    result = take(held(), tap)
    assert kinds(result) == ["message_received", "watch_started"]
    assert result.deliveries == ()


def test_stop_ends_every_watch() -> None:
    line = factories.line(watching=(factories.watched(), factories.watched(subject="name:foo")))
    message = factories.message("stop")
    result = turn.take(Conversation(id=1), (message,), line, factories.world(), OPEN)
    ended = [e.data for e in result.events if isinstance(e.data, events.WatchEnded)]
    assert [(one.subject, one.why) for one in ended] == [
        ("entity:L1", "stopped"),
        ("name:foo", "stopped"),
    ]
    assert result.watching == ()


def news(state: Conversation, *, now: datetime = OPEN, world: World | None = None) -> Turn:
    happened = stimuli.RegisterChanged((factories.change(),), "en")
    return turn.take(state, (happened,), factories.line(), world or factories.world(), now)


def test_news_inside_the_window_are_free_text_that_can_be_answered_by_a_tap() -> None:
    result = news(started("halo"))
    assert kinds(result) == ["watch_told", "message_created"]
    message = result.deliveries[0].content
    assert isinstance(message, content.Choices)
    assert [option.id for option in message.options] == ["unwatch:entity:L1", "agent"]
    assert "izin dicabut" in message.body
    assert "Sumber: Register, per 1 Februari 2026" in message.body


def test_news_after_the_window_are_the_approved_template_with_what_it_will_read_like() -> None:
    result = news(started("halo"), now=OPEN + timedelta(hours=30))
    message = result.deliveries[0].content
    assert isinstance(message, content.Template)
    assert (message.name, message.language) == ("register_change", "id")
    assert message.parameters[0] == "PT Dana Sejahtera Nusantara"
    assert all(value in message.preview for value in message.parameters)


def test_without_a_template_news_after_the_window_are_not_told() -> None:
    bare = msgspec.structs.replace(factories.pack(), templates={})
    world = msgspec.structs.replace(factories.world(), pack=bare)
    assert news(started("halo"), now=OPEN + timedelta(hours=30), world=world).events == ()
    assert news(started("halo"), world=world).deliveries


def test_news_open_a_conversation_of_their_own_and_end_it() -> None:
    state = Conversation(id=1, language="ko", last_inbound_at=OPEN - timedelta(hours=2))
    result = news(state)
    assert kinds(result) == [
        "conversation_started",
        "watch_told",
        "message_created",
        "conversation_closed",
    ]
    assert isinstance(result.deliveries[0].content, content.Choices)
    assert "인가 취소" in sent(result)
    assert engine.fold(1, result.events) == result.conversation
    assert result.conversation.wrap_up == "told"


def test_news_reach_whoever_an_agent_talks_with_and_the_bot_stays_silent() -> None:
    result = news(held())
    assert {delivery.author for delivery in result.deliveries} == {"system"}
    assert result.conversation.status == "assigned"


def test_a_waiting_citizen_can_go_back_to_the_menu() -> None:
    result = take(started("agent"), factories.message("menu"))
    assert result.conversation.status == "bot"
    assert result.deliveries


def test_an_accepted_offer_assigns_and_introduces_the_agent_by_display_name() -> None:
    result = take(offered(), stimuli.Accept(SARI))
    assert result.conversation.agent == SARI.id
    assert result.silence_bot
    assert "Sari" in sent(result)
    assert "Wulandari" not in sent(result)


def test_somebody_elses_offer_cannot_be_accepted() -> None:
    with pytest.raises(Refused, match="passed on"):
        take(offered(), stimuli.Accept(DEWI))


def test_a_declined_offer_waits_again_and_remembers_who_declined() -> None:
    result = take(offered(), stimuli.Decline(SARI))
    assert result.conversation.status == "waiting"
    assert result.conversation.declined == (SARI.id,)


def test_an_offer_nobody_answers_passes_on() -> None:
    timer = TimerDue(conversation=1, kind="offer_timeout", due_at=OPEN)
    late = OPEN + timedelta(seconds=31)
    assert take(offered(), timer, now=late).conversation.status == "waiting"
    early = take(offered(), timer, now=OPEN)
    assert early.conversation.status == "offered"
    assert [change.kind for change in early.timers] == ["offer_timeout"]


def test_an_offer_passes_on_by_the_databases_clock_where_ours_is_behind() -> None:
    until = offered().offer_until
    assert until is not None
    timer = TimerDue(conversation=1, kind="offer_timeout", due_at=until)
    assert take(offered(), timer, now=until - timedelta(seconds=5)).conversation.status == "waiting"


def test_an_offer_made_under_a_clock_that_was_set_back_since_passes_on() -> None:
    now = OPEN - timedelta(hours=2)
    timer = TimerDue(conversation=1, kind="offer_timeout", due_at=now)
    assert take(offered(), timer, now=now).conversation.status == "waiting"


def test_a_late_timer_of_an_accepted_offer_changes_nothing() -> None:
    state = take(offered(), stimuli.Accept(SARI)).conversation
    timer = TimerDue(conversation=1, kind="offer_timeout", due_at=OPEN)
    assert take(state, timer, now=OPEN + timedelta(minutes=5)).events == ()


def test_the_bot_says_nothing_while_an_agent_holds_the_conversation() -> None:
    result = take(held(), factories.message("apakah PT Dana Sejahtera Nusantara terdaftar?"))
    assert kinds(result) == ["message_received"]
    assert result.deliveries == ()


def test_only_the_holder_may_reply() -> None:
    with pytest.raises(Refused, match="take it over"):
        take(held(SARI), stimuli.Reply(DEWI, content.Text("Halo")))


def test_free_text_after_the_window_is_refused_with_the_reason() -> None:
    late = OPEN + timedelta(hours=24)
    with pytest.raises(Refused) as refused:
        take(held(), stimuli.Reply(SARI, content.Text("Halo")), now=late)
    assert refused.value.code == "window_closed"
    assert "template" in refused.value.reason


def test_a_template_passes_after_the_window() -> None:
    late = OPEN + timedelta(hours=30)
    template = content.Template(name="follow_up", language="id")
    assert take(held(), stimuli.Reply(SARI, template), now=late).deliveries


def test_a_reply_may_quote_a_message() -> None:
    result = take(held(), stimuli.Reply(SARI, content.Text("Ya"), reply_to="wamid.q"))
    assert result.deliveries[0].reply_to == "wamid.q"


def test_a_note_is_never_sent() -> None:
    result = take(held(), stimuli.AddNote(SARI, "cek rekening"))
    assert kinds(result) == ["note_added"]
    assert result.deliveries == ()


def test_closing_ends_it_and_forgets_its_timers() -> None:
    result = take(held(), stimuli.Close(SARI, "solved"))
    assert result.conversation.status == "closed"
    assert {change.due_at for change in result.timers} == {None}


def test_nothing_can_be_done_to_a_closed_conversation() -> None:
    state = take(held(), stimuli.Close(SARI, "solved")).conversation
    for action in (
        stimuli.TakeOver(SARI),
        stimuli.Reply(SARI, content.Text("Halo")),
        stimuli.Close(SARI, "solved"),
        stimuli.TransferToQueue(SARI, "consumer"),
        stimuli.TransferToAgent(SARI, DEWI),
    ):
        with pytest.raises(Refused):
            take(state, action)


def test_a_message_after_the_end_is_left_for_a_new_conversation() -> None:
    state = take(held(), stimuli.Close(SARI, "solved")).conversation
    message = factories.message("halo lagi")
    assert take(state, message).left == (message,)


def test_a_transfer_to_a_colleague_carries_the_note() -> None:
    result = take(held(SARI), stimuli.TransferToAgent(SARI, DEWI, "tolong lanjutkan"))
    assert result.conversation.agent == DEWI.id
    assert "note_added" in kinds(result)


def test_back_to_the_bot_the_bot_answers_again() -> None:
    state = take(held(), stimuli.ReturnToBot(SARI)).conversation
    assert take(state, factories.message("halo")).deliveries


def test_a_silent_citizen_ends_the_talk_with_the_bot() -> None:
    state = started("halo")
    idle = timedelta(minutes=factories.pack().settings.idle_minutes)
    timer = TimerDue(conversation=1, kind="bot_idle", due_at=OPEN + idle)
    result = take(state, timer, now=OPEN + idle)
    assert result.conversation.status == "closed"
    assert result.conversation.wrap_up == "idle"


def test_an_idle_talk_written_under_a_clock_that_was_set_back_since_ends() -> None:
    state = started("halo")
    now = OPEN - timedelta(hours=2)
    timer = TimerDue(conversation=1, kind="bot_idle", due_at=now)
    assert take(state, timer, now=now).conversation.wrap_up == "idle"


def test_an_idle_timer_that_is_out_of_date_is_set_anew() -> None:
    early = TimerDue(conversation=1, kind="bot_idle", due_at=OPEN)
    result = take(started("halo"), early)
    assert result.conversation.status == "bot"
    assert [change.kind for change in result.timers] == ["bot_idle"]


def test_the_agent_is_reminded_before_the_window_closes() -> None:
    timer = TimerDue(conversation=1, kind="window_closing", due_at=OPEN + timedelta(hours=23))
    result = take(held(), timer, now=OPEN + timedelta(hours=23))
    assert kinds(result) == ["window_warned"]


def test_a_file_that_came_is_noted_with_our_copy() -> None:
    result = take(
        held(),
        MediaFetched(conversation=1, provider_id="m1", media="abc", mime="image/jpeg", size=9),
    )
    assert kinds(result) == ["media_stored"]


def test_a_received_file_is_asked_for() -> None:
    photo = content.Media(kind="image", mime="image/jpeg", provider_id="m1")
    assert take(held(), factories.message(photo)).media == (photo,)


def test_a_failed_message_is_noted_with_its_reason() -> None:
    failure = DeliveryFailed(conversation=1, ref="1.3.1", code="131026", reason="undeliverable")
    assert kinds(take(held(), failure)) == ["message_failed"]


def test_who_went_back_to_the_menu_and_falls_silent_ends_the_talk_too() -> None:
    result = take(started("agent"), factories.message("menu"))
    due = {change.kind: change.due_at for change in result.timers}
    idle = timedelta(minutes=factories.pack().settings.idle_minutes)
    assert due["bot_idle"] == OPEN + idle


def test_the_window_is_warned_of_by_the_databases_clock_where_ours_is_behind() -> None:
    due = OPEN + timedelta(hours=23)
    timer = TimerDue(conversation=1, kind="window_closing", due_at=due)
    result = take(held(), timer, now=due - timedelta(seconds=5))
    assert kinds(result) == ["window_warned"]


def test_who_only_reacted_to_a_goodbye_hears_no_other_goodbye() -> None:
    thanks = content.Reaction(target="wamid.0", emoji="👍")
    state = take(Conversation(id=1), factories.message(thanks)).conversation
    idle = timedelta(minutes=factories.pack().settings.idle_minutes)
    timer = TimerDue(conversation=1, kind="bot_idle", due_at=OPEN + idle)
    result = take(state, timer, now=OPEN + idle)
    assert result.conversation.status == "closed"
    assert result.deliveries == ()


def test_the_bot_does_not_talk_over_somebody_who_answers_with_the_phone_app() -> None:
    said = content.Text("Selamat pagi, saya Rina")
    echo = Echo(recipient=factories.BUDI, provider_id="wamid.phone", content=said, at=OPEN)
    state = take(started("halo"), echo).conversation
    later = OPEN + timedelta(minutes=5)
    quiet = take(state, factories.message("menu", at=later), now=later)
    assert (kinds(quiet), quiet.deliveries) == (["message_received"], ())
    assert quiet.conversation.status == "bot"
    gone = later + timedelta(minutes=factories.pack().settings.idle_minutes + 1)
    assert take(quiet.conversation, factories.message("menu", at=gone), now=gone).deliveries
