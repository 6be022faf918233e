from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.contacts import noting, seeking
from resmi.language import beginnings, normalising

NAMES = st.text("BudiSant' áÜñ김민준이서연王小明.-", min_size=1, max_size=40)
PHONES = st.text("0123456789", min_size=7, max_size=15)


def asked(text: str) -> seeking.Asked:
    return seeking.asked(text, noting.tag_of(text))


def holds(keys: list[str], word: str) -> bool:
    """What PostgreSQL makes of the terms of one word."""
    return all(
        any(key == term or (begins and key.startswith(term)) for key in keys)
        for term, begins in beginnings.terms(word, seeking.SHORTEST_BEGINNING)
    )


@given(NAMES, st.data())
def test_every_beginning_of_every_word_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    words = normalising.fold(name)
    if not words:
        return
    word = data.draw(st.sampled_from(words))
    end = data.draw(st.integers(min(2, len(word)), len(word)))
    found = asked(word[:end])
    kept, is_unspaced = seeking.keys(name, (), (), 1), beginnings.is_unspaced(word)
    if found.words != (word[:end],) or beginnings.is_unspaced(word[:end]) != is_unspaced:
        return  # joined initials (B.김) are typed with their dots; mixed scripts as they stand
    assert all(holds(kept, one) for one in found.words)
    assert found.fits(name, (), ())


@given(st.text("가나다라마바사", min_size=1, max_size=12), st.data())
def test_any_stretch_of_a_korean_name_finds_it(name: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(name) - 1))
    part = name[begin : data.draw(st.integers(begin + 1, len(name)))]
    assert holds(seeking.keys(name, (), (), 1), part)
    assert asked(part).fits(name, (), ())


@given(NAMES, NAMES)
def test_who_fits_is_kept_under_what_was_asked_for(name: str, text: str) -> None:
    """Otherwise the index would hide somebody whom the words name."""
    question = asked(text)
    if question.fits(name, (), ()) and not any(map(beginnings.is_unspaced, [name, text])):
        assert all(holds(seeking.keys(name, (), (), 1), word) for word in question.words)


@given(PHONES, PHONES, st.text("0123456789", max_size=15))
def test_digits_tell_no_more_of_a_number_than_screens_show(
    one: str, start: str, typed: str
) -> None:
    """Two numbers that look the same on a screen are found by the same digits, but for all."""
    other = start[: len(start) - 4] + one[-4:]
    question = asked(typed)
    both = [question.fits("", (), (phone,)) for phone in (one, other)]
    if min(len(one), len(other)) >= seeking.SHORTEST_SHOWN:
        assert both[0] == both[1] == (len(typed) >= 4 and typed[-4:] == one[-4:])
    assert all(len(typed.lstrip("0")) <= len(number) for number in question.numbers)
    assert not question.fits("", (), (one[:8],))


@given(st.text(max_size=60))
def test_any_text_can_be_asked_for(text: str) -> None:
    question = asked(text)
    assert bool(question.condition) == bool(question.words or question.tag or question.end)
    assert all(key for key in seeking.keys(text, [noting.tag_of(text)], [text], 3))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("+62 811-9000-123", {"628119000123"}),
        ("0062 8119000123", {"628119000123"}),
        ("٠", set()),
        ("•••• 0123", set()),
        ("Budi 628119000123", set()),
        ("6281190001234567", set()),
    ],
)
def test_a_whole_number_is_read_however_it_is_written(text: str, numbers: set[str]) -> None:
    assert set(asked(text).numbers) == numbers


def test_a_number_without_the_countrys_code_is_looked_for_in_each() -> None:
    assert {"628119000123", "828119000123"} <= set(asked("08119000123").numbers)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("MULLER", "Jürgen Müller"),
        ("obrien", "Mary O’Brien"),
        ("sant budi", "Budi Santoso"),
        ("민준", "김민준"),
        ("김", "김민준"),
        ("小明", "王小明"),
    ],
)
def test_names_are_folded_as_everywhere(text: str, name: str) -> None:
    question = asked(text)
    assert question.fits(name, (), ())
    assert all(holds(seeking.keys(name, (), (), 1), word) for word in question.words)


@pytest.mark.parametrize(
    ("text", "own"), [("#12", 12), ("# 12", 12), ("12", 0), ("#12a", 0), ("#" + "9" * 30, 0)]
)
def test_our_own_number_names_one_citizen(text: str, own: int) -> None:
    assert asked(text).own == own
