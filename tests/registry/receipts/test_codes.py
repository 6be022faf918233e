"""Codes can be read aloud, typed badly and still be told apart from wrong ones."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resmi.registry.receipts import codes
from tests.registry.receipts.making import SECRET

NUMBERS = st.integers(0, 2**codes.BITS - 1)
PLACES = st.integers(0, codes.LENGTH - 1)


def test_codes_hold_at_least_fifty_bits() -> None:
    assert codes.BITS >= 50


def test_codes_use_no_letter_that_looks_like_a_digit() -> None:
    assert not set("ILOU") & set(codes.ALPHABET)
    assert len(set(codes.ALPHABET)) == 32


@given(NUMBERS)
def test_a_code_is_read_back_as_it_was_written(number: int) -> None:
    code = codes.encode(number)
    assert codes.read(code) == codes.read(codes.shown(code)) == code


@given(NUMBERS, NUMBERS)
def test_different_numbers_have_different_codes(one: int, other: int) -> None:
    assume(one != other)
    assert codes.encode(one) != codes.encode(other)


@given(NUMBERS)
def test_lower_case_blanks_and_look_alike_letters_are_read(number: int) -> None:
    code = codes.encode(number)
    sloppy = codes.shown(code).lower().replace("0", "o").replace("1", "l").replace("-", " – ")
    assert codes.read(sloppy) == code


@given(NUMBERS, PLACES, st.sampled_from(codes.ALPHABET))
def test_any_single_wrong_character_is_noticed(number: int, place: int, digit: str) -> None:
    code = codes.encode(number)
    assume(code[place] != digit)
    with pytest.raises(codes.Mistyped):
        codes.read(code[:place] + digit + code[place + 1 :])


@given(NUMBERS, PLACES, PLACES)
def test_any_two_swapped_characters_are_noticed(number: int, one: int, other: int) -> None:
    digits = list(codes.encode(number))
    assume(digits[one] != digits[other])
    digits[one], digits[other] = digits[other], digits[one]
    with pytest.raises(codes.Mistyped):
        codes.read("".join(digits))


@given(st.text(max_size=80))
def test_reading_gives_a_true_code_or_says_mistyped(text: str) -> None:
    try:
        code = codes.read(text)
    except codes.Mistyped:
        return
    assert len(code) == codes.LENGTH
    assert set(code) <= set(codes.ALPHABET)


@pytest.mark.parametrize("text", ["", "U" * 12, "0" * 11, "0" * 13, "０" * 12 + "x", "\0" * 12])
def test_what_has_the_wrong_length_or_letters_is_mistyped(text: str) -> None:
    with pytest.raises(codes.Mistyped):
        codes.read(text)


def test_the_code_of_an_answer_depends_on_every_part_of_where_it_was_given() -> None:
    given_at = [(1, 2, 0), (1, 2, 1), (1, 3, 0), (2, 2, 0), (12, 0, 0)]
    found = {codes.derive(SECRET, "conversation", *where) for where in given_at}
    assert len(found) == len(given_at)


def test_without_the_secret_a_code_can_not_be_guessed_from_the_conversation() -> None:
    other = codes.derive(b"another secret of 32 bytes ......", "conversation", 1, 2, 0)
    assert codes.derive(SECRET, "conversation", 1, 2, 0) != other


def test_a_book_gives_the_same_code_whenever_it_is_asked() -> None:
    book = codes.Issuer(SECRET, "https://agency.example/").book(7, 3)
    assert book.code(0) == codes.Issuer(SECRET).book(7, 3).code(0)
    assert book.link(0) == f"https://agency.example/v/{codes.shown(book.code(0))}"


def test_without_a_secret_there_are_neither_codes_nor_links() -> None:
    book = codes.Issuer(base_url="https://agency.example").book(7, 3)
    assert (book.code(0), book.link(0)) == ("", "")


def test_without_an_address_there_is_a_code_but_no_link() -> None:
    book = codes.Issuer(SECRET).book(7, 3)
    assert book.code(0)
    assert book.link(0) == ""
