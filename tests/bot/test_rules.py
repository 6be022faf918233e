"""The bot's step: what a message leads to."""

from __future__ import annotations

import msgspec
import pytest

from resmi.bot import rules
from resmi.engine.content import (
    Choice,
    Choices,
    Edit,
    FormReply,
    Inbound,
    Location,
    Media,
    Reaction,
    Revocation,
    SharedContact,
    SharedContacts,
    Text,
    Unsupported,
)
from tests.bot.making import (
    always,
    facts,
    finance,
    offered,
    said,
    talk,
    verdict,
    words,
)

PHOTO = Media("image", "image/jpeg", provider_id="p")
VOICE = Media("voice", "audio/ogg", provider_id="v")


def tapped(option: str) -> Choice:
    return Choice(option, "")


# What the bot says first


@pytest.mark.parametrize(
    ("hello", "language", "piece"),
    [
        ("halo", "id", "asisten otomatis"),
        ("hello", "en", "automatic assistant"),
        ("안녕하세요", "ko", "자동 상담 봇"),
    ],
)
def test_the_greeting_says_what_the_bot_is_in_the_citizens_language(
    hello: str, language: str, piece: str
) -> None:
    step = said(hello, {}, language="", first=True)
    assert step.language == language
    assert step.detected
    assert piece in words(step)
    assert offered(step) == ["check", "report", "agent"]
    assert len(step.replies) == 1


def test_a_first_question_is_answered_at_once_after_one_line_of_introduction() -> None:
    step = said("dana contoh", {}, first=True, verify=always(verdict()))
    assert len(step.replies) == 2
    assert "bukan manusia" in step.replies[0].body  # type: ignore[union-attr]
    assert [one.status for one in step.verdicts] == ["licensed"]


def test_the_introduction_is_not_repeated() -> None:
    assert "bukan manusia" not in words(said("dana contoh", verify=always(verdict())))


@pytest.mark.parametrize("said_first", [Reaction("m", "👍"), Edit("m", "x"), Revocation("m")])
def test_reactions_edits_and_revocations_get_no_answer(said_first: Inbound) -> None:
    dialogue = {"talked": True, "flow": "report", "at": "story"}
    assert said(said_first, dialogue) == rules.Step(dialogue=dialogue)


def test_the_dialogue_of_a_first_answer_is_never_empty() -> None:
    assert said("halo", {}, first=True).dialogue


def test_a_dialogue_is_the_same_after_a_journey_through_json() -> None:
    dialogue = said("menu").dialogue
    assert msgspec.json.decode(msgspec.json.encode(dialogue)) == dialogue


# Words that work everywhere

EVERYWHERE = [
    {"talked": True},
    {"talked": True, "flow": "report", "at": "offer_name"},
    {"talked": True, "flow": "report", "at": "story", "slots": {"offer_name": "x"}},
    {"talked": True, "flow": "check", "at": "name_to_check"},
]


@pytest.mark.parametrize("dialogue", EVERYWHERE)
@pytest.mark.parametrize(
    "word",
    ["petugas", "AGEN", "manusia", "agent", "Human", "상담원", "petugas dong", "talk to a human"],
)
def test_a_person_is_one_word_away_from_anywhere(word: str, dialogue: dict[str, object]) -> None:
    step = said(word, dialogue)
    assert step.handover is not None
    assert step.handover.queue == "general"


@pytest.mark.parametrize("dialogue", EVERYWHERE)
@pytest.mark.parametrize("word", ["menu", "Menu", "메뉴", "kembali", "batal"])
def test_the_menu_is_one_word_away_from_anywhere(word: str, dialogue: dict[str, object]) -> None:
    step = said(word, dialogue)
    assert offered(step) == ["check", "report", "agent"]
    assert "flow" not in step.dialogue


@pytest.mark.parametrize("dialogue", EVERYWHERE)
@pytest.mark.parametrize("word", ["stop", "STOP", "berhenti", "그만"])
def test_stop_says_goodbye_and_stops_from_anywhere(word: str, dialogue: dict[str, object]) -> None:
    step = said(word, dialogue)
    assert step.stop
    assert step.close == "stopped"
    assert len(step.replies) == 1


@pytest.mark.parametrize("dialogue", EVERYWHERE)
@pytest.mark.parametrize(
    ("word", "language"),
    [("english", "en"), ("한국어", "ko"), ("English please", "en"), ("bahasa korea", "ko")],
)
def test_the_language_is_switched_from_anywhere(
    word: str, language: str, dialogue: dict[str, object]
) -> None:
    step = said(word, dialogue)
    assert (step.language, step.detected) == (language, False)


def test_a_language_switch_asks_the_open_question_again_in_the_new_language() -> None:
    step = said("english", {"talked": True, "flow": "report", "at": "story", "slots": {}})
    assert "Tell us what happened" in words(step)
    assert step.dialogue["at"] == "story"


def test_a_story_that_mentions_an_agent_or_stopping_is_only_a_story() -> None:
    story = "agen mereka bilang saya harus stop bayar cicilan yang lama supaya bisa pinjam lagi"
    step = said(
        story, {"talked": True, "flow": "report", "at": "story", "slots": {"offer_name": "x"}}
    )
    assert step.handover is None
    assert not step.stop
    assert step.dialogue["slots"]["story"] == story


def test_a_language_the_citizen_chose_stays_against_what_they_write_next() -> None:
    chosen = said("english").dialogue
    step = said("saya mau tanya apakah ini perusahaan yang benar", chosen, language="en")
    assert step.language == ""


def test_writing_korean_changes_even_a_chosen_language() -> None:
    chosen = said("english").dialogue
    assert said("안녕하세요, 질문이 있어요", chosen, language="en").language == "ko"


def test_the_language_follows_what_the_citizen_writes() -> None:
    step = said("hello, can you please help me with this company", language="id")
    assert (step.language, step.detected) == ("en", True)


def test_a_companys_name_does_not_change_the_language() -> None:
    step = said("Dana Contoh", language="en", verify=always(verdict(query="Dana Contoh")))
    assert step.language == ""
    assert "is in the register" in words(step)


def test_a_language_the_pack_does_not_speak_falls_back_to_its_first() -> None:
    assert said("halo", language="fr").language == "id"


# Companies


def test_a_report_is_urgent_when_money_was_sent() -> None:
    step = talk(tapped("report"), "Dana Contoh", tapped("skip"), "sudah transfer 2 juta", PHOTO)
    assert step.handover is not None
    assert step.handover.queue == "reports"
    assert step.handover.priority == 10
    assert "Hubungi bank" in words(step)


def test_a_report_without_money_is_not_urgent() -> None:
    step = talk(
        tapped("report"), "Dana Contoh", "0812", "saya ditelepon terus setiap hari", "lewati"
    )
    assert step.handover is not None
    assert step.handover.priority == 0
    assert step.handover.collected == {
        "Name of the offer": "Dana Contoh",
        "Link or phone": "0812",
        "What happened": "saya ditelepon terus setiap hari",
        "Register says": "unknown",
    }


def test_a_hand_over_asks_for_an_agent_of_the_language() -> None:
    step = said("human", language="en")
    assert step.handover is not None
    assert step.handover.skills == ("lang:en",)


def test_a_voice_message_may_tell_the_story() -> None:
    step = talk(tapped("report"), "Dana Contoh", "0812", VOICE)
    assert step.dialogue["slots"]["story"] == "[voice]"


def test_a_shared_contact_answers_the_question_for_a_number() -> None:
    people = SharedContacts((SharedContact("Budi", ("62811",)),))
    step = talk(tapped("report"), "Dana Contoh", people)
    assert step.dialogue["slots"]["offer_contact"] == "Budi 62811"


def test_a_photo_sent_early_is_kept_for_its_question() -> None:
    step = talk(tapped("report"), PHOTO)
    assert "Kiriman Anda sudah kami simpan" in words(step)
    assert step.dialogue["at"] == "offer_name"
    assert step.dialogue["slots"]["screenshot"] == "[image]"


def test_thanks_in_the_middle_is_answered_and_the_question_asked_again() -> None:
    step = talk(tapped("report"), "Dana Contoh", "terima kasih")
    assert "Sama-sama" in words(step)
    assert "nomor telepon" in words(step)
    assert step.dialogue["at"] == "offer_contact"


# Not understood

UNCLEAR = "kenapa begini terus ya padahal saya menunggu dari kemarin"


def test_two_misunderstandings_in_a_row_offer_a_person() -> None:
    assert offered(talk(UNCLEAR)) == ["check", "report", "agent"]
    assert offered(talk(UNCLEAR, UNCLEAR)) == ["agent", "menu"]


def test_being_understood_in_between_starts_the_count_afresh() -> None:
    assert offered(talk(UNCLEAR, "menu", UNCLEAR)) == ["check", "report", "agent"]


def test_an_unknown_option_is_said_to_be_over() -> None:
    step = said(tapped("from-an-older-pack"))
    assert "tidak berlaku" in words(step)
    assert offered(step) == ["check", "report", "agent"]


@pytest.mark.parametrize(
    ("thing", "piece"),
    [
        (PHOTO, "tidak bisa membaca gambar"),
        (VOICE, "tidak bisa mendengarkan"),
        (Location(-6.2, 106.8), "tidak memerlukan lokasi"),
        (SharedContacts((SharedContact("Budi"),)), "Kontaknya sudah kami terima"),
        (Unsupported("poll"), "tidak bisa saya baca"),
        (FormReply("f", {"a": "menu"}), "Apa yang bisa saya bantu"),
    ],
)
def test_what_is_not_text_gets_a_sensible_answer(thing: Inbound, piece: str) -> None:
    assert piece in words(said(thing))


def test_a_pictures_caption_is_read() -> None:
    step = said(Media("image", "image/png", caption="dana contoh"), verify=always(verdict()))
    assert step.verdicts != ()


# Opening hours


def test_outside_opening_hours_the_next_opening_is_said_and_the_citizen_still_queued() -> None:
    opens = facts().now.replace(day=4, hour=8)
    step = said("petugas", open=False, opens_at=opens)
    assert "besok, Rabu, pukul 08.00 WIB" in words(step)
    assert step.handover is not None


def test_outside_opening_hours_companies_are_still_verified() -> None:
    assert said("dana contoh", open=False, verify=always(verdict())).verdicts != ()


def test_an_agency_that_never_opens_promises_no_time() -> None:
    told = words(said("petugas", open=False, opens_at=None))
    assert "sedang tidak bertugas" in told
    assert "buka lagi" not in told


# Waiting in a queue


def waiting(message: Inbound) -> rules.Step | None:
    return rules.leave_waiting(finance(), message, facts())


@pytest.mark.parametrize(
    "word", ["halo", "saya menunggu", "petugas", "english", "dana contoh", "1"]
)
def test_what_is_said_while_waiting_is_for_the_agent(word: str) -> None:
    assert waiting(Text(word)) is None


def test_menu_leaves_the_queue() -> None:
    step = waiting(Text("menu"))
    assert step is not None
    assert "keluar dari antrean" in words(step)
    assert offered(step) == ["check", "report", "agent"]


def test_the_menu_button_leaves_the_queue() -> None:
    assert waiting(Choice("menu", "Menu utama")) is not None


def test_stop_leaves_the_queue_and_stops() -> None:
    step = waiting(Text("berhenti"))
    assert step is not None
    assert step.stop


def test_a_voice_message_while_waiting_is_for_the_agent() -> None:
    assert waiting(VOICE) is None


def test_options_carry_short_titles_for_every_channel() -> None:
    (reply,) = said("menu").replies
    assert isinstance(reply, Choices)
    assert all(len(option.title) <= 20 for option in reply.options)
