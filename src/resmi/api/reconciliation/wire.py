"""Shapes of the Reconciliation Service API, version 0.2 (W3C Community Group, 10 April 2023). Pure.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec

BATCH_SIZE = 50
EXTEND_SIZE = 1000
MOST_CANDIDATES = 20
LONGEST_QUERY = 300
MOST_NUMBERS = 3

Scalar = str | float | bool


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something with an id and a name: a type, a property, a value reconciled before."""

    id: str
    name: str = ""


class PropertyValue(msgspec.Struct, frozen=True):
    """A column of the asker's table that should agree with a property of the entry."""

    pid: str
    v: Any

    def texts(self) -> tuple[str, ...]:
        """The values as texts, blanks and empty ones left out."""
        values = self.v if isinstance(self.v, list) else [self.v]
        found = (_text(value).strip() for value in values)
        return tuple(text for text in found if text)


class Query(msgspec.Struct, frozen=True):
    """One row of the asker's table. `limit` is a positive number of candidates."""

    query: str = ""
    type: str | list[str] = ""
    limit: float | None = None
    properties: list[PropertyValue] = []
    type_strict: Literal["any", "should", "all"] = "should"

    @property
    def types(self) -> frozenset[str]:
        """The ids of the types asked for."""
        asked = [self.type] if isinstance(self.type, str) else self.type
        return frozenset(one for one in asked if one)

    @property
    def most(self) -> int:
        """How many candidates to give."""
        wanted = int(self.limit) if self.limit is not None and self.limit >= 1 else MOST_CANDIDATES
        return min(wanted, MOST_CANDIDATES)


class Feature(msgspec.Struct, frozen=True):
    """Something a score was made of."""

    id: str
    value: bool | float


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that may be meant. `score` is 0 to 100; `match` means that it certainly is."""

    id: str
    name: str
    description: str
    type: list[Reference]
    score: float
    match: bool
    features: list[Feature]


class Result(msgspec.Struct, frozen=True):
    """The candidates for one query, best first."""

    result: list[Candidate]


class Wanted(msgspec.Struct, frozen=True):
    """A property whose values are asked for. Settings are accepted; there are none to make."""

    id: str
    settings: dict[str, Any] = {}


class Extension(msgspec.Struct, frozen=True):
    """A request for the values of properties of entries."""

    ids: list[str]
    properties: list[Wanted]


class Malformed(ValueError):
    """The request is not as the specification says; the text says where."""


class TooMany(ValueError):
    """The batch is larger than the manifest allows."""


def read_batch(raw: str) -> dict[str, Query]:
    """Reads a batch of queries. Raises `Malformed` or `TooMany`."""
    batch: dict[str, Query] = _decoded(raw, dict[str, Query])
    if len(batch) > BATCH_SIZE:
        raise TooMany(f"{len(batch)} queries; at most {BATCH_SIZE} fit a batch")
    return batch


def read_extension(raw: str) -> Extension:
    """Reads a data extension request. Raises `Malformed` or `TooMany`."""
    asked: Extension = _decoded(raw, Extension)
    if len(asked.ids) > EXTEND_SIZE:
        raise TooMany(f"{len(asked.ids)} ids; at most {EXTEND_SIZE} fit a request")
    return asked


def _decoded(raw: str, kind: Any) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Malformed(str(error)) from error


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case {"name": str() as name} if name:
            return name
        case {"id": str() as identifier}:
            return identifier
        case bool() | int() | float():
            return json.dumps(value)
        case _:
            return ""


def name_asked(query: Query) -> str:
    """The name to ask the register for."""
    return query.query.strip()[:LONGEST_QUERY]


def numbers_asked(query: Query) -> tuple[str, ...]:
    """Given values that identify an entry whatever it is called."""
    values = [text for one in query.properties if one.pid in IDENTIFYING for text in one.texts()]
    return tuple(text[:LONGEST_QUERY] for text in values[:MOST_NUMBERS])


IDENTIFYING = frozenset({"licence", "website"})
"""Properties whose value alone names an entry."""
