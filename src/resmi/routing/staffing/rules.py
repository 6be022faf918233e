"""What a file of staff would change, and what is wrong in it. Pure.

A column that the file lacks stays as it is; so does everybody whom it does not name. A cell left
empty keeps what a person must have (name, role, language, time zone, active, capacity) and empties
the rest (pseudonym, queues, skills).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from resmi.agency import rules
from resmi.routing.rules import CAPACITY

ACCOUNT = ("name", "role", "active", "pseudonym", "language", "time_zone")
WORK = ("queues", "skills", "capacity")
FIELDS = (*ACCOUNT, *WORK)
MANAGES = "manage_staff"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One member of staff, as a line of the file says it. `capacity` in units."""

    name: str = ""
    role: str = ""
    active: bool = True
    pseudonym: str = ""
    language: str = "en"
    time_zone: str = "Asia/Jakarta"
    queues: tuple[str, ...] = ()
    skills: dict[str, int] = {}
    capacity: int = CAPACITY


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong in one line (from 1; 0: in the whole file). `code` is worded on screens."""

    line: int = 0
    column: str = ""
    code: str
    value: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line that could be read: whom it names, and what it says of them."""

    line: int
    email: str
    given: dict[str, Any]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it is. `load`: units it carries now."""

    id: int
    person: Person
    load: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One field that changes."""

    name: str
    before: Any
    after: Any


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one person; `before` is None for a new account."""

    line: int
    email: str
    account: int = 0
    before: Person | None = None
    after: Person

    @property
    def changes(self) -> list[Change]:
        """The fields that differ; for a new account those that say something."""
        before = self.before or Person()
        return [
            Change(
                name=name,
                before=None if self.before is None else getattr(before, name),
                after=getattr(self.after, name),
            )
            for name in FIELDS
            if getattr(before, name) != getattr(self.after, name)
        ]

    @property
    def kind(self) -> str:
        """`created`, `switched_off`, `switched_on` or `changed`."""
        if self.before is None:
            return "created"
        if self.before.active != self.after.active:
            return "switched_on" if self.after.active else "switched_off"
        return "changed"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a file would do. With problems nothing is done; `same` lines change nothing."""

    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = ()
    same: int = 0


def plan(rows: Iterable[Row], known: Mapping[str, Known], *, actor: str = "") -> Plan:
    """What the rows would change of the accounts `known` (by address in small letters).

    `actor` is the address of who does it, empty for the command line.
    """
    steps: list[Step] = []
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    same = 0
    for row in rows:
        if row.email in lines:
            first = str(lines[row.email])
            problems.append(_problem(row.line, "email", "email_twice", first))
            continue
        lines[row.email] = row.line
        step = step_for(row, known.get(row.email))
        problems += _problems(step, known.get(row.email), row.email == actor)
        if step.before == step.after:
            same += 1
        else:
            steps.append(step)
    if not _managers_left(steps, known):
        problems.append(Problem(column="role", code="no_manager_left"))
    return Plan(steps=tuple(steps), problems=tuple(problems), same=same)


def step_for(row: Row, known: Known | None) -> Step:
    """What one row makes of a person, or of nobody."""
    before = known.person if known else None
    after = msgspec.structs.replace(before or Person(), **row.given)
    return Step(
        line=row.line,
        email=row.email,
        account=known.id if known else 0,
        before=before,
        after=after,
    )


def _problems(step: Step, known: Known | None, is_actor: bool) -> list[Problem]:
    found = []
    if not step.after.name:
        found.append(_problem(step.line, "name", "name_missing"))
    if not step.after.role:
        found.append(_problem(step.line, "role", "role_missing"))
    if known and step.after.capacity < known.load:
        found.append(_problem(step.line, "capacity", "holds_more", str(known.load)))
    if is_actor and step.before and not _manages(step.after):
        column = "role" if step.after.active else "active"
        found.append(_problem(step.line, column, "own_account"))
    return found


def _managers_left(steps: Collection[Step], known: Mapping[str, Known]) -> bool:
    """Whether somebody can still manage staff; nobody is missed where nobody could."""
    before = {email for email, one in known.items() if _manages(one.person)}
    gone = {step.email for step in steps if not _manages(step.after)}
    return not before or bool(before - gone) or any(_manages(step.after) for step in steps)


def _manages(person: Person) -> bool:
    return person.active and rules.can(person.role, MANAGES)


def _problem(line: int, column: str, code: str, value: str = "") -> Problem:
    return Problem(line=line, column=column, code=code, value=value)


def taken_back(step: Step, now: Person) -> Person:
    """Who somebody is when `step` is undone: what was changed since stays as it is.

    A new account is only switched off: what its person did meanwhile stays theirs.
    """
    if step.before is None:
        return msgspec.structs.replace(now, active=False)
    back = {
        change.name: change.before
        for change in step.changes
        if getattr(now, change.name) == change.after
    }
    return msgspec.structs.replace(now, **back)
