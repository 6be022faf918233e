"""What Python code says to people goes through gettext; locks of the database differ.

A text counts as said where code hands it over to be shown: as a message, an error, a refusal, or as
the label, help or title of something on a screen.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards import sources

ROOMS = (
    "engine",
    "agency",
    "api",
    "bot",
    "contacts",
    "conversations",
    "desk",
    "routing",
    "operations",
)
# The place, from 0, of what is said in the arguments of calls to these.
SAYS = {
    **dict.fromkeys(("success", "error", "warning", "info"), 1),
    "add_error": 1,
    "ValidationError": 0,
    "Refused": 1,
    "Unfit": 0,
}
MESSAGES = {"success", "error", "warning", "info"}
NAMED = {"label", "help_text", "empty_label", "submit", "title"}
# Files whose texts stay English, and why.
ENGLISH_ONLY = {
    "src/resmi/api/rest.py": "The name of the interface for programs.",
}


def _is_words(node: ast.expr) -> bool:
    """A text in one language: written out, put together, or filled in."""
    if isinstance(node, ast.BinOp):
        return _is_words(node.left)
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) and _is_words(part) for part in node.values)
    if isinstance(node, ast.IfExp):
        return _is_words(node.body) or _is_words(node.orelse)
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    return bool(re.search(r"[^\W\d_]{2,}", node.value))


def _said(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) else name
    of_messages = (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "messages"
    )
    place = SAYS.get(name)
    if place is not None and (name not in MESSAGES or of_messages):
        yield from call.args[place : place + 1]
    yield from (word.value for word in call.keywords if word.arg in NAMED)


def hard_coded(source: str) -> list[str]:
    """The texts that no translation can reach, with their lines."""
    return [
        f"{node.lineno}: {ast.unparse(said)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for said in _said(node)
        if _is_words(said)
    ]


def _modules() -> list[Path]:
    shown = [sources.SRC / room for room in ROOMS]
    return [path for path in sources.modules() if any(path.is_relative_to(one) for one in shown)]


@pytest.mark.parametrize("path", _modules(), ids=sources.name)
def test_code_says_nothing_that_can_not_be_translated(path: Path) -> None:
    if sources.name(path) not in ENGLISH_ONLY:
        assert hard_coded(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        'messages.success(request, "Saved.")',
        'messages.error(request, f"No {name}.")',
        'form.add_error("file", "Too long: %s" % size)',
        'raise ValidationError("Not so.")',
        'raise Refused("code", "Not now.")',
        'forms.CharField(label="Name", help_text=_("Yours"))',
        'raise Unfit("Yes" if a else _("No"))',
    ],
)
def test_a_hard_coded_text_is_found(source: str) -> None:
    assert len(hard_coded(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        'messages.success(request, _("Saved.") % {"name": name})',
        'log.info("sent", error="no such thing")',
        'raise Refused("code", wording.said(problem))',
        'forms.CharField(label=gettext_lazy("Name"))',
    ],
)
def test_what_is_translated_or_not_shown_is_left_alone(source: str) -> None:
    assert hard_coded(source) == []


def test_what_may_stay_english_is_still_there_and_needs_it() -> None:
    for name in ENGLISH_ONLY:
        assert hard_coded((sources.ROOT / name).read_text()), f"{name} needs no exception"


def test_no_two_locks_of_the_database_are_the_same() -> None:
    found = Counter(
        number
        for path in sources.modules()
        for number in re.findall(r"= (0x7265736D_[0-9A-F]{8})", path.read_text())
    )
    assert [number for number, count in found.items() if count > 1] == []
