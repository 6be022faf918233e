"""The forms a list may come in, and how each becomes rows. No database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO

import msgspec
from django.utils.translation import gettext_lazy as _

from resmi.registry import reading
from resmi.registry.errors import ImportRefused, Problem, gettext_noop
from resmi.registry.importing import alerts, columns, entities, files, identities, tables
from resmi.registry.importing.files import Opened
from resmi.registry.importing.tables import Table

FORMATS = {
    "own": _("Our own CSV"),
    "table": _("Another table (CSV or XLSX)"),
    "alerts": _("Investor alerts (JSON)"),
    "ftm": _("OpenSanctions entities (JSON lines)"),
    "gleif": _("GLEIF golden copy (CSV)"),
}
NEED_STATUS = frozenset(("ftm", "gleif"))
SAMPLE = 200
Given = tuple[int, dict[str, str] | Problem]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a first look at a file shows; `heading` and `sample` only for tables."""

    format: str
    heading: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()


def look(file: IO[bytes]) -> Look:
    """Recognises the form of a file. Raises `ImportRefused` when there is nothing to read."""
    with files.opened(file) as source:
        if source.kind == "text" and (found := _json(source)):
            return Look(format=found)
    with files.opened(file) as source:
        heading = Table(source).heading
    form = _table_form(heading)
    if form != "table":
        return Look(format=form, heading=tuple(heading))
    with files.opened(file) as source:
        _heading, sample = tables.peek(source, SAMPLE)
    return Look(format=form, heading=tuple(heading), sample=tuple(map(tuple, sample)))


def _json(source: Opened) -> str:
    first = next((line for line in files.lines(source.stream) if line.strip()), "")
    if first.lstrip()[:1] not in ("{", "["):
        return ""
    return "ftm" if entities.is_entity(first) else "alerts"


def _table_form(heading: Sequence[str]) -> str:
    if columns.is_own(heading):
        return "own"
    return "gleif" if identities.is_golden_copy(heading) else "table"


def check(
    form: str, heading: Sequence[str], mapping: Mapping[str, str], options: Mapping[str, str]
) -> list[Problem]:
    """What must be said before a file of this form can be read; empty when all is."""
    if form == "table":
        return columns.problems(mapping, heading, options)
    if form in NEED_STATUS and options.get("status") not in reading.STATUSES:
        message = gettext_noop("No column holds the status: say what standing on this list means.")
        return [Problem(0, "status", message)]
    return []


def rows(
    form: str, source: Opened, mapping: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Given]:
    """The rows of a file in our columns, or what is wrong with them. Raises `ImportRefused`."""
    if form == "alerts":
        return alerts.rows(source.stream, options)
    if form == "ftm":
        return entities.rows(source.stream, options)
    table = Table(source)
    if form == "own":
        return _own(table)
    if problems := check(form, table.heading, mapping, options):
        raise ImportRefused(problems)
    if form == "gleif":
        return identities.rows(table, options)
    return _mapped(table, columns.plan(mapping, table.heading, options))


def _own(table: Table) -> Iterator[Given]:
    heading = [column.lower() for column in table.heading]
    if problems := list(_own_problems(heading)):
        raise ImportRefused(problems)
    for number, record in table.records():
        if isinstance(record, Problem):
            yield number, record
        else:
            yield number, dict(zip(heading, record, strict=True))


def _own_problems(heading: list[str]) -> Iterator[Problem]:
    for column in reading.COLUMNS:
        if column not in heading:
            message = gettext_noop("This column is missing. The heading must hold: %(columns)s")
            yield Problem(1, column, message, {"columns": ",".join(reading.COLUMNS)})
    for column in sorted({column for column in heading if heading.count(column) > 1}):
        message = gettext_noop("This column stands twice: keep one of them.")
        yield Problem(1, column, message)
    for column in heading:
        if column not in columns.FIELDS:
            message = gettext_noop("Nobody knows this column: rename or remove it.")
            yield Problem(1, column, message)


def _mapped(table: Table, plan: columns.Plan) -> Iterator[Given]:
    for number, record in table.records():
        if isinstance(record, Problem):
            yield number, record
        else:
            yield number, columns.fields(plan, record)


def read_all(form: str, file: IO[bytes]) -> list[reading.Row]:
    """All rows of a small file at once, without a register. Raises `ImportRefused`."""
    checker = reading.Checker(tolerant=form != "own")
    found: list[reading.Row] = []
    with files.opened(file) as source:
        for number, given in rows(form, source, {}, {}):
            if isinstance(given, Problem):
                checker.problems.append(given)
            elif row := checker.row(number, given):
                found.append(row)
    if checker.problems:
        raise ImportRefused(checker.problems)
    return found
