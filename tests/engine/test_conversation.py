from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.engine import chain, content, conversation, events
from resmi.engine.events import BOT, CITIZEN, SYSTEM, Actor, Event

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
AGENT = Actor("agent", "7", "Sari")

texts = st.text(max_size=40)
payloads = st.one_of(
    st.builds(
        events.MessageReceived,
        provider_id=texts,
        content=st.one_of(
            st.builds(content.Text, texts),
            st.builds(content.Choice, id=texts, title=texts),
            st.builds(content.Reaction, target=texts, emoji=texts),
            st.builds(content.Unsupported, kind=texts),
        ),
        sent_at=st.datetimes().map(lambda d: d.replace(tzinfo=UTC)),
    ),
    st.builds(events.MessageCreated, ref=texts, content=st.builds(content.Text, texts)),
    st.builds(
        events.HandedOver,
        queue=texts,
        reason=texts,
        collected=st.dictionaries(texts, texts, max_size=3),
    ),
    st.builds(events.ConversationOffered, agent=texts, agent_name=texts, until=st.just(T0)),
    st.builds(events.OfferEnded, agent=texts, why=st.sampled_from(["declined", "expired"])),
    st.builds(
        events.ConversationAssigned,
        agent=texts,
        agent_name=texts,
        how=st.sampled_from(["accepted", "taken_over", "transferred"]),
    ),
    st.builds(events.ConversationTransferred, queue=texts),
    st.builds(events.NoteAdded, body=texts),
    st.builds(events.LanguageChanged, language=texts, detected=st.booleans()),
    st.builds(events.ConversationClosed, reason=texts),
)


def log_of(given_payloads: list[events.Payload]) -> list[Event]:
    log: list[Event] = []
    head = chain.GENESIS
    for seq, payload in enumerate(given_payloads, start=1):
        bare = Event(
            conversation=1, seq=seq, at=T0 + timedelta(seconds=seq), actor=AGENT, data=payload
        )
        head = chain.link(head, bare)
        log.append(msgspec.structs.replace(bare, hash=head))
    return log


@given(st.lists(payloads, max_size=12))
def test_applying_one_by_one_equals_folding(given_payloads: list[events.Payload]) -> None:
    log = log_of(given_payloads)
    state = conversation.Conversation(id=1)
    for event in log:
        state = conversation.apply(state, event)
    assert state == conversation.fold(1, log)
    assert state.seq == len(log)


@given(st.lists(payloads, max_size=8))
def test_state_survives_json(given_payloads: list[events.Payload]) -> None:
    state = conversation.fold(1, log_of(given_payloads))
    raw = msgspec.json.encode(state)
    assert msgspec.json.decode(raw, type=conversation.Conversation) == state


@given(st.lists(payloads, min_size=1, max_size=8))
def test_events_survive_json_and_keep_their_hash(given_payloads: list[events.Payload]) -> None:
    log = log_of(given_payloads)
    again = [
        msgspec.structs.replace(e, data=events.decode_payload(events.encode_payload(e.data)))
        for e in log
    ]
    assert chain.first_break(again) is None


@given(st.lists(payloads, min_size=2, max_size=8), st.data())
def test_a_changed_event_breaks_the_chain(
    given_payloads: list[events.Payload], data: st.DataObject
) -> None:
    log = log_of(given_payloads)
    place = data.draw(st.integers(0, len(log) - 1))
    log[place] = msgspec.structs.replace(log[place], at=log[place].at + timedelta(microseconds=1))
    assert chain.first_break(log) == place + 1


def test_a_missing_event_breaks_the_chain() -> None:
    log = log_of([events.NoteAdded(body="a"), events.NoteAdded(body="b")])
    assert chain.first_break(log[1:]) == 2


def test_an_event_out_of_turn_is_refused() -> None:
    log = log_of([events.NoteAdded(body="a"), events.NoteAdded(body="b")])
    with pytest.raises(ValueError, match="does not follow"):
        conversation.apply(conversation.Conversation(id=1), log[1])


def test_a_message_dated_in_the_future_does_not_stretch_the_window() -> None:
    received = events.MessageReceived(
        provider_id="w", content=content.Text("halo"), sent_at=T0 + timedelta(days=30)
    )
    state = conversation.fold(1, log_of([received]))
    assert state.last_inbound_at == T0 + timedelta(seconds=1)


def test_an_older_message_that_comes_late_does_not_shorten_the_window() -> None:
    newer = events.MessageReceived(provider_id="b", content=content.Text("b"), sent_at=T0)
    older = events.MessageReceived(
        provider_id="a", content=content.Text("a"), sent_at=T0 - timedelta(hours=3)
    )
    assert conversation.fold(1, log_of([newer, older])).last_inbound_at == T0


def test_a_reaction_is_nothing_to_answer() -> None:
    reaction = events.MessageReceived(
        provider_id="r", content=content.Reaction(target="x", emoji="👍"), sent_at=T0
    )
    assert conversation.fold(1, log_of([reaction])).unanswered == 0


def test_an_answer_clears_what_was_unanswered_but_a_system_line_does_not() -> None:
    asked = events.MessageReceived(provider_id="a", content=content.Text("?"), sent_at=T0)
    told = events.MessageCreated(ref="1.2", content=content.Text("…"))
    state = conversation.fold(1, log_of([asked]))

    def then(actor: Actor) -> int:
        event = Event(conversation=1, seq=2, at=T0, actor=actor, data=told)
        return conversation.apply(state, event).unanswered

    assert (then(SYSTEM), then(BOT), then(CITIZEN)) == (1, 0, 1)


def test_a_list_shows_what_a_person_said_last_not_the_bot() -> None:
    asked = events.MessageReceived(
        provider_id="a", content=content.Text("apakah resmi?"), sent_at=T0
    )
    state = conversation.fold(1, log_of([asked]))

    def preview_after(actor: Actor) -> str:
        told = events.MessageCreated(ref="1.2", content=content.Text("Baik."))
        event = Event(conversation=1, seq=2, at=T0, actor=actor, data=told)
        return conversation.apply(state, event).last_preview

    assert preview_after(BOT) == preview_after(SYSTEM) == "apakah resmi?"
    assert preview_after(AGENT) == "Baik."
