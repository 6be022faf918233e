"""Reads a staged file in batches and compares it with the list in force.

Reading may be interrupted anywhere and run again: it goes on after the last batch that was
committed. Nothing here changes the register.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from typing import IO, Any

import msgspec
from django.db import connection, transaction

from resmi.agency import live
from resmi.registry import reading
from resmi.registry.errors import ImportRefused, Problem
from resmi.registry.errors import gettext_noop as _
from resmi.registry.importing import brake, files, formats, releases, staging
from resmi.registry.models import Register, Staged, StagedRow, StagedState

BATCH = 5_000
KEPT_PROBLEMS = 200
_LOCK = 0x73746167  # "stag": one process reads one file

_PUT = """
    INSERT INTO registry_stagedrow (staged_id, number, external_id, change, data)
    SELECT %s, given.number, given.id,
           CASE WHEN held.id IS NULL THEN 'added'
                WHEN held.register_id <> %s THEN 'elsewhere'
                WHEN held.digest = given.digest THEN 'same' ELSE 'changed' END,
           CASE WHEN held.digest = given.digest THEN NULL ELSE given.data::jsonb END
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS given (number, id, digest, data)
    LEFT JOIN registry_entity held ON held.external_id = given.id AND held.until_id IS NULL
    RETURNING number, external_id, change
"""
_VANISHED = """
    INSERT INTO registry_stagedrow (staged_id, number, external_id, change)
    SELECT %s, row_number() OVER (ORDER BY held.id), held.external_id, 'vanished'
    FROM registry_entity held
    WHERE held.register_id = %s AND held.until_id IS NULL AND NOT EXISTS (
        SELECT FROM registry_stagedrow own
        WHERE own.staged_id = %s AND own.external_id = held.external_id)
"""


def read(
    staged_id: int,
    *,
    file: IO[bytes] | None = None,
    tell: Callable[[int], object] | None = None,
    batch: int = BATCH,
) -> Staged:
    """Reads and compares a file until it is ready or refused; goes on where it was interrupted.

    `file` is the one that was staged, if it was not kept; `tell` hears how many bytes are read.
    Does nothing while another process is at it, or when the import is not in the state `reading`.
    """
    with _alone(staged_id) as alone:
        staged = Staged.objects.get(pk=staged_id)
        if alone and staged.state == StagedState.READING:
            _Reading(staged, batch, tell).run(file)
    return staged


@contextmanager
def _alone(staged_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, staged_id])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, staged_id])


class _Ids:
    """The ids of a file so far, to find repeated ones."""

    def __init__(self, staged: Staged, coming: list[str]) -> None:
        held = StagedRow.objects.filter(staged=staged, external_id__in=coming)
        self.seen = dict(held.values_list("external_id", "number"))

    def problem(self, number: int, identity: str) -> Problem | None:
        """What is wrong with a further row of this id, if anything."""
        first = self.seen.setdefault(identity, number)
        if first == number or not identity:
            return None
        message = _("“%(id)s” already stands in row %(first)s: every id may stand once.")
        return Problem(number, "id", message, {"id": identity, "first": first})


class _Reading:
    """One run over a file."""

    def __init__(
        self, staged: Staged, batch: int, tell: Callable[[int], object] | None = None
    ) -> None:
        self.staged = staged
        self.batch = batch
        self.tell = tell
        self.register = Register.objects.filter(source=staged.source).first()
        self.checker = reading.Checker(tolerant=staged.format != "own")

    def run(self, own: IO[bytes] | None) -> None:
        """Reads to the end or to the first thousand faults."""
        staged = self.staged
        if staged.last_row == 0:
            latest = releases.latest_import(self.register) if self.register else None
            staged.base = latest.version if latest else 0
        try:
            with self._file(own) as file, files.opened(file) as source:
                given = formats.rows(staged.format, source, staged.mapping, staged.options)
                self._batches(file, given)
        except ImportRefused as error:
            self._note(list(error.problems))
        except FileNotFoundError:
            self._note([Problem(0, "", _("The kept file is gone: hand it over again."))])
        with transaction.atomic():
            self._finish()

    def _file(self, own: IO[bytes] | None) -> AbstractContextManager[IO[bytes]]:
        return nullcontext(own) if own else self.staged.file.open("rb")

    def _batches(self, file: IO[bytes], given: Iterator[formats.Given]) -> None:
        new = (one for one in given if one[0] > self.staged.last_row)
        while chunk := list(islice(new, self.batch)):
            with transaction.atomic():
                self._put(chunk)
                self.staged.done = min(file.tell(), self.staged.size)
                self.staged.save()
            if self.tell:
                self.tell(self.staged.done)
            if self.staged.problem_count >= reading.MOST_PROBLEMS:
                break

    def _put(self, chunk: list[formats.Given]) -> None:
        rows: list[reading.Row] = []
        ids = _Ids(self.staged, [given["id"] for _at, given in chunk if isinstance(given, dict)])
        for number, given in chunk:
            if isinstance(given, Problem):
                self.checker.problems.append(given)
                continue
            row = self.checker.row(number, given)
            if repeated := ids.problem(number, given["id"].strip()):
                self.checker.problems.append(repeated)
            elif row:
                rows.append(row)
        self._insert(rows)
        self.staged.last_row = max(number for number, _given in chunk)
        self._count(rows)
        self._note(self.checker.problems)
        self.staged.skipped += len(self.checker.remarks)
        self._keep_remarks()

    def _insert(self, rows: list[reading.Row]) -> None:
        parts: list[list[Any]] = [
            [row.number for row in rows],
            [row.id for row in rows],
            [row.digest for row in rows],
            [msgspec.json.encode(row).decode() for row in rows],
        ]
        with connection.cursor() as cursor:
            register = self.register.pk if self.register else 0
            cursor.execute(_PUT, [self.staged.pk, register, *parts])
            found = cursor.fetchall()
        changes = Counter(change for _number, _id, change in found)
        self.staged.added += changes["added"]
        self.staged.changed += changes["changed"]
        if elsewhere := {name: number for number, name, change in found if change == "elsewhere"}:
            self.checker.problems += _taken(elsewhere)

    def _count(self, rows: list[reading.Row]) -> None:
        counts = Counter(row.status for row in rows)
        self.staged.rows += len(rows)
        self.staged.licensed += counts["licensed"]
        self.staged.revoked += counts["revoked"]
        self.staged.illegal += counts["illegal"]

    def _note(self, problems: list[Problem]) -> None:
        room = KEPT_PROBLEMS - len(self.staged.problems)
        self.staged.problem_count += len(problems)
        self.staged.problems += [list(problem) for problem in problems[: max(room, 0)]]
        self.checker.problems = []

    def _keep_remarks(self) -> None:
        room = KEPT_PROBLEMS - len(self.staged.remarks)
        self.staged.remarks += [list(remark) for remark in self.checker.remarks[: max(room, 0)]]
        self.checker.remarks = []

    def _finish(self) -> None:
        staged = self.staged
        if not staged.rows and not staged.problem_count:
            self._note([Problem(0, "", _("There is a heading but no row below it."))])
        if staged.problem_count:
            staging.end(staged, StagedState.REFUSED)
            return
        self._compare()
        staged.done, staged.state = staged.size, StagedState.READY
        found = brake.brakes(
            in_force=staged.in_force, changed=staged.changed, vanished=staged.vanished
        )
        staged.brakes = [msgspec.to_builtins(one) for one in found]
        staged.save()
        live.announce("alarms", staged=staged.pk)

    def _compare(self) -> None:
        if self.register is None:
            return
        staged = self.staged
        with connection.cursor() as cursor:
            cursor.execute(_VANISHED, [staged.pk, self.register.pk, staged.pk])
            staged.vanished = cursor.rowcount
        staged.in_force = self.register.entities.filter(until=None).count()


def _taken(elsewhere: dict[str, int]) -> list[Problem]:
    rows = Register.objects.filter(
        entities__until=None, entities__external_id__in=list(elsewhere)
    ).values_list("entities__external_id", "source")
    message = _("“%(id)s” already stands in the list %(source)s.")
    return [
        Problem(elsewhere[name], "id", message, {"id": name, "source": source})
        for name, source in rows
        if name in elsewhere
    ]
