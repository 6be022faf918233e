"""Nothing on a screen is hard-coded in one language, and everything is translated."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from resmi.cli import catalogs
from tests.guards import sources

# Templates whose words stay English, and why.
ENGLISH_ONLY = {
    "src/resmi/agency/templates/agency/styleguide.html": "For builders, never in production.",
}
# Blocks that hold class names or topics, not words.
WORDLESS = {"page_class", "body_class", "live"}
# Words that are the same in every language.
NAMES = {"Resmi", "WhatsApp", "Ctrl", "Enter", "Esc"}
SHOWN = {"title", "placeholder", "alt", "aria-label", "aria-description", "data-key-label"}


class _Texts(HTMLParser):
    """Collects what a person would read or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def _without_translated(text: str) -> str:
    """The template with its tags gone, and the bodies of blocktranslate with them."""
    kept, inside = [], False
    for token in Lexer(text).tokenize():
        if token.token_type == TokenType.BLOCK:
            inside = _opens_silence(token.split_contents()) or (
                inside and not token.contents.startswith("end")
            )
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
        elif token.token_type == TokenType.VAR:
            kept.append("0")
    return "".join(kept)


def _opens_silence(words: list[str]) -> bool:
    if words[0] == "block":
        return words[1] in WORDLESS
    return words[0] in ("blocktranslate", "blocktrans", "comment")


def hard_coded(template: str) -> list[str]:
    """The words in a template that no translation can reach."""
    parser = _Texts()
    parser.feed(_without_translated(template))
    texts = [re.sub(r"&\w+;", "", text).strip() for text in parser.found]
    return [
        text for text in texts if re.search(r"[^\W\d_]{2,}", text) and text.strip("· ") not in NAMES
    ]


@pytest.mark.parametrize("path", sources.templates(), ids=sources.name)
def test_templates_say_nothing_that_can_not_be_translated(path: Path) -> None:
    if sources.name(path) not in ENGLISH_ONLY:
        assert hard_coded(path.read_text()) == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello</p>",
        '<button aria-label="Close">{% icon "x" %}</button>',
        "{% if a %}Yes{% endif %}",
        '<input placeholder="Find">',
    ],
)
def test_a_hard_coded_text_is_found(template: str) -> None:
    assert hard_coded(template) != []


def test_translated_texts_are_not_taken_for_hard_coded() -> None:
    template = (
        '<p title="{% translate "A" %}">{% blocktranslate %}Bee {{ c }}{% endblocktranslate %}</p>'
    )
    assert hard_coded(template) == []


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    found = [str(problem) for problem in catalogs.problems(language, catalogs.wanted())]
    assert found == []
