from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.language import legal_forms, normalising
from resmi.language.confusables import skeleton


@pytest.mark.parametrize(
    "name",
    [
        "PT Bank Pelangi Tbk",
        "P.T. Bank Pelangi (Persero), Tbk.",
        "bank pelangi, pt",
        "Bank Pelangi Ltd",
        "BankPelangi LLC",
        "주식회사 Bank Pelangi",
    ],
)
def test_a_name_has_one_key_whatever_its_legal_form_and_spacing(name: str) -> None:
    assert normalising.squash(name) == "bankpelangi"


def test_a_korean_legal_form_written_together_with_the_name_is_taken_off() -> None:
    assert normalising.squash("주식회사무지개") == normalising.squash("무지개(주)") == "무지개"


def test_a_name_made_only_of_a_legal_form_keeps_it() -> None:
    assert normalising.squash("Koperasi") == "koperasi"


def test_dotted_initials_become_one_word() -> None:
    assert normalising.fold("Bank A. G. di P.T. X") == ["bank", "ag", "di", "pt", "x"]


@pytest.mark.parametrize("word", ["pelаngi", "ｐelangi", "pe\u200blangi", "pélangi", "𝐩elangi"])
def test_a_forged_word_reads_as_the_real_one_and_is_marked_unsafe(word: str) -> None:
    (found,) = normalising.words(normalising.prepare(word))
    assert found.text == "pelangi"
    assert found.unsafe


def test_plain_words_in_any_case_are_safe() -> None:
    assert not any(word.unsafe for word in normalising.words("PELANGI Al Wadi'ah"))


def test_a_latin_name_and_the_korean_ending_behind_it_are_two_words() -> None:
    assert normalising.fold("PELANGI는 등록") == ["pelangi", "는", "등록"]


def test_apostrophes_of_every_shape_vanish() -> None:
    assert normalising.fold("wadi'ah wadi’ah") == ["wadiah", "wadiah"]


@pytest.mark.parametrize(("first", "second"), [("m0dal", "modal"), ("kllat", "kilat"), ("rn", "m")])
def test_words_that_look_alike_share_a_skeleton(first: str, second: str) -> None:
    assert skeleton(first) == skeleton(second)


def test_forms_of_different_families_are_told_apart() -> None:
    assert legal_forms.family(["cv", "x"]) != legal_forms.family(["pt", "x"])


@given(st.text(max_size=300))
def test_words_stand_where_they_say_and_are_folded(text: str) -> None:
    prepared = normalising.prepare(text)
    last = 0
    for word in normalising.words(prepared):
        assert last <= word.start < word.end <= len(prepared)
        assert word.text
        last = word.end


@given(st.text(max_size=100))
def test_squashing_never_raises(text: str) -> None:
    normalising.squash(text)
