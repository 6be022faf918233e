"""Codes inside what the audit trail keeps, such as keys of queues, and the names to show instead.

Rooms above say in `AppConfig.ready` which values hold codes of which kind, and who knows the names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from django.utils.module_loading import import_string

Namer = Callable[[set[str]], Mapping[str, str]]
"""The names of codes in the reader's language; what it leaves out is shown as it is stored."""

SAID = ""
"""The kind of values that say their kind themselves, such as `queue:loans`."""


class Code(NamedTuple):
    """What stands for something that has a name."""

    kind: str
    code: str


# By action and stored name of the value.
_kinds: dict[tuple[str, str], str] = {}
# By name, since who knows the names needs models, which come later.
_namers: dict[str, str] = {"agent": "resmi.agency.queries.names"}
# By what a target begins with.
_targets: dict[str, str] = {"account": "agent", "user": "agent", "agent": "agent"}


def add(
    kinds: Mapping[tuple[str, str], str],
    namers: Mapping[str, str],
    targets: Mapping[str, str] | None = None,
) -> None:
    """Says which values of which actions hold codes, and by dotted name who names each kind.

    `targets` says which beginnings of targets (`queue` of `queue:loans`) stand before which kind.
    """
    _kinds.update(kinds)
    _namers.update(namers)
    _targets.update(targets or {})


def target(stored: str) -> Code | None:
    """The code in what an act was done to, or None: nobody names it."""
    before, _colon, text = stored.partition(":")
    kind = _targets.get(before)
    return Code(kind, text) if kind and text else None


def code(action: str, stored: str, value: Any) -> Code | None:
    """The code a single value is, or None: it is said as it stands."""
    kind = _kinds.get((action, stored))
    if kind is None or not isinstance(value, str | int):
        return None
    text = str(value)
    if kind == SAID:
        kind, _colon, text = text.partition(":")
    return Code(kind, text) if text and kind in _namers else None


def codes(action: str, values: Mapping[str, Any] | None) -> Iterator[Code]:
    """All codes in one state, also those in lists."""
    for stored, value in (values or {}).items():
        for one in value if isinstance(value, list) else (value,):
            if found := code(action, stored, one):
                yield found


def names(found: Iterable[Code]) -> dict[Code, str]:
    """What to call each, asked once for each kind."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for one in found:
        kinds[one.kind].add(one.code)
    return {
        Code(kind, text): name
        for kind, wanted in kinds.items()
        for text, name in cast(Namer, import_string(_namers[kind]))(wanted).items()
    }
