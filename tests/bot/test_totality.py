"""Properties of the step that hold for anything a citizen may send and any state it meets."""

from __future__ import annotations

import statistics
import time

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from resmi.bot import rules
from resmi.engine import content
from resmi.engine.content import Inbound
from resmi.registry.rules import Verdict
from resmi.registry.watches.rules import STANDINGS, Watched
from tests.bot.making import always, candidate, facts, finance, nothing, verdict

texts = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            *(
                "menu",
                "stop",
                "agent",
                "english",
                "1",
                "2",
                "10",
                "skip",
                "ya",
                "🙏",
                "\x00",
                "\u202e",
            ),
            *(
                "apakah dana contoh legal",
                "sudah transfer",
                "kabari jika berubah",
                "pantauan saya",
                "stop watching",
                "한국어",
                "a" * 4096,
                "ß" * 300,
                "İ" * 50,
            ),
        ]
    ),
)
pack = finance()
ids = st.one_of(
    st.sampled_from(
        [
            *pack.options,
            *("pick:", "pick:e1", "pick:x", "", "watch:", "watch:e1:x", "watch::x"),
            *("unwatch:*", "unwatch:", "unwatch:name:x"),
            *("more:C:licensed:e1:x", "more:", "receipt_qr:C:licensed:e1:x", "wrong:::", "wrong"),
        ]
    ),
    st.text(max_size=30),
)
inbounds: st.SearchStrategy[Inbound] = st.one_of(
    texts.map(content.Text),
    st.builds(content.Choice, ids, texts),
    st.builds(
        content.Media,
        st.sampled_from(["image", "video", "audio", "voice", "document", "sticker"]),
        st.text(max_size=5),
        caption=texts,
    ),
    st.builds(content.Location, st.floats(-90, 90), st.floats(-180, 180), texts),
    st.builds(
        content.SharedContacts,
        st.lists(
            st.builds(content.SharedContact, texts, st.lists(texts, max_size=2).map(tuple)),
            max_size=2,
        ).map(tuple),
    ),
    st.builds(content.FormReply, texts, st.dictionaries(texts, texts, max_size=2)),
    st.builds(content.Reaction, texts, texts),
    st.builds(content.Edit, texts, texts),
    st.builds(content.Revocation, texts),
    st.builds(content.Unsupported, texts),
)
statuses = ["licensed", "confirm", "revoked", "illegal", "ambiguous", "similar", "unknown"]
verdicts: st.SearchStrategy[tuple[Verdict, ...]] = st.lists(
    st.builds(
        lambda status, query, count: verdict(
            status,
            query=query,
            candidates=tuple(candidate(entity=f"e{n}", name=query or "x") for n in range(count)),
        ),
        st.sampled_from(statuses),
        texts,
        st.integers(0, 11),
    ),
    max_size=3,
).map(tuple)
watches = st.builds(
    Watched,
    subject=st.integers(0, 20).map("entity:e{}".format),
    name=texts.map(lambda text: text.strip()[:300] or "x"),
    standing=st.sampled_from(STANDINGS),
)
languages = st.sampled_from(["", "id", "en", "ko", "fr"])
dialogues = st.one_of(
    st.just({}),
    st.builds(
        lambda flow, slots, misses: {
            "talked": True,
            "flow": flow[0],
            "at": flow[1],
            "slots": slots,
            "misses": misses,
        },
        st.sampled_from(
            [(flow.key, at) for flow in pack.flows.values() for at in flow.waits]
            + [("", ""), ("gone", "x"), ("report", "gone"), ("menu", "")]
        ),
        st.dictionaries(st.sampled_from(["company", "guess", "offer_name", "story"]), texts),
        st.integers(0, 3),
    ),
    st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=5))),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(inbounds, min_size=1, max_size=4),
    verdicts,
    languages,
    dialogues,
    st.booleans(),
    st.lists(watches, max_size=9, unique_by=lambda one: one.subject).map(tuple),
)
def test_a_step_never_raises_and_always_leaves_a_usable_state(
    messages: list[Inbound],
    found: tuple[Verdict, ...],
    language: str,
    dialogue: dict[str, object],
    is_open: bool,
    watching: tuple[Watched, ...],
) -> None:
    for message in messages:
        now = facts(
            language=language,
            open=is_open,
            verify=always(*found),
            first=not dialogue,
            picture=str,
            watching=watching,
        )
        step = rules.step(pack, dialogue, message, now)
        assert step == rules.step(pack, dialogue, message, now)  # deterministic
        assert step.language in ("", "id", "en", "ko")
        for reply in step.replies:
            assert isinstance(reply, content.Text | content.Choices | content.Media)
            assert content.preview(reply).strip()
            assert content.decode_outbound(content.encode(reply)) == reply
        ignored = isinstance(message, content.Reaction | content.Edit | content.Revocation)
        assert bool(step.replies) != ignored
        dialogue = msgspec.json.decode(msgspec.json.encode(step.dialogue))
        language = step.language or language
        rules.leave_waiting(pack, message, now)
        waiting = rules.answer_waiting(pack, dialogue, message, now)
        assert waiting is None or waiting.replies or waiting.unwatched or waiting.disputed
        silent = rules.choose_quietly(pack, dialogue, message, now)
        assert silent is None or silent.replies == ()


@settings(max_examples=200, deadline=None)
@given(inbounds, dialogues)
def test_no_message_makes_the_bot_assert_a_licence_the_register_did_not(
    message: Inbound, dialogue: dict[str, object]
) -> None:
    step = rules.step(pack, dialogue, message, facts(verify=nothing, language="id"))
    assert all(one.status == "unknown" for one in step.verdicts)
    for reply in step.replies:
        assert "dan berizin" not in getattr(reply, "body", "")


def test_a_step_costs_well_under_a_millisecond() -> None:
    now = facts()
    costs = []
    for words in (
        "halo",
        "menu",
        "1",
        "kenapa uang saya belum kembali ya",
        "Dana Contoh Jaya",
    ) * 40:
        start = time.thread_time()
        rules.step(pack, {"talked": True}, content.Text(words), now)
        costs.append(time.thread_time() - start)
    assert statistics.median(costs) < 0.001
