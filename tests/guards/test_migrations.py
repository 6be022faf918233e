"""Tables only grow while programs of the previous release may still use them.

Expand, then contract: a migration adds; a later release, when nobody uses the old any more, takes
away, and its `Migration` says so by `contracts = "why nobody uses it any more"`. What stands in
`released_migrations.txt` was there before the rule, or with the last release, and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

RELEASED = Path(__file__).with_name("released_migrations.txt")
TAKES_AWAY = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.DeleteModel,
    migrations.AlterModelTable,
)
SQL = re.compile(r"\b(drop\s+(table|column)|rename|set\s+not\s+null)\b", re.IGNORECASE)


def flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from flat(operation.database_operations)
        else:
            yield operation


def fault(operation: Operation) -> str:
    """Why programs that do not know of the operation would fail after it; empty if none would."""
    if isinstance(operation, TAKES_AWAY):
        return "takes away what they use"
    if isinstance(operation, migrations.AddField):
        field = operation.field
        optional = field.null or field.has_db_default() or field.many_to_many
        return "" if optional else "they insert without it: give it db_default or null=True"
    if isinstance(operation, migrations.RunSQL):
        return "takes away what they use" if SQL.search(str(operation.sql)) else ""
    return ""


def new_migrations() -> Iterator[tuple[str, migrations.Migration]]:
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("resmi.")}
    released = set(RELEASED.read_text().split())
    for (label, name), migration in MigrationLoader(None).disk_migrations.items():
        if label in ours and f"{label}.{name}" not in released:
            yield f"{label}.{name}", migration


def test_new_migrations_only_add() -> None:
    faults = [
        f"{name}: {operation.describe()}: {why}"
        for name, migration in new_migrations()
        if not getattr(migration, "contracts", "")
        for operation in flat(migration.operations)
        if (why := fault(operation))
    ]
    assert faults == [], f"{'; '.join(faults)} (or add it to {RELEASED.name} before a release)"


def test_every_released_migration_is_still_there() -> None:
    known = {f"{label}.{name}" for label, name in MigrationLoader(None).disk_migrations}
    assert set(RELEASED.read_text().split()) <= known


@pytest.mark.parametrize(
    ("operation", "is_fault"),
    [
        (migrations.RemoveField("a", "b"), True),
        (migrations.RenameField("a", "b", "c"), True),
        (migrations.DeleteModel("a"), True),
        (migrations.AddField("a", "b", models.TextField(default="")), True),
        (migrations.AddField("a", "b", models.TextField(db_default="")), False),
        (migrations.AddField("a", "b", models.TextField(null=True)), False),
        (migrations.RunSQL("ALTER TABLE a DROP COLUMN b"), True),
        (migrations.RunSQL("CREATE INDEX a ON b (c)"), False),
        (migrations.SeparateDatabaseAndState([migrations.DeleteModel("a")]), True),
        (migrations.SeparateDatabaseAndState([], [migrations.DeleteModel("a")]), False),
    ],
)
def test_what_would_break_programs_of_the_previous_release(
    operation: Operation, is_fault: bool
) -> None:
    assert any(fault(one) for one in flat([operation])) == is_fault
