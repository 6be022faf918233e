"""Examples of wishes, matched as people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.bot import matching
from resmi.bot.matching import Example, Matcher, looks_like_name


def matcher(*examples: Example, quiet: tuple[str, ...] = ()) -> Matcher:
    return Matcher(
        examples,
        quiet=frozenset(quiet),
        fillers=["tolong", "dong", "please"],
        not_names=["ini", "kenapa"],
        joiners=["dan", "and"],
    )


AGENT = Example("agent", "bicara dengan petugas", "id")
MENU = Example("menu", "menu", "id")
HELP = Example("help", "petugas", "id", word=True)


@pytest.mark.parametrize(
    "text", ["menu", " MENU ", "Menu.", "menuuu", "m e n u", "*menu*", "tolong menu dong"]
)
def test_a_whole_message_is_matched_whatever_its_dress(text: str) -> None:
    assert matcher(MENU).whole(text) == "menu"


@pytest.mark.parametrize("text", ["menu makanan", "menunggu", "", "   ", "🙂"])
def test_a_message_that_only_begins_like_an_example_is_not_it(text: str) -> None:
    assert matcher(MENU).whole(text) == ""


def test_a_phrase_is_found_inside_a_sentence() -> None:
    assert matcher(AGENT).phrase("saya mau bicara dengan petugas sekarang") == "agent"


def test_a_phrase_is_only_found_in_its_order() -> None:
    assert matcher(AGENT).phrase("petugas dengan saya bicara") == ""


def test_the_longest_phrase_wins() -> None:
    longer = Example("other", "mau bicara dengan petugas pajak", "id")
    assert matcher(AGENT, longer).phrase("saya mau bicara dengan petugas pajak") == "other"


def test_a_single_word_decides_only_in_a_short_message() -> None:
    assert matcher(HELP).phrase("ada petugas kah") == "help"
    assert matcher(HELP).phrase("kemarin petugas mereka datang ke rumah saya dan marah marah") == ""


def test_korean_is_found_through_endings_and_blanks() -> None:
    korean = Example("agent", "상담원 연결", "ko")
    assert matcher(korean).phrase("상담원연결부탁드려요") == "agent"


def test_quiet_intents_are_never_followed_but_looked_up() -> None:
    quiet = matcher(Example("yes", "ya betul", "id"), quiet=("yes",))
    assert quiet.whole("ya betul") == quiet.phrase("eh ya betul sekali") == ""
    assert quiet.meanings("ya betul") == {"yes"}
    assert quiet.means("yes", "eh ya betul sekali")


def test_a_story_of_any_length_is_searched_for_meaning() -> None:
    sent = matcher(Example("sent", "sudah transfer", "id"))
    assert sent.means("sent", "lalu " * 500 + "saya sudah transfer")
    assert sent.phrase("lalu " * 500 + "saya sudah transfer") == ""


def test_an_example_names_its_language_only_if_no_other_shares_it() -> None:
    both = matcher(MENU, Example("menu", "menu", "en"), Example("agent", "petugas", "id"))
    assert both.language("menu") == ""
    assert both.language("petugas") == "id"


def test_a_list_is_taken_apart() -> None:
    assert matcher().likely_names("Dana Satu, danadua dan Dana Tiga & ini") == [
        "Dana Satu",
        "danadua",
        "Dana Tiga",
    ]


def test_a_latin_name_is_freed_from_its_korean_particle() -> None:
    assert matching.separated("DanaCepat는 합법?") == "DanaCepat 는 합법?"


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("Dana Cepat", True),
        ("DanaCepat", True),
        ("dana24", True),
        ("dana-cepat.com", True),
        ("PT abadi", True),
        ("Dana", False),
        ("Kenapa lama sekali", False),
        ("KENAPA LAMA SEKALI", False),
        ("dana cepat", False),
        ("", False),
        ("2 juta", False),
    ],
)
def test_capitals_digits_and_dots_make_a_name_likely(text: str, likely: bool) -> None:
    assert looks_like_name(text) is likely


@given(st.text())
def test_no_text_breaks_the_matcher(text: str) -> None:
    full = matcher(AGENT, MENU, HELP, Example("check", "apakah {company} legal", "id"))
    full.whole(text)
    full.phrase(text)
    full.means("agent", text)
    full.asked(text)
    full.likely_names(text)
    full.may_be_name(text)
    looks_like_name(text)


@given(st.text(alphabet="abcxyz 가나", max_size=40))
def test_case_and_outer_blanks_do_not_change_what_a_message_is_compared_by(text: str) -> None:
    assert matching.key(f"  {text.upper()} ") == matching.key(text)


@given(st.text(alphabet="가나다ab ?", max_size=300))
def test_a_pattern_never_takes_long(text: str) -> None:
    Matcher(
        [Example("check", "{company} 합법", "ko"), Example("check", "is {company} legal", "en")],
        quiet=frozenset(),
        fillers=[],
        not_names=[],
    ).asked(text + " 합법")
