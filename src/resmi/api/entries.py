"""Entries of the register by their id, and by the beginning of their name."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from django.db.models import Max, QuerySet

from resmi.registry import browsing, services
from resmi.registry.models import Entity, EntityKind, EntityName, Release, prefixes
from resmi.registry.rules import Verdict

LEGAL_FORMS = ("PT ", "PT. ", "Koperasi ")
MOST_SUGGESTED = 100


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in force. Dates are ISO texts, "" when not known."""

    id: str
    kind: str
    status: str
    name: str
    legal_form: str
    licence: str
    since: str
    scope: str
    website: str
    note: str
    source: str
    as_of: str


def by_ids(ids: Collection[str]) -> dict[str, Record]:
    """The entries in force that have these ids."""
    if not ids:
        return {}
    newest = Release.objects.values_list("register").annotate(newest=Max("as_of")).order_by()
    as_of = {register: day.isoformat() for register, day in newest}
    rows = Entity.objects.filter(until=None, external_id__in=set(ids)).select_related("register")
    return {row.external_id: _record(row, as_of[row.register_id]) for row in rows}


def verdict(record: Record) -> Verdict:
    """What the register says about an entry somebody chose."""
    return Verdict(
        status=record.status,  # type: ignore[arg-type]
        query=record.name,
        source=record.source,
        as_of=record.as_of,
        version=services.current_index().version,
        entity=record.id,
        name=record.name,
        legal_name=record.name,
        licence=record.licence,
        scope=record.scope,
        since=record.since,
        note=record.note,
    )


def beginning_with(prefix: str, *, skip: int, limit: int) -> list[Record]:
    """Entries whose id is `prefix` or one of whose names begins with it, by name."""
    parts = [_named(form + prefix) for form in ("", *LEGAL_FORMS)]
    named = sorted(parts[0].union(*parts[1:], all=True))
    ids = [prefix, *(identifier for _name, identifier in named[:MOST_SUGGESTED])]
    found = by_ids(ids)
    ordered = [found[one] for one in dict.fromkeys(ids) if one in found]
    return ordered[skip : skip + limit]


def _named(prefix: str) -> QuerySet[EntityName, tuple[str, str]]:
    """The first names that begin so. Read along the index, however many there are."""
    rows = browsing.beginning(EntityName.objects.filter(entity__until=None), "name", prefix)
    return rows.order_by(prefixes("name"))[:MOST_SUGGESTED].values_list(
        "name", "entity__external_id"
    )


def _record(row: Entity, as_of: str) -> Record:
    return Record(
        id=row.external_id,
        kind=str(EntityKind(row.kind).value),
        status=row.status,
        name=row.name,
        legal_form=row.legal_form,
        licence=row.licence_no,
        since=row.licence_date.isoformat() if row.licence_date else "",
        scope=row.scope,
        website=row.website,
        note=row.note,
        source=row.register.source,
        as_of=as_of,
    )
