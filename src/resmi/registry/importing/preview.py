"""What a staged import would change, entity by entity, each field before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from resmi.registry.models import Entity, EntityName, Identifier, Register, Staged, StagedRow

CHANGES = ("added", "changed", "vanished")
_FIELDS = (
    "name", "status", "legal_form", "licence_no", "licence_date", "scope", "website", "brands",
    "aliases", "former_names", "emails", "phones", "app_packages", "owner", "note",
)  # fmt: skip
_PLACES = {
    "brand": "brands", "alias": "aliases", "former": "former_names", "domain": "website",
    "email": "emails", "phone": "phones", "app": "app_packages",
}  # fmt: skip


class Field(msgspec.Struct, frozen=True):
    """One value of an entity, as text; empty for none."""

    name: str
    before: str
    after: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An entity that would be added, changed or vanish. `row` is its row in the file, or 0."""

    id: str
    name: str
    status: str
    row: int
    fields: tuple[Field, ...] = ()


class Changes(Sequence[Change]):
    """The changes of one kind, in the order of the file; reads only the slice that is shown."""

    def __init__(self, staged: Staged, kind: str) -> None:
        self._rows = StagedRow.objects.filter(staged=staged, change=kind).order_by("number", "id")
        self._register = Register.objects.filter(source=staged.source).first()
        self._count = int(getattr(staged, kind))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at: Any) -> Any:
        if not isinstance(at, slice):
            return self[at : at + 1][0]
        rows = list(self._rows[at])
        held = _held(self._register, [row.external_id for row in rows])
        return [_change(row, held.get(row.external_id)) for row in rows]


def changes(staged: Staged, kind: str) -> Changes:
    """The changes of one of the kinds in `CHANGES`."""
    return Changes(staged, kind)


def _held(register: Register | None, ids: list[str]) -> dict[str, dict[str, str]]:
    entities = Entity.objects.filter(register=register, external_id__in=ids, until=None)
    held = {entity.pk: entity for entity in entities}
    parts: dict[int, dict[str, list[str]]] = {pk: {} for pk in held}
    names = EntityName.objects.filter(entity__in=held).exclude(kind="legal").order_by("id")
    values = Identifier.objects.filter(entity__in=held).order_by("id")
    for owner, kind, text in [
        *names.values_list("entity_id", "kind", "name"),
        *values.values_list("entity_id", "kind", "value"),
    ]:
        parts[owner].setdefault(_PLACES[kind], []).append(text)
    return {entity.external_id: _fields(entity, parts[pk]) for pk, entity in held.items()}


def _fields(entity: Entity, parts: Mapping[str, list[str]]) -> dict[str, str]:
    return {
        name: _text(parts.get(name, "") if name in _PLACES.values() else getattr(entity, name))
        for name in _FIELDS
    }


def _change(row: StagedRow, held: Mapping[str, str] | None) -> Change:
    before = held or {}
    after = {name: _text(row.data.get(name)) for name in _FIELDS} if row.data else {}
    shown = after or before
    return Change(
        id=row.external_id,
        name=shown.get("name", row.external_id),
        status=shown.get("status", ""),
        row=row.number if row.data else 0,
        fields=tuple(
            Field(name, before.get(name, ""), after.get(name, ""))
            for name in _FIELDS
            if before.get(name, "") != after.get(name, "")
        ),
    )


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " | ".join(map(str, value))
    return str(value) if value else ""
