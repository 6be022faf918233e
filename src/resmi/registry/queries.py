"""Reads of the register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Max

from resmi.registry.models import Entity, EntityName, Identifier, Release
from resmi.registry.rules import Entry


def stamp() -> tuple[int, str]:
    """The version in force and the fingerprint of its file; (0, "") for an empty register."""
    latest = Release.objects.order_by("-version").values_list("version", "sha256").first()
    return latest or (0, "")


def entries() -> list[Entry]:
    """Every entity in force, as the index wants it, in the order of import."""
    with transaction.atomic():
        names: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for owner, kind, name in _rows(EntityName, "kind", "name"):
            names[owner].append((kind, name))
        identifiers: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for owner, kind, value in _rows(Identifier, "kind", "value"):
            identifiers[owner].append((kind, value))
        return list(_entries(names, identifiers))


def _rows(
    model: type[EntityName] | type[Identifier], kind: str, value: str
) -> Iterator[tuple[int, str, str]]:
    rows = model._default_manager.filter(entity__until=None).order_by("id")
    return rows.values_list("entity_id", kind, value).iterator(chunk_size=10_000)


def _entries(
    names: dict[int, list[tuple[str, str]]], identifiers: dict[int, list[tuple[str, str]]]
) -> Iterator[Entry]:
    as_of = dict(Release.objects.values_list("register").annotate(newest=Max("as_of")).order_by())
    entities = Entity.objects.filter(until=None).select_related("register").order_by("id")
    for entity in entities.iterator(chunk_size=10_000):
        yield Entry(
            id=entity.external_id,
            name=entity.name,
            status=entity.status,
            legal_form=entity.legal_form,
            licence=entity.licence_no,
            since=entity.licence_date.isoformat() if entity.licence_date else "",
            scope=entity.scope,
            website=entity.website,
            note=entity.note,
            names=tuple((kind, name) for kind, name in names[entity.id] if kind != "legal"),
            identifiers=tuple(identifiers[entity.id]),
            source=entity.register.source,
            as_of=as_of[entity.register_id].isoformat(),
        )
