"""The finance pack: its scripted conversations, and the manners of its texts."""

from __future__ import annotations

import re

import pytest

from resmi.bot import consistency, rehearsal, texts
from resmi.engine.content import Choices
from tests.bot.making import FOLDER, always, candidate, finance, said, verdict

LANGUAGES = ("id", "en", "ko")
PLAYED = rehearsal.rehearse(finance(), FOLDER / "tests")
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: played.name)
def test_a_scripted_conversation_goes_as_written(played: rehearsal.Rehearsed) -> None:
    assert [str(problem) for problem in played.problems] == []


def test_there_are_scripted_conversations() -> None:
    assert len(PLAYED) >= 15


def sources(language: str) -> list[tuple[str, str]]:
    return [(key, reply.source) for key, reply in finance().replies[language].items()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_shouts(language: str) -> None:
    prose = [(key, re.sub(r"\{.*?\}", "", source)) for key, source in sources(language)]
    assert [key for key, source in prose if "!" in source] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_more_than_one_emoji(language: str) -> None:
    assert [key for key, source in sources(language) if len(EMOJI.findall(source)) > 1] == []


def test_indonesian_says_anda_and_never_kamu() -> None:
    assert [k for k, s in sources("id") if re.search(r"\b(kamu|kalian|anda)\b", s)] == []


def test_korean_is_in_the_polite_informal_style() -> None:
    assert [k for k, s in sources("ko") if re.search(r"(니다|니까|하라|한다)[.?]", s)] == []


@pytest.mark.parametrize(
    ("language", "banned"),
    [
        ("id", ["segera dijawab", "sebentar lagi"]),
        ("en", ["soon", "shortly", "safe", "guarantee"]),
        ("ko", ["곧", "안전"]),
    ],
)
def test_nothing_is_promised_that_nobody_can_keep(language: str, banned: list[str]) -> None:
    for key, source in sources(language):
        assert not [word for word in banned if word in source], key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", texts.STATUSES)
def test_a_verdict_fits_the_message_that_carries_its_buttons(status: str, language: str) -> None:
    found = verdict(
        status,  # type: ignore[arg-type]
        query="Perusahaan Pembiayaan Contoh Sejahtera Abadi Nusantara",
        name="PT Perusahaan Pembiayaan Contoh Sejahtera Abadi Nusantara",
        licence="KEP-1234/D.05/2020",
        scope="Layanan pendanaan bersama berbasis teknologi informasi (P2P lending)",
        since="2020-05-04",
        note="Izin usaha dicabut: modal minimum tidak dipenuhi.",
        candidates=tuple(candidate(entity=f"e{n}") for n in range(2)),
    )
    (reply,) = said("x", language=language, verify=always(found)).replies
    assert isinstance(reply, Choices)
    assert len(reply.body) <= 1024


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reply_is_there(language: str) -> None:
    assert consistency.needed_replies(finance()).keys() <= finance().replies[language].keys()


def test_every_language_has_examples_for_every_wish() -> None:
    for intent in finance().intents.values():
        assert {language for language in LANGUAGES if intent.examples.get(language)} == set(
            LANGUAGES
        )


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("saya mau bicara dengan orang", "agent"),
        ("bisa bicara sama petugas ga", "agent"),
        ("tolong sambungkan ke petugas ya kak", "agent"),
        ("can I talk to a person please", "agent"),
        ("상담원 연결 부탁드려요", "agent"),
        ("사람이랑 얘기하고 싶어요", "agent"),
        ("haloooo", "greeting"),
        ("Selamat pagi Pak", "greeting"),
        ("makasih banyak ya min", "thanks"),
        ("🙏🙏🙏", "thanks"),
        ("thank you!!", "thanks"),
        ("감사합니다", "thanks"),
        ("saya mau melaporkan penipuan", "report"),
        ("I want to report a scam", "report"),
        ("불법 대출 신고하려고요", "report"),
        ("uang sudah saya transfer kemarin", "money_sent"),
        ("i already sent money to them", "money_sent"),
        ("어제 송금했는데 어떡해요", "money_sent"),
        ("jam buka sampai jam berapa", "hours"),
        ("are you a bot?", "about"),
    ],
)
def test_wishes_are_understood_as_people_write_them(words: str, intent: str) -> None:
    matcher = finance().matcher
    assert (matcher.whole(words) or matcher.phrase(words)) == intent


@pytest.mark.parametrize(
    ("words", "company"),
    [
        ("apakah Dana Abadi legal?", "Dana Abadi"),
        ("min mau tanya, apakah dana abadi itu resmi ya", "dana abadi"),
        ("cek Dana Abadi dong", "Dana Abadi"),
        ("Dana Abadi aman gak?", "Dana Abadi"),
        ("is Abadi Finance licensed?", "Abadi Finance"),
        ("Hi, can you check Abadi Finance for me?", "Abadi Finance"),
        ("can I trust abadi-finance.com", "abadi-finance.com"),
        ("Abadi Finance는 합법인가요?", "Abadi Finance"),
        ("아바디 대출 등록된 업체예요?", "아바디 대출"),
        ("아바디라는 회사 믿어도 돼요?", "아바디"),
        ("apakah ini legal", ""),
        ("cek perusahaan itu dong", ""),
        ("이 회사 합법인가요", ""),
    ],
)
def test_the_company_asked_about_is_found_in_the_sentence(words: str, company: str) -> None:
    asked = finance().matcher.asked(words)
    assert asked is not None
    assert asked.company == company


@pytest.mark.parametrize("language", ["en", "id", "ko"])
def test_bold_ends_where_whatsapp_sees_its_end(language: str) -> None:
    """WhatsApp shows the asterisks of `*word*ending`; Korean endings need quotation marks."""
    for key, reply in finance().replies[language].items():
        for line in reply.source.splitlines():
            after_bold = line.split("*")[2::2]
            assert not any(rest[:1].isalnum() for rest in after_bold), f"{key}: {line}"
