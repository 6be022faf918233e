"""Makes small registers for tests. Every name is invented."""

from __future__ import annotations

import csv
import io

from resmi.registry import reading
from resmi.registry.index import Index
from resmi.registry.rules import Entry

HEADING = ",".join(reading.COLUMNS)


def csv_of(*rows: dict[str, str]) -> bytes:
    """A CSV file of ours; each row needs `id`, the rest has defaults."""
    out = io.StringIO()
    writer = csv.DictWriter(out, reading.COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({"name": f"PT Nama {row['id']}", "status": "licensed", **row})
    return out.getvalue().encode()


def entry(
    name: str,
    status: str = "licensed",
    *,
    key: str = "",
    names: tuple[tuple[str, str], ...] = (),
    identifiers: tuple[tuple[str, str], ...] = (),
    licence: str = "",
    legal_form: str = "",
) -> Entry:
    """An entry whose id is its name unless `key` says so."""
    return Entry(
        id=key or name,
        name=name,
        status=status,
        names=names,
        identifiers=identifiers,
        licence=licence,
        legal_form=legal_form,
        source="Test register",
        as_of="2026-01-31",
    )


def index_of(*entries: Entry) -> Index:
    """An index of version 7."""
    return Index(entries, version=7)
