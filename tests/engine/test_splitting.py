from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resmi.engine import splitting

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300)
scraps = st.sampled_from(["Halo.", "apa kabar", "\n\n", "\n", "네,", "x" * 30, "👍🏽"])
prose = st.lists(scraps).map(" ".join)
limits = st.integers(min_value=1, max_value=80)


def ink(*pieces: str) -> str:
    return "".join("".join(piece.split()) for piece in pieces)


@given(texts | prose, limits)
def test_pieces_fit_and_only_whitespace_is_lost(text: str, limit: int) -> None:
    pieces = splitting.split(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert ink(*pieces) == ink(text)


@given(texts | prose, limits)
def test_the_end_fits_and_only_whitespace_is_lost(text: str, limit: int) -> None:
    beginning, end = splitting.split_end(text, limit)
    assert len(end) <= limit
    assert ink(beginning, end) == ink(text)


@given(texts, limits)
def test_a_shortened_text_fits_on_one_line(text: str, limit: int) -> None:
    for shorten in (splitting.shorten, splitting.shorten_middle):
        short = shorten(text, limit)
        assert len(short) <= limit
        assert short == " ".join(short.split())


def test_text_is_cut_between_paragraphs_first() -> None:
    text = "Satu. Dua.\n\nTiga. Empat."
    assert splitting.split(text, 20) == ("Satu. Dua.", "Tiga. Empat.")


def test_text_is_cut_between_sentences_before_words() -> None:
    assert splitting.split("Satu dua. Tiga empat", 15) == ("Satu dua.", "Tiga empat")


def test_chinese_and_japanese_sentences_end_without_a_blank() -> None:
    assert splitting.split("これはペンです。あれは本です。", 10) == (
        "これはペンです。",
        "あれは本です。",
    )


def test_words_stay_whole_when_they_can() -> None:
    assert splitting.split("satu dua tiga", 9) == ("satu dua", "tiga")


def test_a_word_longer_than_the_limit_is_cut() -> None:
    assert splitting.split("abcdefghij", 4) == ("abcd", "efgh", "ij")


def test_no_limit_means_one_piece() -> None:
    assert splitting.split(" a" * 5000, 0) == (("a " * 5000).strip(),)


def test_blank_text_has_no_pieces() -> None:
    assert splitting.split(" \n ", 10) == ()


def test_a_built_character_is_not_taken_apart() -> None:
    family = "👨‍👩‍👧"
    assert splitting.split("aaa" + family, 5) == ("aaa", family)
    assert splitting.split("ab" + "e\u0301", 3) == ("ab", "e\u0301")
    assert splitting.split("ab🇮🇩🇰🇷", 5) == ("ab🇮🇩", "🇰🇷")
    assert splitting.split("ab👍🏽", 3) == ("ab", "👍🏽")


def test_the_end_begins_with_a_paragraph_if_one_fits() -> None:
    assert splitting.split_end("Pertama.\n\nKedua. Ketiga?", 17) == ("Pertama.", "Kedua. Ketiga?")


def test_shortening_keeps_the_beginning_or_both_ends() -> None:
    assert splitting.shorten("Bank Sejahtera Utama", 10) == "Bank Seja…"
    assert splitting.shorten_middle("Bank Sejahtera Utama", 11) == "Bank…Utama"
