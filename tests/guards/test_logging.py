"""What is logged names actions and ids, never what anybody wrote."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards import sources

LOGGERS = {"log", "logger", "logging"}
METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log", "bind"}
# Words under which a message, a person or a secret would get into a log.
FORBIDDEN = {
    *("answer", "body", "caption", "content", "draft", "envelope", "message", "mention", "note"),
    *("payload", "preview", "profile_name", "query", "question", "raw", "reply", "said", "text"),
    *("address", "citizen", "email", "phone", "recipient", "sender", "username"),
    *("password", "secret", "token"),
}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in METHODS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in LOGGERS
        ):
            yield node


def told(call: ast.Call) -> set[str]:
    """The names of what a call logs: keywords, and every name its arguments are made of."""
    found = {keyword.arg for keyword in call.keywords if keyword.arg}
    for part in [*call.args, *(keyword.value for keyword in call.keywords)]:
        for node in ast.walk(part):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
    return found


def wrong(tree: ast.AST) -> list[str]:
    return [
        f"{call.lineno}: {sorted(bad)}" for call in calls(tree) if (bad := told(call) & FORBIDDEN)
    ]


@pytest.mark.parametrize(
    "path", [path for path in sources.modules() if any(calls(sources.tree(path)))], ids=sources.name
)
def test_no_log_call_is_given_what_somebody_wrote(path: Path) -> None:
    assert wrong(sources.tree(path)) == []


@pytest.mark.parametrize(
    "code",
    [
        "log.info('x', body=b)",
        "log.warning('x', ref=message.text)",
        "log.error('bad item: %s', row.raw)",
        "log.info(f'got {payload}')",
        "log.bind(phone=p)",
    ],
)
def test_a_log_call_with_content_is_found(code: str) -> None:
    assert wrong(ast.parse(code)) != []


def test_log_calls_with_actions_and_ids_pass() -> None:
    assert wrong(ast.parse("log.info('sent', action='sent', ref=job.ref, error=str(e))")) == []


def structured(path: Path) -> bool:
    return "structlog.get_logger" in path.read_text()


@pytest.mark.parametrize(
    "path", [path for path in sources.modules() if structured(path)], ids=sources.name
)
def test_every_structured_line_names_its_action(path: Path) -> None:
    unnamed = [
        call.lineno
        for call in calls(sources.tree(path))
        if not any(keyword.arg == "action" for keyword in call.keywords)
    ]
    assert unnamed == []
