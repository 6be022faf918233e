from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from resmi.channels.models import DeliveryStatus
from resmi.conversations.queries import DeliveryState, ThreadLine
from resmi.desk import lines, wording
from resmi.desk.wording import Names
from resmi.engine import content, events

JAKARTA = ZoneInfo("Asia/Jakarta")
NAMES = Names(queues={"general": "General questions"}, reasons={"advice": "Advice given"})
MORNING = datetime(2026, 1, 6, 3, tzinfo=UTC)

EXAMPLES: dict[type, events.Payload] = {
    type(example): example
    for example in (
        events.ConversationStarted(channel=1, contact=1, language="id"),
        events.MessageReceived(provider_id="w1", content=content.Text("Halo"), sent_at=MORNING),
        events.MessageCreated(ref="1.2", content=content.Text("Selamat pagi")),
        events.MessageFailed(ref="1.2", code="1", reason="x"),
        events.MediaStored(provider_id="p", media="m", mime="image/png", size=1),
        events.MediaFailed(provider_id="p", reason="x"),
        events.LanguageChanged(language="id", detected=True),
        events.DialogueMoved(dialogue={}),
        events.VerdictGiven(query="PT X", verdict={}),
        events.HandedOver(queue="general", reason="asked"),
        events.PositionTold(position=1, wait_s=60),
        events.ConversationOffered(agent="1", agent_name="Sari", until=MORNING),
        events.OfferEnded(agent="1", why="expired"),
        events.ConversationAssigned(agent="1", agent_name="Sari", how="accepted"),
        events.ConversationTransferred(queue="general", note="Tolong"),
        events.NoteAdded(body="Cek"),
        events.WindowWarned(closes_at=MORNING),
        events.StopAsked(),
        events.CallbackMade(reached=True, note="10.00"),
        events.PlaceAsked(),
        events.QueueMoved(queue="general"),
        events.WatchStarted(subject="entity:1", name="PT X", standing="licensed"),
        events.WatchEnded(subject="entity:1", name="PT X", why="asked"),
        events.WatchTold(subject="entity:1", name="PT X", before="licensed", after="revoked"),
        events.AnswerDisputed(query="PT X", receipt=""),
        events.ConsentAsked(version=3, language="id"),
        events.ConsentAnswered(version=3, answer="given"),
        events.MessageWithdrawn(ref="1.2"),
        events.PriorityChanged(points=20),
        events.ConversationSnoozed(until=MORNING, note="bank"),
        events.ConversationWoken(queue="general", why="due"),
        events.AgentJoined(agent="1", agent_name="Sari"),
        events.AgentLeft(agent="1", agent_name="Sari"),
        events.HelpAsked(note="Tolong"),
        events.HelpGiven(),
        events.CallbackAsked(how="call"),
        events.MachineRead(line=1, kind="translation", service="x", language="en", text="Hi"),
        events.NoticeSent(notice="data_protection", ref="1.2"),
        events.ScriptChosen(script="illegal_offer"),
        events.PointTicked(script="report", point="evidence", done=True),
        events.ServiceLevelWarned(kind="first_response", due_at=MORNING),
        events.ServiceLevelBreached(kind="resolution", due_at=MORNING),
        events.ConversationClosed(reason="advice"),
    )
}


def line(
    payload: events.Payload, *, seq: int = 1, at: datetime = MORNING, **fields: Any
) -> ThreadLine:
    given: dict[str, Any] = {
        "kind": "system",
        "author": "",
        "actor": "system",
        "author_id": "",
        "type": events.type_name(payload),
        **fields,
    }
    return ThreadLine(seq=seq, at=at, payload=payload, **given)


def drawn(*thread: ThreadLine, viewer: str = "7") -> list[lines.Line]:
    return lines.lines_of(thread, viewer, JAKARTA, NAMES)


def test_every_event_is_drawn_or_hidden_on_purpose() -> None:
    assert set(EXAMPLES) == set(events.PAYLOAD_TYPES)
    for kind, example in EXAMPLES.items():
        shown = drawn(line(example))
        if kind in lines.HIDDEN:
            assert shown == []
        else:
            assert shown[0].shape in {"message", "note", "verdict", "system", "remark"}
            assert shown[0].shape != "system" or shown[0].words


def test_a_new_day_starts_in_the_readers_time_zone() -> None:
    evening = datetime(2026, 1, 6, 16, 59, tzinfo=UTC)  # 23:59 in Jakarta
    thread = [
        line(EXAMPLES[events.StopAsked], seq=1, at=evening),
        line(EXAMPLES[events.StopAsked], seq=2, at=evening + timedelta(seconds=59)),
        line(EXAMPLES[events.StopAsked], seq=3, at=evening + timedelta(seconds=60)),
    ]
    days = [shown.day.isoformat() if shown.day else None for shown in drawn(*thread)]
    assert days == ["2026-01-06", None, "2026-01-07"]


@pytest.mark.parametrize(("viewer", "mine"), [("7", True), ("8", False), ("", False)])
def test_ones_own_messages_are_ones_own(viewer: str, mine: bool) -> None:
    said = line(EXAMPLES[events.MessageCreated], kind="agent", author="Sari", author_id="7")
    assert drawn(said, viewer=viewer)[0].mine is mine


def test_an_automatic_message_is_nobodys() -> None:
    said = line(EXAMPLES[events.MessageCreated])
    assert drawn(said, viewer="")[0].mine is False


def test_queues_and_reasons_are_called_by_their_names() -> None:
    handed = drawn(line(EXAMPLES[events.HandedOver]))[0].words
    closed = drawn(line(EXAMPLES[events.ConversationClosed], author="Sari"))[0].words
    assert handed == "Handed over: asked for an agent (queue General questions)"
    assert closed == "Closed by Sari: Advice given"


def test_a_queue_that_is_gone_keeps_its_key() -> None:
    assert Names().queue("old") == "old"


def test_an_answer_quotes_what_it_answers() -> None:
    first = line(EXAMPLES[events.MessageReceived], kind="citizen")
    reply = events.MessageCreated(ref="1.2", content=content.Text("Ya"), reply_to="w1")
    assert drawn(first, line(reply, seq=2, kind="agent"))[1].quoted == "Halo"


def test_a_reaction_is_a_remark_on_its_target() -> None:
    first = line(EXAMPLES[events.MessageReceived], kind="citizen")
    liked = events.MessageReceived(
        provider_id="w2", content=content.Reaction(target="w1", emoji="👍"), sent_at=MORNING
    )
    shown = drawn(first, line(liked, seq=2, kind="citizen"))[1]
    assert (shown.shape, shown.quoted) == ("remark", "Halo")


def test_a_verdict_of_an_older_version_is_still_a_line() -> None:
    shown = drawn(line(EXAMPLES[events.VerdictGiven]))[0]
    assert (shown.shape, shown.verdict, shown.words) == ("verdict", None, "PT X")


@pytest.mark.parametrize("status", ["failed", "unknown"])
def test_what_did_not_surely_arrive_says_why(status: str) -> None:
    state = DeliveryState(ref="1.2.1", status=status, error_code="1", error="Switched off.")
    tick = lines.tick_of(state)
    assert tick is not None
    assert tick.failed
    assert tick.reason == "Switched off."


def test_a_failure_without_a_reason_says_so() -> None:
    state = DeliveryState(ref="1.2.1", status="failed", error_code="", error="")
    tick = lines.tick_of(state)
    assert tick is not None
    assert tick.reason == "No reason was given."


def test_every_delivery_status_has_an_icon_and_a_word() -> None:

    assert set(wording.DELIVERY) == set(DeliveryStatus.values)


@pytest.mark.parametrize(
    ("code", "name"), [("id", "Indonesian"), ("ko", "Korean"), ("", ""), ("??", "??")]
)
def test_languages_are_called_by_name(code: str, name: str) -> None:
    assert wording.language(code) == name
