"""Loads a register and labelled queries in the layout of the public Indonesian test register.

DIR holds `licensed_entities.csv`, `illegal_entities.csv(.gz)` and perhaps
`fintech_formerly_registered.csv`; the queries are one CSV with the right answers. This layout is
only for measuring; the product imports the CSV of docs/registry.md.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from resmi.registry.rules import Entry


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A text somebody may type and the right answer."""

    id: str
    text: str
    kind: str
    expected: str
    accepted: frozenset[str]
    entities: frozenset[str]
    embedded: bool


class Layout(Exception):
    """The folder or file is not laid out as needed; the text says what is missing."""


def entries(folder: Path) -> list[Entry]:
    """Every entity in the folder. Raises `Layout` when a file or column is missing or no CSV."""
    if not folder.is_dir():
        raise Layout(f"{folder} is no folder.")
    found: list[Entry] = []
    for name, read in (("licensed_entities.csv", _licensed), ("illegal_entities.csv", _illegal)):
        file = folder / name
        try:
            found += [read(row) for row in _rows(file)]
        except KeyError as error:
            raise Layout(f"{file} has no column {error}.") from error
    return found


def queries(file: Path) -> list[Query]:
    """Every labelled query of a file, or of the queries.csv(.gz) in a folder.

    Raises `Layout` when the file or a column is missing, or it is no CSV.
    """
    if file.is_dir():
        file = file / "queries.csv"
    return [_query(row, file) for row in _rows(file)]


def _query(row: dict[str, str], file: Path) -> Query:
    try:
        return Query(
            id=row["query_id"],
            text=row["query"],
            kind=row["query_kind"],
            expected=row["expected_status"],
            accepted=frozenset((row["expected_status"], *_parts(row["also_accept"]))),
            entities=frozenset(_parts(row["expected_entity_ids"])),
            embedded=row["embedded"] == "1",
        )
    except KeyError as error:
        raise Layout(f"{file} has no column {error}.") from error


def _rows(file: Path) -> Iterator[dict[str, str]]:
    packed = file.with_name(f"{file.name}.gz")
    source = file if file.exists() else packed
    if not source.exists():
        raise Layout(f"{file} is missing (looked for {packed.name} too).")
    opener = gzip.open if source.suffix == ".gz" else open
    try:
        with opener(source, "rt", encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream, restval="")
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise Layout(f"{source} is no readable CSV: {error}.") from error


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split("|") if part.strip())


def _licensed(row: dict[str, str]) -> Entry:
    names = [("brand", name) for name in _parts(row["brand"])]
    names += [("alias", name) for name in _parts(row["aliases"])]
    names += [("former", name) for name in _parts(row["former_names"])]
    names += [("short", name) for name in _parts(row["ticker"])]
    return Entry(
        id=row["entity_id"],
        name=row["name"],
        status="licensed",
        legal_form=row["legal_form"],
        licence=row["licence_no"],
        since=row["licence_date"],
        scope=row["business_type"],
        website=row["website"],
        names=tuple(names),
        source="Test register: licensed",
        as_of=row["as_of"],
    )


def _illegal(row: dict[str, str]) -> Entry:
    identifiers = [("url", value) for value in _parts(row["web"])]
    identifiers += [("email", value) for value in _parts(row["email"])]
    identifiers += [("phone", value) for value in _parts(row["phone"])]
    return Entry(
        id=row["entity_id"],
        name=row["name"],
        status="illegal",
        names=tuple(("alias", name) for name in _parts(row["aliases"])),
        identifiers=tuple(identifiers),
        source="Test register: illegal",
        as_of=row["last_input_date"],
    )
