"""Where two names differ is shown by the letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.bot import comparing


@pytest.mark.parametrize(
    ("typed", "registered", "shown"),
    [
        ("PT Dana Lintasara", "PT Dana Lintasora", ["Lintas[a]ra ≠ Lintas[o]ra"]),
        ("dana cotoh", "PT Dana Contoh", ["cotoh ≠ Co[n]toh"]),
        ("Danа Contoh", "PT Dana Contoh", ["Dan[а]"]),
        ("dana contoh", "PT DANA CONTOH", []),
        ("Dana", "Quintal", []),
        ("Danacontoh", "Dana Contoh", []),
        ("", "PT Dana", []),
    ],
)
def test_letters_that_differ_are_marked_in_both_names(
    typed: str, registered: str, shown: list[str]
) -> None:
    assert comparing.letters(typed, registered) == shown


@given(st.text(max_size=80), st.text(max_size=80))
def test_without_its_marks_every_word_is_one_that_was_given(typed: str, registered: str) -> None:
    for pair in comparing.letters(typed.replace("[", ""), registered.replace("[", "")):
        left, bar, right = pair.partition(" ≠ ")
        for marked, name in ((left, typed), (right, registered if bar else "")):
            assert marked.replace("[", "").replace("]", "") in name.replace("[", "").replace(
                "]", ""
            )
