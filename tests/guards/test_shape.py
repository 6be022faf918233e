"""Files and functions stay small; imports stand at the top; rooms don't signal each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards import sources

MAX_FILE = 400
MAX_FUNCTION = 40
TEXTS = {".py", ".html", ".css", ".js"}

# Imports inside a function, and why they can't stand at the top.
LATE_IMPORTS: dict[str, str] = {}
# Files whose loop outlives any single failure: what failed is kept, counted or handed on.
LOOPS = {"worker.py", "sender.py", "handle.py", "batching.py", "clock.py"}
SIGNALS = {"receiver", "Signal", "post_save", "pre_save", "post_delete", "pre_delete"}


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(sources.tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _late_imports() -> set[str]:
    return {
        sources.name(path)
        for path in sources.modules()
        for function in _functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }


def test_no_file_is_longer_than_it_can_be_read_in_one_go() -> None:
    long = {
        sources.name(path): lines
        for path in sources.tracked()
        if path.suffix in TEXTS
        and "migrations" not in path.parts
        and (lines := len(path.read_text().splitlines())) > MAX_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{sources.name(path)}:{function.name}": length
        for path in sources.modules()
        for function in _functions(path)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > MAX_FUNCTION
    }
    assert long == {}


def test_imports_stand_at_the_top() -> None:
    assert _late_imports() - LATE_IMPORTS.keys() == set()


def test_no_late_import_is_excused_without_need() -> None:
    assert LATE_IMPORTS.keys() - _late_imports() == set()


def test_rooms_do_not_talk_by_signals() -> None:
    found = {
        sources.name(path)
        for path in sources.modules()
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("django")
        and SIGNALS & {alias.name for alias in node.names}
    }
    assert found == set()


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "misc"])
def test_no_file_is_named_for_nothing(word: str) -> None:
    found = [sources.name(path) for path in sources.tracked() if path.stem == word]
    assert found == []


def test_broad_excepts_stand_only_in_loops_that_must_go_on() -> None:
    """`except Exception` needs a lint excuse, and only worker loops have one."""
    excused = {
        sources.name(path)
        for path in sources.modules()
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.ExceptHandler)
        and isinstance(node.type, ast.Name)
        and node.type.id == "Exception"
    }
    assert {Path(name).name for name in excused} <= LOOPS
