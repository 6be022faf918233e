from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from resmi.channels.items import (
    CitizenMessage,
    DeliveryFailed,
    Echo,
    MediaFetched,
    PreferenceChanged,
    TimerDue,
)
from resmi.conversations import stimuli, turn
from resmi.conversations.building import Turn
from resmi.engine import chain, content, events
from resmi.engine import conversation as engine
from resmi.engine.conversation import Conversation
from resmi.engine.lifecycle import Refused
from tests.conversations import factories
from tests.conversations.factories import BUDI, DEWI, OPEN, SARI


def take(state: Conversation, *taken: stimuli.Stimulus, now: datetime = OPEN) -> Turn:
    return turn.take(state, taken, factories.line(), factories.world(), now)


def started(*said: str, now: datetime = OPEN) -> Conversation:
    state = Conversation(id=1)
    for text in said:
        state = take(state, factories.message(text, at=now), now=now).conversation
    return state


def kinds(result: Turn) -> list[str]:
    return [events.type_name(event.data) for event in result.events]


anything_said = st.one_of(
    st.builds(content.Text, st.text(max_size=300)),
    st.builds(content.Choice, id=st.text(max_size=30), title=st.text(max_size=30)),
    st.builds(content.Media, kind=st.just("image"), mime=st.text(max_size=9)),
    st.builds(content.Location, latitude=st.floats(), longitude=st.floats()),
    st.builds(content.Reaction, target=st.text(max_size=9), emoji=st.text(max_size=4)),
    st.builds(content.Edit, target=st.text(max_size=9), body=st.text(max_size=30)),
    st.builds(content.Revocation, target=st.text(max_size=9)),
    st.builds(content.Unsupported, kind=st.text(max_size=9)),
    st.sampled_from(
        [
            content.Text(text)
            for text in (
                *("agent", "menu", "stop", "1", "english", "halo", "my watches", "stop watching"),
                *("apakah PT Dana Sejahtera Nusantara resmi?", "Pinjam Kilat Makmur"),
                "kabari jika berubah",
            )
        ]
    ),
    st.sampled_from(
        [
            content.Choice(id_, "")
            for id_ in ("agent", "watch:L1:PT Dana Sejahtera Nusantara", "watch::PT Foo", "watch:")
        ]
    ),
    st.sampled_from([content.Choice(i, "") for i in ("unwatch:*", "unwatch:entity:L1")]),
)
anything_happening = st.one_of(
    st.builds(
        CitizenMessage,
        sender=st.just(BUDI),
        provider_id=st.text(max_size=9),
        content=anything_said,
        sent_at=st.datetimes().map(lambda d: d.replace(tzinfo=UTC)),
    ),
    st.builds(
        TimerDue,
        conversation=st.just(1),
        kind=st.sampled_from(["bot_idle", "window_closing", "offer_timeout", "other"]),
        due_at=st.just(OPEN),
    ),
    st.builds(MediaFetched, conversation=st.just(1), provider_id=st.text(max_size=5)),
    st.builds(
        DeliveryFailed,
        conversation=st.just(1),
        ref=st.text(max_size=9),
        code=st.text(max_size=9),
        reason=st.text(max_size=9),
    ),
    st.builds(PreferenceChanged, sender=st.just(BUDI), stop=st.booleans(), at=st.just(OPEN)),
    st.builds(
        Echo,
        recipient=st.just(BUDI),
        provider_id=st.text(max_size=9),
        content=anything_said,
        at=st.just(OPEN),
    ),
)
anything_done = st.sampled_from(
    [
        stimuli.Offer(SARI, OPEN + timedelta(seconds=30)),
        stimuli.OfferWithdrawn(SARI.id),
        stimuli.TellPosition(3, 120),
        stimuli.Accept(SARI),
        stimuli.Decline(SARI),
        stimuli.TakeOver(DEWI),
        stimuli.Reply(SARI, content.Text("Baik")),
        stimuli.AddNote(SARI, "catatan"),
        stimuli.TransferToQueue(SARI, "consumer"),
        stimuli.TransferToAgent(SARI, DEWI, "catatan"),
        stimuli.ReturnToBot(DEWI),
        stimuli.Close(SARI, "solved"),
        stimuli.RecordVerdict(SARI, "x", {"status": "unknown"}),
        stimuli.RegisterChanged((factories.change(),), "ko"),
    ]
)


@settings(deadline=None)
@given(st.lists(anything_happening, max_size=8))
def test_whatever_citizens_and_channels_do_a_turn_never_raises(
    happening: list[stimuli.Stimulus],
) -> None:
    take(Conversation(id=1), *happening)


@settings(deadline=None)
@given(st.lists(st.one_of(anything_happening, anything_done), max_size=14))
def test_the_saved_state_always_equals_the_refolded_log(
    happening: list[stimuli.Stimulus],
) -> None:
    state, log = Conversation(id=1), []
    for stimulus in happening:
        if state.status == "closed":
            break
        try:
            result = take(state, stimulus)
        except Refused:
            continue
        state, log = result.conversation, log + list(result.events)
    assert chain.first_break(log) is None
    assert msgspec.structs.replace(engine.fold(1, log)) == state


@settings(deadline=None)
@given(st.lists(st.one_of(anything_happening, anything_done), max_size=14))
def test_the_bot_answers_who_waits_about_companies_and_watches_and_else_leaves_people_the_word(
    happening: list[stimuli.Stimulus],
) -> None:
    state = Conversation(id=1)
    for stimulus in happening:
        before = state.status
        try:
            result = take(state, stimulus)
        except Refused:
            continue
        leaves = any(isinstance(e.data, events.ConversationTransferred) for e in result.events)
        talks = any(delivery.author == "bot" for delivery in result.deliveries)
        if before in ("offered", "assigned") and not leaves:
            assert not talks
        if before == "waiting" and not leaves and talks:
            assert isinstance(stimulus, CitizenMessage)
            assert result.conversation.status == "waiting"
            assert "verdict_given" in kinds(result) or _is_about_watches(stimulus.content)
        state = result.conversation


def _is_about_watches(said: content.Inbound) -> bool:
    if isinstance(said, content.Choice):
        return said.id.startswith(("watch:", "unwatch:"))
    words = ("my watches", "stop watching", "kabari jika berubah")
    return isinstance(said, content.Text) and said.body in words


@settings(deadline=None)
@given(st.lists(st.one_of(anything_happening, anything_done), max_size=14))
def test_what_is_watched_is_what_the_log_says(happening: list[stimuli.Stimulus]) -> None:
    state, watched = Conversation(id=1), factories.line().watching
    for stimulus in happening:
        line = factories.line(watching=watched)
        try:
            result = turn.take(state, (stimulus,), line, factories.world(), OPEN)
        except Refused:
            continue
        told = {one.subject for one in watched}
        for event in result.events:
            if isinstance(event.data, events.WatchStarted):
                assert event.data.subject not in told
                told.add(event.data.subject)
            elif isinstance(event.data, events.WatchEnded):
                told.remove(event.data.subject)
        state, watched = result.conversation, result.watching
        assert {one.subject for one in watched} == told
