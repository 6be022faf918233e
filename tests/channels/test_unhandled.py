"""Why an item could not be handled, in the reader's own language, with what to do next."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from django.utils.translation import gettext, override

from resmi.channels import unhandled
from resmi.channels.whatsapp import numbers, splitting
from tests.channels.whatsapp import payloads as wa

SOURCES = Path(__file__).resolve().parents[2] / "src" / "resmi"
FILES = (*(SOURCES / "channels" / "whatsapp").glob("*.py"), SOURCES / "conversations/handle.py")


def written(node: ast.AST) -> Iterator[str]:
    """The reasons a module gives, with a word in the place of each value."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Unreadable":
            match call.args[0]:
                case ast.Constant(value=str(text)):
                    yield text
                case ast.JoinedStr(values=parts):
                    yield "".join(_part(part) for part in parts)


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    return "'image'" if part.conversion == ord("r") or "[" in ast.unparse(part) else "image"


REASONS = sorted({text for file in FILES for text in written(ast.parse(file.read_text()))})


def test_the_sources_give_reasons() -> None:
    assert len(REASONS) > 15


@pytest.mark.parametrize("kept", REASONS)
@pytest.mark.parametrize("language", ["id", "ko"])
def test_every_reason_there_is_is_known_and_translated(kept: str, language: str) -> None:
    with override("en"):
        english = unhandled.why(kept)
    with override(language):
        own = unhandled.why(kept)
    assert own.code
    assert own.code == english.code
    assert own.code != "failed"
    assert own.reason not in (kept, english.reason)
    assert own.next_step != english.next_step


@pytest.mark.parametrize(
    ("kept", "code", "values"),
    [
        (
            "phone number id 999 is no channel of ours",
            "unknown_number",
            {"number": "999"},
        ),
        ("no phone number id and no channel of that account", "unknown_account", {}),
        (
            "messages: Expected `object`, got `array`",
            "shape",
            {"part": "messages", "own": "Expected `object`, got `array`"},
        ),
        ("entry: nested too deeply", "nested", {"part": "entry"}),
        ("entry without changes", "empty_entry", {}),
        ("no such status: 'seen'", "no_such_status", {"value": "seen"}),
        ("KeyError: 'x'\nline", "failed", {"value": "KeyError", "own": "'x'\nline"}),
        ("a message of type order without order", "no_content", {"value": "order"}),
    ],
)
def test_a_kept_reason_gives_its_code_and_values(
    kept: str, code: str, values: dict[str, str]
) -> None:
    why = unhandled.why(kept)
    assert (why.code, why.values) == (code, values)
    assert all(value in why.reason for value in values.values())


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b"{", "damaged"), (b'{"entry": 1}', "shape"), (b'{"a": nope}', "damaged"), (b"[]", "shape")],
)
def test_what_the_reader_of_json_says_is_known(raw: bytes, code: str) -> None:
    rows = splitting.split(raw, received=datetime.now(UTC))
    assert unhandled.why(rows[0].error).code == code


def test_what_webhooks_keep_is_known() -> None:
    body = wa.body(wa.entry(wa.change(number="999", messages=[wa.message()]), waba="another"))
    row = splitting.split(body, received=datetime.now(UTC))[0]
    other = numbers.Numbers((numbers.Number(1, "known", "ours", ""),))
    nameless = msgspec.structs.replace(row, number="")
    assert unhandled.why(other.place(row).error).code == "unknown_number"
    assert unhandled.why(other.place(nameless).error).code == "unknown_account"


def test_words_nobody_knows_stay_and_say_what_to_do() -> None:
    with override("ko"):
        why = unhandled.why("something of an older release")
        assert (why.code, why.reason) == ("", "something of an older release")
        assert why.next_step == gettext(unhandled.REPORT)
        assert unhandled.why("") == ("", {}, "", "")
