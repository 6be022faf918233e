"""Fields of a file → checked rows. Pure.

`COLUMNS` are those of our own CSV (docs/registry.md); every other form is brought to them first. A
`tolerant` checker leaves out details that can't be read and remarks on them, where a file is known
to come as it is; the name, the id and the status are never guessed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date

import msgspec

from resmi.registry.errors import Problem
from resmi.registry.errors import gettext_noop as _

COLUMNS = (
    "id", "name", "status", "legal_form", "licence_no", "licence_date", "scope", "website",
    "aliases", "brands", "former_names", "emails", "phones", "app_packages", "note",
)  # fmt: skip
OPTIONAL = ("owner",)
STATUSES = ("licensed", "revoked", "illegal")
LISTS = ("aliases", "brands", "former_names", "website", "emails", "phones", "app_packages")
_LIMITS = {"id": 64, "name": 300, "legal_form": 40, "licence_no": 100, "scope": 500, "owner": 300}
_NAMES = ("aliases", "brands", "former_names")
_NAME_LIMIT = 300
_LIST_LIMIT = 500
MOST_PROBLEMS = 1000
TOO_LONG = _("“%(given)s…” has %(length)s characters, at most %(limit)s fit: shorten it.")
_SHOWN = 40
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


class Checker:
    """Checks row after row; collects `problems`, and `remarks` on details left out."""

    def __init__(self, *, tolerant: bool = False) -> None:
        self.tolerant = tolerant
        self.problems: list[Problem] = []
        self.remarks: list[Problem] = []

    def row(self, number: int, given: Mapping[str, str]) -> Row | None:
        """The row, or None when it has faults."""
        fields = {column: given.get(column, "").strip() for column in (*COLUMNS, *OPTIONAL)}
        before = len(self.problems)
        lists = {column: self._items(number, column, fields) for column in LISTS}
        licensed_on = self._date(number, fields["licence_date"])
        self._check(number, fields)
        if len(self.problems) > before:
            return None
        return _row(number, fields, lists, licensed_on)

    def _problem(self, row: int, column: str, message: str, **values: str | int) -> None:
        self.problems.append(Problem(row, column, message, values))

    def _doubt(self, row: int, column: str, message: str, **values: str | int) -> None:
        kept = self.remarks if self.tolerant else self.problems
        kept.append(Problem(row, column, message, values))

    def _check(self, number: int, fields: dict[str, str]) -> None:
        for column in ("id", "name"):
            if not fields[column]:
                self._problem(number, column, _("This field must not be empty."))
        if fields["name"] and not any(character.isalnum() for character in fields["name"]):
            self._problem(number, "name", _("A name needs at least one letter or digit."))
        self._check_status(number, fields["status"])
        for column, value in fields.items():
            self._check_characters(number, column, value)

    def _check_status(self, number: int, status: str) -> None:
        words = ", ".join(STATUSES)
        if not status:
            self._problem(number, "status", _("No status: write %(words)s."), words=words)
        elif status not in STATUSES:
            message = _("“%(given)s” is not a status: write %(words)s.")
            self._problem(number, "status", message, given=status[:60], words=words)

    def _check_characters(self, number: int, column: str, value: str) -> None:
        if _CONTROL.search(value):
            self._problem(number, column, _("There is a control character: remove it."))
        elif "\ufffd" in value:
            self._problem(number, column, _("A letter is broken (�): mend the text."))
        limit = _LIMITS.get(column, 0)
        if limit and len(value) > limit:
            self._problem(number, column, TOO_LONG, **measured(value, limit))

    def _items(self, number: int, column: str, fields: dict[str, str]) -> tuple[str, ...]:
        found = dict.fromkeys(item.strip() for item in fields[column].split("|") if item.strip())
        return tuple(item for item in found if self._fits(number, column, item))

    def _fits(self, number: int, column: str, item: str) -> bool:
        before = len(self.problems) + len(self.remarks)
        limit = _NAME_LIMIT if column in _NAMES else _LIST_LIMIT
        if len(item) > limit:
            self._doubt(number, column, TOO_LONG, **measured(item, limit))
        elif column == "emails" and not _EMAIL.fullmatch(item):
            self._doubt(number, column, _("“%(given)s” is not an e-mail address."), given=item)
        elif column == "phones" and not 5 <= sum(map(str.isdigit, item)) <= 20:
            self._doubt(number, column, _("“%(given)s” is not a phone number."), given=item)
        return len(self.problems) + len(self.remarks) == before

    def _date(self, number: int, value: str) -> date | None:
        if not value:
            return None
        try:
            return date.fromisoformat(value) if len(value) == 10 else _refuse()
        except ValueError:
            message = _("“%(given)s” is not a date: write year-month-day, like 2024-03-31.")
            self._doubt(number, "licence_date", message, given=value[:60])
            return None


def measured(value: str, limit: int) -> dict[str, str | int]:
    """What `TOO_LONG` says of a value."""
    return {"given": value[:_SHOWN], "length": len(value), "limit": limit}


def _refuse() -> date:
    raise ValueError


def _row(
    number: int,
    fields: dict[str, str],
    lists: dict[str, tuple[str, ...]],
    licensed_on: date | None,
) -> Row:
    values = [fields[column] for column in (*COLUMNS, *OPTIONAL)]
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
        owner=fields["owner"],
        digest=hashlib.blake2b("\x1f".join(values).encode(), digest_size=16).hexdigest(),
        **lists,
    )
