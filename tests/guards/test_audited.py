"""What the audit trail writes down, it can say: no page shows an action's code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from resmi.agency import trail

SOURCES = Path(__file__).resolve().parents[2] / "src" / "resmi"


def _written(tree: ast.AST) -> Iterator[str]:
    """The actions a module names in its calls of `record_audit`; computed ones are not seen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record_audit":
            for given in (word.value for word in node.keywords if word.arg == "action"):
                either = (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,)
                yield from (str(one.value) for one in either if isinstance(one, ast.Constant))


def test_every_audited_action_has_words() -> None:
    actions = {
        action for path in SOURCES.rglob("*.py") for action in _written(ast.parse(path.read_text()))
    }
    assert len(actions) > 40
    assert {action for action in actions if not trail.has_words(action)} == set()
