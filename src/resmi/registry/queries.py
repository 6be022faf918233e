"""Reads of the register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from resmi.registry.importing import releases
from resmi.registry.models import Correction, Entity, EntityName, Identifier, Register, Release
from resmi.registry.rules import Entry

NAMES = frozenset(("brand", "alias", "former"))
_TRIES = 3


def stamp() -> tuple[int, str]:
    """The version in force and what tells it from the same version of another database: the
    fingerprint of its file and when it was made; (0, "") for an empty register."""
    rows = Release.objects.order_by("-version").values_list("version", "sha256", "imported_at")
    latest = rows.first()
    return (latest[0], f"{latest[1]} {latest[2].isoformat()}") if latest else (0, "")


class Picture(NamedTuple):
    """The register as it was at one version; `edition` is what `stamp` says besides."""

    version: int
    edition: str
    entries: list[Entry]


def picture() -> Picture:
    """Everything in force, all of one version, whatever is put in force meanwhile.

    A release is seen whole or not at all, so what was read is of one version when the version is
    the same before and after. If releases come too fast for that, they wait for the last try.
    """
    for _try in range(_TRIES):
        before, found = stamp(), entries()
        if stamp() == before:
            return Picture(*before, found)
    with transaction.atomic():
        releases.one_at_a_time()
        return Picture(*stamp(), entries())


def entries() -> list[Entry]:
    """Every entity in force, as the index wants it, in the order of import."""
    with transaction.atomic():
        names: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for owner, kind, name in _rows(EntityName, "kind", "name"):
            names[owner].append((kind, name))
        identifiers: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for owner, kind, value in _rows(Identifier, "kind", "value"):
            identifiers[owner].append((kind, value))
        return list(_entries(names, identifiers, _corrections()))


def _rows(
    model: type[EntityName] | type[Identifier], kind: str, value: str
) -> Iterator[tuple[int, str, str]]:
    rows = model._default_manager.filter(entity__until=None).order_by("id")
    return rows.values_list("entity_id", kind, value).iterator(chunk_size=10_000)


def _corrections() -> dict[str, list[Correction]]:
    found: dict[str, list[Correction]] = defaultdict(list)
    for correction in Correction.objects.filter(until=None).order_by("id"):
        found[correction.external_id].append(correction)
    return found


def _entries(
    names: dict[int, list[tuple[str, str]]],
    identifiers: dict[int, list[tuple[str, str]]],
    corrections: dict[str, list[Correction]],
) -> Iterator[Entry]:
    as_of = {release.register_id: release.as_of.isoformat() for release in in_force()}
    entities = Entity.objects.filter(until=None).select_related("register").order_by("id")
    for entity in entities.iterator(chunk_size=10_000):
        own_names = [(kind, name) for kind, name in names[entity.id] if kind != "legal"]
        own_identifiers, website = identifiers[entity.id], entity.website
        if made := corrections.get(entity.external_id):
            own_names = corrected(own_names, made, names=True)
            own_identifiers = corrected(own_identifiers, made, names=False)
            website = next((value for kind, value in own_identifiers if kind == "domain"), "")
        yield Entry(
            id=entity.external_id,
            name=entity.name,
            status=entity.status,
            legal_form=entity.legal_form,
            licence=entity.licence_no,
            since=entity.licence_date.isoformat() if entity.licence_date else "",
            scope=entity.scope,
            website=website,
            note=entity.note,
            names=tuple(own_names),
            identifiers=tuple(own_identifiers),
            source=entity.register.source,
            as_of=as_of[entity.register_id],
        )


def corrected(
    values: list[tuple[str, str]], corrections: list[Correction], *, names: bool
) -> list[tuple[str, str]]:
    """Names (or identifiers) as (kind, value), with what staff added and took out."""
    own = [one for one in corrections if (one.field in NAMES) == names]
    hidden = {(one.field, one.value) for one in own if one.hides}
    kept = [pair for pair in values if pair not in hidden]
    added = [(one.field, one.value) for one in own if not one.hides]
    return kept + [pair for pair in added if pair not in kept]


def in_force() -> QuerySet[Release]:
    """The newest release of every list."""
    return Release.objects.order_by("register_id", "-version").distinct("register_id")


def lists() -> list[tuple[Register, Release | None]]:
    """All lists in the order of their making, with the release in force."""
    newest = {release.register_id: release for release in in_force()}
    return [(one, newest.get(one.pk)) for one in Register.objects.order_by("id")]
