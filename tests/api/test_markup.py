"""The bot's words as HTML."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from resmi.api.public.markup import html


def test_paragraphs_lines_and_bold() -> None:
    assert html("*PT Contoh* is.\nLine two\n\nNext") == (
        "<p><strong>PT Contoh</strong> is.<br>Line two</p><p>Next</p>"
    )


def test_numbered_and_dotted_lines_become_lists_even_with_blank_lines_between() -> None:
    assert html("Do:\n1. One\n\n2. Two\n\nEnd") == (
        "<p>Do:</p><ol><li>One</li><li>Two</li></ol><p>End</p>"
    )
    assert html("• One\n• Two") == "<ul><li>One</li><li>Two</li></ul>"


def test_a_star_that_marks_nothing_stays() -> None:
    assert html("2 * 3 * 4, a*b*c") == "<p>2 * 3 * 4, a*b*c</p>"


def test_markup_from_outside_is_escaped() -> None:
    assert html("<b>*<i>*") == "<p>&lt;b&gt;<strong>&lt;i&gt;</strong></p>"


@given(st.text())
def test_whatever_comes_only_our_own_elements_are_in_it(text: str) -> None:
    tags = set(re.findall(r"</?([a-z]+)", html(text)))
    assert tags <= {"p", "br", "strong", "ul", "ol", "li"}
