from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.language.identification import identify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("halo", "id"),
        ("terima kasih", "id"),
        ("apakah perusahaan ini resmi?", "id"),
        ("sy ditawari pinjol, aman gak ya", "id"),
        ("hello", "en"),
        ("Is this company licensed?", "en"),
        ("I got a message from them yesterday", "en"),
        ("안녕하세요", "ko"),
        ("이 회사가 등록되어 있나요?", "ko"),
    ],
)
@pytest.mark.parametrize("current", ["", "id", "en", "ko"])
def test_everyday_words_decide(text: str, language: str, current: str) -> None:
    assert identify(text, current) == language


@pytest.mark.parametrize(
    "text",
    [
        "Bank of Pelangi",
        "Pelangi Samudra",
        "PT Dana Pelangi Kita",
        "ok",
        "1",
        "👍",
        "",
        "Uang Saya",
    ],
)
@pytest.mark.parametrize("current", ["id", "en", "ko"])
def test_names_numbers_and_marks_keep_the_language_of_the_talk(text: str, current: str) -> None:
    assert identify(text, current) == current


def test_without_a_talk_indonesian_is_assumed() -> None:
    assert identify("Pelangi Samudra", "") == "id"


def test_a_korean_name_in_an_indonesian_sentence_does_not_flip_it() -> None:
    assert identify("apakah 무지개뱅크 ini resmi dan terdaftar?", "id") == "id"


def test_a_long_text_without_everyday_words_is_judged_by_the_model() -> None:
    assert identify("regulators investigated fraudulent lending schemes yesterday", "id") == "en"


@given(st.text(max_size=500), st.sampled_from(["", "id", "en", "ko"]))
def test_any_text_gets_one_of_the_three_languages(text: str, current: str) -> None:
    assert identify(text, current) in {"id", "en", "ko"}


def test_a_long_text_takes_no_longer_than_a_short_one_by_much() -> None:
    identify("regulators investigated fraudulent lending schemes yesterday", "")
    begin = time.thread_time()
    identify("xq zv " * 700, "id")
    assert time.thread_time() - begin < 0.05
