"""YAML files whose values remember their line, so that a mistake can be pointed at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from resmi.bot.errors import Problem

Where = tuple[str | int, ...]
T = TypeVar("T")

_PLAIN: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


class _Loader(yaml.CSafeLoader):
    """Reads YAML 1.2 scalars: `no` and `17:00` stay the words they look like."""

    yaml_implicit_resolvers = _PLAIN


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|)$", "~n\0"),
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+\.[0-9]+$", "-+0123456789"),
):
    for _letter in _first.replace("\0", ""):
        _PLAIN.setdefault(_letter, []).append((f"tag:yaml.org,2002:{_tag}", re.compile(_pattern)))
_PLAIN.setdefault("", []).append(("tag:yaml.org,2002:null", re.compile(r"^$")))


class Document:
    """One file's data with the line of every value; mistakes are added to `problems`."""

    def __init__(self, path: Path, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = problems
        self.data: Any = None
        self._lines: dict[Where, int] = {(): 1}
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            self.problem((), "this file is missing; docs/packs.md shows what belongs in it")
            return
        except UnicodeDecodeError:
            self.problem((), "this file is not UTF-8 text; save it as UTF-8")
            return
        self._read(text)

    def _read(self, text: str) -> None:
        try:
            loader = _Loader(text)
            node = loader.get_single_node()
            if node is not None:
                self.data = self._value(loader, node, ())
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            self.problems.append(Problem(self.name, line, f"not readable as YAML: {error.problem}"))
        except yaml.YAMLError as error:
            self.problem((), f"not readable as YAML: {error}")
        except RecursionError:
            self.problem((), "nested too deeply to read")

    def _value(self, loader: _Loader, node: yaml.Node, where: Where) -> Any:
        self._lines[where] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return dict(self._entries(loader, node, where))
        if isinstance(node, yaml.SequenceNode):
            return [
                self._value(loader, item, (*where, number))
                for number, item in enumerate(node.value)
            ]
        return loader.construct_object(node)

    def _entries(
        self, loader: _Loader, node: yaml.MappingNode, where: Where
    ) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = str(getattr(key_node, "value", ""))
            value = self._value(loader, value_node, (*where, key))
            self._lines[(*where, key)] = key_node.start_mark.line + 1
            if key in seen:
                self.problem((*where, key), f"{key!r} stands here twice; keep one of them")
            seen.add(key)
            yield key, value

    def line(self, where: Where) -> int:
        """The line of a value, or of the nearest thing it stands in."""
        while where not in self._lines:
            where = where[:-1]
        return self._lines[where]

    def problem(self, where: Where, message: str) -> None:
        """Notes a mistake at a value."""
        self.problems.append(Problem(self.name, self.line(where), message))

    def convert(self, data: Any, kind: type[T], where: Where = ()) -> T | None:
        """`data` as `kind`; None, with the mistake noted, if it does not fit."""
        try:
            return msgspec.convert(data, kind)
        except msgspec.ValidationError as error:
            inside, message = _explain(str(error))
            self.problem((*where, *inside), message)
            return None


_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?:key` in `)?\$(?P<path>.*)`)?$", re.DOTALL)
_PART = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_WORDS = {"`int`": "a whole number", "`str`": "text", "`object`": "a mapping", "`array`": "a list"}


def _explain(error: str) -> tuple[Where, str]:
    """Turns a msgspec message into a place and plain words that say what to do."""
    found = _AT.match(error)
    what, path = (found["what"], found["path"] or "") if found else (error, "")
    inside: Where = tuple(int(number) if number else name for name, number in _PART.findall(path))
    for code, words in _WORDS.items():
        what = what.replace(code, words)
    if unknown := re.search(r"unknown field `(.+)`", what):
        name = unknown[1]
        return (*inside, name), f"{name!r} is not known here; remove it or correct its spelling"
    if missing := re.search(r"missing required field `(.+)`", what):
        return inside, f"{missing[1]!r} is missing; add it"
    label = f"{inside[-1]}: " if inside and isinstance(inside[-1], str) else ""
    return inside, f"{label}{what[:1].lower()}{what[1:]}"
