"""The texts of a pack: Jinja2 templates in a sandbox, compiled once, known to render."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from jinja2 import StrictUndefined, Template, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_environment = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
)
_environment.globals.clear()

_GAPS = re.compile(r"\n(?:[ \t]*\n){2,}")  # left where conditional lines fell away

MISHAPS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
)
"""What a pack author's expression or text may raise on values nobody thought of."""


class Reply(msgspec.Struct, frozen=True):
    """One text in one language. `variables` are the names it uses; `template` is None if none."""

    source: str
    variables: frozenset[str] = frozenset()
    template: Template | None = None

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with its values. Raises one of `MISHAPS` if a value does not suit."""
        if self.template is None:
            return self.source
        return _GAPS.sub("\n\n", self.template.render(values)).strip()


@lru_cache(maxsize=4096)  # a pack read again, or another revision of it, shares most texts
def compile_reply(source: str) -> Reply:
    """Reads a template. Raises `ValueError` that says what is wrong with it."""
    source = source.strip()
    if "{" not in source:
        return Reply(source)
    try:
        variables = meta.find_undeclared_variables(_environment.parse(source))
        return Reply(source, frozenset(variables), _environment.from_string(source))
    except TemplateError as error:
        raise ValueError(f"not a valid template: {error.message}") from error


class Expression:
    """A condition or value in a flow. Calling it never raises: a mishap counts as nothing."""

    def __init__(self, source: str) -> None:
        try:
            parsed = _environment.parse("{{ " + source + " }}")
            self._value = _environment.compile_expression(source, undefined_to_none=False)
        except TemplateError as error:
            raise ValueError(f"not a valid expression: {error.message}") from error
        self.variables = frozenset(meta.find_undeclared_variables(parsed))
        self._calls = [
            (call.node.name, call.args[0].value)
            for call in parsed.find_all(nodes.Call)
            if isinstance(call.node, nodes.Name)
            and call.args
            and isinstance(call.args[0], nodes.Const)
        ]

    def constants(self, function: str) -> frozenset[str]:
        """The constant first arguments of the calls of a function, for checking."""
        return frozenset(str(value) for name, value in self._calls if name == function)

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The value, or None where it can't be worked out."""
        try:
            return self._value(**values)
        except MISHAPS:
            return None
