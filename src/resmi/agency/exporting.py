"""The audit trail as a file, read in pieces: lines of JSON, or a table for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.utils import translation

from resmi.agency import telling
from resmi.agency.models import AuditEntry
from resmi.agency.telling import Change

COLUMNS = (
    *("id", "at", "actor", "name", "action", "target", "before", "after", "place", "hash"),
    *("changes", "target_name"),
)
CHUNK = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


Row = tuple[AuditEntry, str, list[Change]]


def jsonl(rows: QuerySet[AuditEntry]) -> Iterator[bytes]:
    """One JSON object a line; `place` and `hash` are the entry's in the chain.

    `changes` and `target_name` are as the page writes them, with names for codes; the language is
    the one at call.
    """
    return _jsonl(_entries(rows, translation.get_language()))


def _jsonl(rows: Iterator[Row]) -> Iterator[bytes]:
    for entry, name, changes in rows:
        told = {"changes": [change._asdict() for change in changes], "target_name": name}
        yield msgspec.json.encode({**_values(entry), **told}) + b"\n"


def comma_separated(rows: QuerySet[AuditEntry]) -> Iterator[bytes]:
    """The same as CSV with a heading, in UTF-8 with a mark, as spreadsheet programs want it.

    A cell that a spreadsheet would compute gets an apostrophe in front.
    """
    return _comma_separated(_entries(rows, translation.get_language()))


def _comma_separated(rows: Iterator[Row]) -> Iterator[bytes]:
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf" + writer.writerow(COLUMNS)
    for entry, name, changes in rows:
        told = "; ".join(_written(change) for change in changes)
        yield writer.writerow([_cell(value) for value in (*_values(entry).values(), told, name)])


def _written(change: Change) -> str:
    came = "" if change.before is None else f"{change.before} → "
    return f"{change.name}: {came}{change.after}"


class _Echo:
    """Hands each line back to who writes it."""

    def write(self, line: str) -> bytes:
        return line.encode()


def _entries(rows: QuerySet[AuditEntry], language: str | None) -> Iterator[Row]:
    """Newest first, read in pieces that end where the next begins."""
    before = None
    while True:
        piece = rows if before is None else rows.filter(id__lt=before)
        some = list(piece.select_related("seal")[:CHUNK])
        with translation.override(language):
            told = telling.told(some)
        yield from told
        if len(some) < CHUNK:
            return
        before = some[-1].pk


def _values(entry: AuditEntry) -> dict[str, Any]:
    seal = getattr(entry, "seal", None)
    return {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "name": entry.actor.name if entry.actor else "",
        "action": entry.action,
        "target": entry.target,
        "before": entry.before,
        "after": entry.after,
        "place": seal.number if seal else None,
        "hash": bytes(seal.hash).hex() if seal else "",
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) else text
