"""A file of staff as rows: comma-separated values as spreadsheet programs write them. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import msgspec

from resmi.agency import rules as roles
from resmi.routing import written
from resmi.routing.staffing.rules import FIELDS, Problem, Row

COLUMNS = ("email", *FIELDS)
MOST_BYTES = 2_000_000
MOST_ROWS = 5_000
MOST_CAPACITY = 1000
LONGEST = {"email": 254, "name": 200, "pseudonym": 100}
KEPT_WHEN_EMPTY = {"name", "role", "active", "language", "time_zone", "capacity"}
COMPUTED = re.compile(r"'*[=+\-@]")
"""Begins a cell that a spreadsheet would compute, or one that was kept from it."""
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
_YES = {"yes", "y", "true", "1", "ya", "예", "네"}
_NO = {"no", "n", "false", "0", "tidak", "아니요", "아니오"}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What cells may name: keys of queues, languages of the screens, time zones."""

    queues: Collection[str]
    languages: Collection[str]
    time_zones: Collection[str]


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that could be read, and what was wrong with the others."""

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Wrong(Exception):
    """A cell says nothing that can be taken; the text is the code of the problem."""

    def __init__(self, code: str, value: str) -> None:
        super().__init__(code)
        self.code, self.value = code, value


def text_of(data: bytes) -> str:
    """The file as text: UTF-8, or what spreadsheets call Unicode text. Raises `ValueError`."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    text = data.decode("utf-8-sig")
    if "\0" in text:
        raise ValueError("This is no text.")
    return text


def read(text: str, facts: Facts) -> Read:
    """Every line of the file; all mistakes are told at once."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text))
    try:
        lines = list(_lines(reader))
    except csv.Error:
        return Read(problems=(Problem(line=reader.line_num, code="not_a_table"),))
    if not lines:
        return Read(problems=(Problem(code="empty_file"),))
    names = [cell.strip().casefold().replace(" ", "_") for cell in lines[0][1]]
    while names and not names[-1]:
        names.pop()
    if problems := _heading(names):
        return Read(problems=tuple(problems))
    if len(lines) - 1 > MOST_ROWS:
        return Read(problems=(Problem(code="too_many", value=str(MOST_ROWS)),))
    if len(lines) == 1:
        return Read(problems=(Problem(code="no_lines"),))
    return _rows(names, lines[1:], facts)


def _delimiter(text: str) -> str:
    heading = text.partition("\n")[0]
    return max(",;\t", key=heading.count)


def _lines(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Lines with the number of the one they begin in; empty ones are passed over."""
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _heading(names: list[str]) -> list[Problem]:
    found = [
        Problem(line=1, code="unknown_column", value=name) for name in names if name not in COLUMNS
    ]
    twice = {name for name in names if names.count(name) > 1} & set(COLUMNS)
    found += [Problem(line=1, column=name, code="column_twice") for name in sorted(twice)]
    if "email" not in names:
        found.append(Problem(line=1, column="email", code="no_email_column"))
    return found


def _rows(names: list[str], lines: list[tuple[int, list[str]]], facts: Facts) -> Read:
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, cells in lines:
        if any(cell.strip() for cell in cells[len(names) :]):
            problems.append(Problem(line=line, code="too_many_cells", value=str(len(names))))
            continue
        padded = [*cells, *[""] * (len(names) - len(cells))]
        said, wrong = _said(dict(zip(names, map(_plain, padded), strict=False)), facts)
        problems += [
            Problem(line=line, column=column, code=one.code, value=one.value[:60])
            for column, one in wrong
        ]
        if not wrong:
            rows.append(Row(line=line, email=said.pop("email"), given=said))
    return Read(rows=tuple(rows), problems=tuple(problems))


def _plain(cell: str) -> str:
    """The cell without the apostrophe that keeps a spreadsheet from computing it."""
    cell = " ".join(cell.split())
    return cell[1:] if cell[:1] == "'" and COMPUTED.match(cell) else cell


def _said(
    cells: Mapping[str, str], facts: Facts
) -> tuple[dict[str, Any], list[tuple[str, _Wrong]]]:
    said: dict[str, Any] = {}
    wrong: list[tuple[str, _Wrong]] = []
    for column, cell in cells.items():
        if not cell and column in KEPT_WHEN_EMPTY:
            continue
        try:
            said[column] = _READERS[column](cell, facts)
        except _Wrong as one:
            wrong.append((column, one))
    return said, wrong


def _email(cell: str, facts: Facts) -> str:
    if len(cell) > LONGEST["email"] or not _EMAIL.fullmatch(cell):
        raise _Wrong("email_wrong", cell)
    return cell.lower()


def _text(column: str) -> Callable[[str, Facts], str]:
    def short(cell: str, facts: Facts) -> str:
        if len(cell) > LONGEST[column]:
            raise _Wrong("too_long", str(LONGEST[column]))
        return cell

    return short


def _role(cell: str, facts: Facts) -> str:
    if cell.casefold() not in roles.ROLES:
        raise _Wrong("role_unknown", cell)
    return cell.casefold()


def _active(cell: str, facts: Facts) -> bool:
    word = cell.casefold()
    if word not in _YES | _NO:
        raise _Wrong("active_unclear", cell)
    return word in _YES


def _language(cell: str, facts: Facts) -> str:
    if cell.casefold() not in facts.languages:
        raise _Wrong("language_unknown", cell)
    return cell.casefold()


def _time_zone(cell: str, facts: Facts) -> str:
    if cell not in facts.time_zones:
        raise _Wrong("time_zone_unknown", cell)
    return cell


def _queues(cell: str, facts: Facts) -> tuple[str, ...]:
    found = written.words(cell.replace(";", ","))
    for key in found:
        if key not in facts.queues:
            raise _Wrong("queue_unknown", key)
    return tuple(sorted(found))


def _skills(cell: str, facts: Facts) -> dict[str, int]:
    try:
        return written.skills(cell.replace(";", ","))
    except ValueError as error:
        raise _Wrong("skill_wrong", str(error)) from error


def _capacity(cell: str, facts: Facts) -> int:
    if not cell.isdecimal() or len(cell) > 4 or int(cell) > MOST_CAPACITY:
        raise _Wrong("capacity_wrong", cell)
    return int(cell)


_READERS: dict[str, Callable[[str, Facts], Any]] = {
    "email": _email,
    "name": _text("name"),
    "role": _role,
    "active": _active,
    "pseudonym": _text("pseudonym"),
    "language": _language,
    "time_zone": _time_zone,
    "queues": _queues,
    "skills": _skills,
    "capacity": _capacity,
}
