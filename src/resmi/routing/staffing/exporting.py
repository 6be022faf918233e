"""Staff as a file that spreadsheet programs open, and that can be imported again unchanged."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from resmi.routing import written
from resmi.routing.staffing.reading import COLUMNS, COMPUTED
from resmi.routing.staffing.rules import Known, Person

MARK = "\ufeff"


def comma_separated(known: Mapping[str, Known]) -> str:
    """CSV with a heading and a mark of UTF-8; cells that would be computed get an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for email, one in known.items():
        writer.writerow([_cell(value) for value in (email, *_cells(one.person))])
    return MARK + file.getvalue()


def _cells(person: Person) -> list[str]:
    return [
        person.name,
        person.role,
        "yes" if person.active else "no",
        person.pseudonym,
        person.language,
        person.time_zone,
        ", ".join(person.queues),
        written.skills_text(person.skills),
        str(person.capacity),
    ]


def _cell(text: str) -> str:
    return f"'{text}" if COMPUTED.match(text) else text
