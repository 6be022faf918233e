"""Tables out of CSV files and workbooks: a heading and numbered records. No database."""

from __future__ import annotations

import csv
import itertools
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from resmi.registry.errors import Problem
from resmi.registry.errors import gettext_noop as _
from resmi.registry.importing import files
from resmi.registry.importing.files import Opened, refuse

Record = tuple[int, list[str]]
_LARGEST_FIELD = 131_072
_DELIMITERS = ",;\t|"
_MOST_TITLES = 10
_BLANK_ROWS = 1000  # a workbook may claim a million empty rows


class Table:
    """A heading and the records below it, read once, from top to bottom."""

    def __init__(self, source: Opened) -> None:
        self._padded = source.kind == "sheet"
        self._records = _sheet(source.stream) if self._padded else _csv(source.stream)
        self.heading = [" ".join(field.split()) for field in self._first()]

    def _first(self) -> list[str]:
        """The first row with several fields: above it people write titles and dates.

        A table of one column has no such row; then the first one is the heading.
        """
        titles: list[Record] = []
        for number, record in self._records:
            filled = sum(1 for field in record if field.strip())
            if filled > 1:
                return record[: _filled(record)] if self._padded else record
            if filled:
                titles.append((number, record))
            if len(titles) > _MOST_TITLES:
                break
        if not titles:
            raise refuse(_("The file is empty: export the list again."))
        (_number, heading), *rest = titles
        self._records = itertools.chain(rest, self._records)
        return heading[: _filled(heading)] if self._padded else heading

    def records(self) -> Iterator[tuple[int, list[str] | Problem]]:
        """Rows that hold something; a `Problem` for one whose number of fields is wrong."""
        width = len(self.heading)
        for number, record in self._records:
            if not any(field.strip() for field in record):
                continue
            if self._padded:
                record = _fitted(record, width)
            if len(record) == width:
                yield number, [field.strip() for field in record]
            else:
                yield number, _uneven(number, len(record), width)


def _uneven(number: int, fields: int, width: int) -> Problem:
    message = _(
        "The row has %(fields)s fields, the heading %(width)s: "
        "put texts that hold a comma in quotation marks. "
        "If it is the last row, the file was cut off."
    )
    return Problem(number, "", message, {"fields": fields, "width": width})


def _csv(stream: IO[bytes]) -> Iterator[Record]:
    csv.field_size_limit(_LARGEST_FIELD)
    lines = files.lines(stream)
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise refuse(_("The file is empty: export the list again."))
    reader = csv.reader(_chained(first, lines), delimiter=_delimiter(first), strict=True)
    begin = 1
    try:
        for record in reader:
            yield begin, record
            begin = reader.line_num + 1
    except csv.Error as error:
        message = _(
            "From here the file can't be read (%(error)s): a quotation mark is not closed, "
            "or the file was cut off. Export it again."
        )
        raise refuse(message, row=begin, error=str(error)) from error


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(heading: str) -> str:
    return max(_DELIMITERS, key=heading.count)


def _sheet(stream: IO[bytes]) -> Iterator[Record]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations nobody asked for
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            yield from _cells(book)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, EOFError) as error:
        raise refuse(_("The spreadsheet or archive is damaged: export it again.")) from error


def _cells(book: openpyxl.Workbook) -> Iterator[Record]:
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # programs write wrong ones
    blank = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        record = [_text(cell) for cell in cells]
        if not any(record):
            blank += 1
            if blank > _BLANK_ROWS:
                break
            continue
        blank = 0
        yield number, record


def _filled(record: list[str]) -> int:
    return max(at for at, field in enumerate(record, start=1) if field)


def _fitted(record: list[str], width: int) -> list[str]:
    """Cells beyond the heading count only if something stands in them."""
    padded = record + [""] * (width - len(record))
    return padded if any(padded[width:]) else padded[:width]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def peek(source: Opened, count: int) -> tuple[list[str], list[list[str]]]:
    """The heading and the first whole records, for a person to look at. Raises `ImportRefused`."""
    table = Table(source)
    sample: list[list[str]] = []
    for _number, record in table.records():
        if not isinstance(record, Problem):  # told of with all the others when the file is read
            sample.append(record)
        if len(sample) == count:
            break
    return table.heading, sample
