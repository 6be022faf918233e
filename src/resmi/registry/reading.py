"""Reads a register from CSV and says exactly what is wrong with it. Pure: bytes in, rows out.

The columns are described in docs/registry.md.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import date

import msgspec

from resmi.registry.errors import ImportRefused, Problem

COLUMNS = (
    "id", "name", "status", "legal_form", "licence_no", "licence_date", "scope", "website",
    "aliases", "brands", "former_names", "emails", "phones", "app_packages", "note",
)  # fmt: skip
OPTIONAL = ("owner",)
STATUSES = ("licensed", "revoked", "illegal")
_LIMITS = {"id": 64, "name": 300, "legal_form": 40, "licence_no": 100, "scope": 500, "owner": 300}
_LISTS = ("aliases", "brands", "former_names", "website", "emails", "phones", "app_packages")
_LIST_LIMIT = 500
_LARGEST_FIELD = 131_072
_MOST_PROBLEMS = 1000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One entity as a file gives it; `number` is its row in the file, the heading being row 1."""

    number: int
    id: str
    name: str
    status: str
    legal_form: str
    licence_no: str
    licence_date: date | None
    scope: str
    website: tuple[str, ...]
    aliases: tuple[str, ...]
    brands: tuple[str, ...]
    former_names: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    app_packages: tuple[str, ...]
    note: str
    owner: str
    digest: str


def read(content: bytes) -> list[Row]:
    """All rows of a CSV file. Raises `ImportRefused` naming every faulty row and column."""
    text = _decode(content)
    if not text.strip():
        raise ImportRefused([Problem(0, "", "The file is empty: export the list again.")])
    return _Reader().read(text)


def _decode(content: bytes) -> str:
    if content[:2] in (b"PK", b"\xd0\xcf"):
        reason = "This is a spreadsheet or archive, not CSV: save it as “CSV UTF-8” first."
        raise ImportRefused([Problem(0, "", reason)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        reason = "The text is not UTF-8: save the file as “CSV UTF-8” and import it again."
        raise ImportRefused([Problem(row, "", reason)]) from error


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line they begin on. Raises `ImportRefused` for broken quoting."""
    csv.field_size_limit(_LARGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    begin = 1
    try:
        for record in reader:
            yield begin, record
            begin = reader.line_num + 1
    except csv.Error as error:
        reason = (
            f"From here the file can't be read ({error}): a quotation mark is not closed, "
            "or the file was cut off. Export it again."
        )
        raise ImportRefused([Problem(begin, "", reason)]) from error


def _delimiter(text: str) -> str:
    heading = text[: text.find("\n")] if "\n" in text else text
    return ";" if heading.count(";") > heading.count(",") else ","


class _Reader:
    """Collects rows and problems of one file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.rows: list[Row] = []
        self.ids: dict[str, int] = {}

    def read(self, text: str) -> list[Row]:
        records = _records(text)
        columns = self._heading(next(records)[1])
        for number, record in records:
            if any(field.strip() for field in record):
                self._record(number, columns, record)
            if len(self.problems) >= _MOST_PROBLEMS:
                break
        if not self.rows and not self.problems:
            self._problem(0, "", "There is a heading but no row below it.")
        if self.problems:
            raise ImportRefused(self.problems)
        return self.rows

    def _problem(self, row: int, column: str, message: str) -> None:
        self.problems.append(Problem(row, column, message))

    def _heading(self, record: list[str]) -> list[str]:
        columns = [field.strip().lower() for field in record]
        for column in COLUMNS:
            if column not in columns:
                reason = f"This column is missing. The heading must hold: {','.join(COLUMNS)}"
                self._problem(1, column, reason)
        for column in {column for column in columns if columns.count(column) > 1}:
            self._problem(1, column, "This column stands twice: keep one of them.")
        for column in columns:
            if column not in COLUMNS and column not in OPTIONAL:
                self._problem(1, column, "Nobody knows this column: rename or remove it.")
        if self.problems:
            raise ImportRefused(self.problems)
        return columns

    def _record(self, number: int, columns: list[str], record: list[str]) -> None:
        if len(record) != len(columns):
            reason = (
                f"The row has {len(record)} fields, the heading {len(columns)}: "
                "put texts that hold a comma in quotation marks."
            )
            self._problem(number, "", reason)
            return
        fields = dict(zip(columns, (field.strip() for field in record), strict=True))
        before = len(self.problems)
        self._check(number, fields)
        licensed_on = self._date(number, fields["licence_date"])
        if len(self.problems) == before:
            self.rows.append(_row(number, fields, licensed_on))

    def _check(self, number: int, fields: dict[str, str]) -> None:
        self._check_required(number, fields)
        self._check_characters(number, fields)
        for address in _items(fields["emails"]):
            if not _EMAIL.fullmatch(address):
                self._problem(number, "emails", f"“{address}” is not an e-mail address.")
        for phone in _items(fields["phones"]):
            if not 5 <= sum(character.isdigit() for character in phone) <= 20:
                self._problem(number, "phones", f"“{phone}” is not a phone number.")

    def _check_required(self, number: int, fields: dict[str, str]) -> None:
        for column in ("id", "name"):
            if not fields[column]:
                self._problem(number, column, "This field must not be empty.")
        if fields["name"] and not any(character.isalnum() for character in fields["name"]):
            self._problem(number, "name", "A name needs at least one letter or digit.")
        if fields["status"] not in STATUSES:
            given = f"“{fields['status']}” is not a status" if fields["status"] else "No status"
            self._problem(number, "status", f"{given}: write {', '.join(STATUSES)}.")
        if first := self.ids.get(fields["id"]):
            reason = f"“{fields['id']}” already stands in row {first}: every id may stand once."
            self._problem(number, "id", reason)
        self.ids.setdefault(fields["id"], number)

    def _check_characters(self, number: int, fields: dict[str, str]) -> None:
        for column, value in fields.items():
            if _CONTROL.search(value):
                self._problem(number, column, "There is a control character: remove it.")
            elif "\ufffd" in value:
                self._problem(number, column, "A letter is broken (�): mend the text.")
            limit = _LIMITS.get(column, 0)
            if limit and len(value) > limit:
                self._problem(number, column, f"Longer than {limit} characters: shorten it.")
            if column in _LISTS and any(len(item) > _LIST_LIMIT for item in _items(value)):
                self._problem(number, column, f"An item is longer than {_LIST_LIMIT} characters.")

    def _date(self, number: int, value: str) -> date | None:
        if not value:
            return None
        try:
            return date.fromisoformat(value) if len(value) == 10 else _refuse()
        except ValueError:
            reason = f"“{value}” is not a date: write year-month-day, like 2024-03-31."
            self._problem(number, "licence_date", reason)
            return None


def _refuse() -> date:
    raise ValueError


def _items(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.strip() for item in value.split("|") if item.strip()))


def _row(number: int, fields: dict[str, str], licensed_on: date | None) -> Row:
    values = [fields.get(column, "") for column in (*COLUMNS, *OPTIONAL)]
    lists = {column: _items(fields[column]) for column in _LISTS}
    return Row(
        number=number,
        id=fields["id"],
        name=fields["name"],
        status=fields["status"],
        legal_form=fields["legal_form"],
        licence_no=fields["licence_no"],
        licence_date=licensed_on,
        scope=fields["scope"],
        note=fields["note"],
        owner=fields.get("owner", ""),
        digest=hashlib.blake2b("\x1f".join(values).encode(), digest_size=16).hexdigest(),
        **lists,
    )
