"""Canned replies with variables: `{{ citizen }}` becomes the citizen's name. Pure.

Nothing but names stands between the braces: no conditions, no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

VARIABLES = ("citizen", "agent", "agency", "receipt", "queue", "number", "date")
"""What every canned reply may use, besides the names of the pack."""

_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class Filled(NamedTuple):
    """A text ready to send; `missing` names the variables that have no value here."""

    text: str
    missing: tuple[str, ...] = ()


def mistakes(body: str, names: Iterable[str] = ()) -> list[str]:
    """The places in `body` that are no variable: unknown names, and braces left over."""
    known = {*VARIABLES, *names}
    unknown = [found.group() for found in _PLACE.finditer(body) if found.group(1) not in known]
    rest = _PLACE.sub("", body)
    return list(dict.fromkeys([*unknown, *re.findall(r"\{\{|\}\}", rest)]))


def fill(body: str, values: Mapping[str, str]) -> Filled:
    """`body` with its variables replaced; one without a value stays as it is written."""
    missing: list[str] = []

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if values.get(name):
            return values[name]
        missing.append(name)
        return found.group()

    text = _PLACE.sub(value, body)
    return Filled(text, tuple(dict.fromkeys(missing)))
