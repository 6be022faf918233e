"""Texts of the pack that other rooms ask for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from resmi.bot import rules
from tests.bot.making import NOW, finance

LANGUAGES = ("id", "en", "ko")


def text(key: str, language: str = "id", **values: object) -> str:
    return rules.text(finance(), key, language, **values)


@pytest.mark.parametrize(
    ("language", "piece"), [("id", "sekitar 7 menit"), ("en", "about 7 minutes"), ("ko", "약 7분")]
)
def test_the_position_comes_with_the_wait_in_minutes(language: str, piece: str) -> None:
    told = text("position_told", language, position=3, wait_s=400)
    assert piece in told
    assert "3" in told


def test_one_minute_is_singular_in_english() -> None:
    assert "about 1 minute." in text("position_told", "en", position=1, wait_s=20)


def test_a_wait_of_hours_is_told_in_hours() -> None:
    assert "about 3 hours" in text("position_told", "en", position=40, wait_s=10_000)


@pytest.mark.parametrize("unknown", [None, 0, -5, float("inf"), float("nan")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_wait_is_said_to_be_unknown(language: str, unknown: float | None) -> None:
    told = text("position_told", language, position=3, wait_s=unknown)
    assert text("wait_unknown", language) in told
    assert "inf" not in told


def test_the_agents_name_is_told_and_may_be_missing() -> None:
    assert "Sari" in text("agent_joined", name="Sari")
    assert text("agent_joined", name="").startswith("Anda sekarang terhubung dengan petugas")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "key",
    [
        "agent_left",
        "transferred",
        "conversation_closed",
        "bot_idle_closing",
        "piled_up",
        "window_reminder",
    ],
)
def test_plain_texts_exist_in_every_language(key: str, language: str) -> None:
    assert text(key, language)


@pytest.mark.parametrize(
    ("hours", "language", "piece"),
    [
        (3, "id", "hari ini pukul 13.00 WIB"),
        (22, "id", "besok, Rabu, pukul 08.00 WIB"),
        (22 + 24 * 5, "id", "Senin, 9 Maret, pukul 08.00 WIB"),
        (3, "en", "today at 13:00 (Jakarta time)"),
        (22 + 24 * 5, "en", "on Monday, 9 March, at 08:00 (Jakarta time)"),
        (3, "ko", "오늘 오후 1시(자카르타 시간)에 다시 시작해요"),
        (22.5, "ko", "내일(수요일) 오전 8시 30분(자카르타 시간)에"),
        (22 + 24 * 5, "ko", "3월 9일(월요일) 오전 8시"),
    ],
)
def test_the_next_opening_is_told_as_people_say_it(hours: float, language: str, piece: str) -> None:
    opens = NOW + timedelta(hours=hours)
    assert piece in text("outside_hours", language, opens_at=opens, now=NOW)


def test_without_a_next_opening_none_is_promised() -> None:
    assert "buka lagi" not in text("outside_hours", opens_at=None, now=NOW)


def test_a_missing_value_gives_no_text_rather_than_half_a_text() -> None:
    assert text("position_told") == ""


def test_a_text_the_pack_does_not_have_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        text("no_such_text")


def test_an_unknown_language_gets_the_packs_first() -> None:
    assert text("agent_left", "fr") == text("agent_left", "id")
