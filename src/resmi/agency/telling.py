"""What entries of the audit trail changed, written as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from django.utils.translation import gettext

from resmi.agency import coded, durations, trail
from resmi.agency.coded import Code


class Change(NamedTuple):
    """One value that changed; `before` is None when there was none."""

    name: str
    before: Any
    after: Any


class Entry(Protocol):
    """What was done, to what, and two states."""

    action: str
    target: str
    before: Any
    after: Any


_E = TypeVar("_E", bound=Entry)


def told(entries: Iterable[_E]) -> list[tuple[_E, str, list[Change]]]:
    """Entries with the name of what they were done to, and the values that differ.

    All is written as people read it; what has no name, or none any more, has an empty one. Names
    are asked for once, however many entries there are.
    """
    rows = list(entries)
    names = coded.names(code for row in rows for code in _codes(row))
    return [
        (
            row,
            names.get(coded.target(row.target) or _NOTHING, ""),
            list(_shown(row.action, row.before, row.after, names)),
        )
        for row in rows
    ]


_NOTHING = Code("", "")


def _codes(row: Entry) -> Iterator[Code]:
    if code := coded.target(row.target):
        yield code
    for state in (row.before, row.after):
        yield from coded.codes(row.action, state)


def _shown(
    action: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    names: Mapping[Code, str],
) -> Iterator[Change]:
    saying = _Saying(action, names)
    for one in changes(before, after):
        was = None if one.before is None else saying.value(one.name, one.before)
        yield Change(trail.name(action, one.name), was, saying.value(one.name, one.after))


class _Saying(NamedTuple):
    """How the values of one action are written."""

    action: str
    names: Mapping[Code, str]

    def value(self, stored: str, value: Any) -> str:
        match value:
            case bool():
                return gettext("Yes") if value else gettext("No")
            case int() if stored.endswith("_s"):
                return durations.span(value)
            case dict():
                pairs = ((key, self.value("", one)) for key, one in value.items())
                return ", ".join(f"{key}: {one}" for key, one in pairs) or "—"
            case list():
                return ", ".join(self._entry(stored, one) for one in value) or "—"
            case None | "":
                return "—"
            case _:
                return self._named(stored, value)

    def _entry(self, stored: str, value: Any) -> str:
        """One of a list: a rule, say, whose own values have names too."""
        if isinstance(value, str):
            return self.value(stored, value)
        if not isinstance(value, dict):
            return self.value("", value)
        pairs = ((trail.name(self.action, key), self.value(key, one)) for key, one in value.items())
        return ", ".join(f"{key}: {one}" for key, one in pairs)

    def _named(self, stored: str, value: Any) -> str:
        code = coded.code(self.action, stored, value)
        if code and code in self.names:
            return self.names[code]
        return trail.choice(self.action, stored, value)


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[Change]:
    """The values that differ between two states."""
    old, new = before or {}, after or {}
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield Change(name, old.get(name), new.get(name))
