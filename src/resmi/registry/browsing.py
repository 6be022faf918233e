"""Reads of the register for people: finding entities, one entity's history, what was answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Count, Model, Q, QuerySet
from django.db.models.lookups import StartsWith

from resmi.registry import queries
from resmi.registry.importing.preview import Field
from resmi.registry.models import Correction, Entity, EntityName, Identifier, Receipt, prefixes
from resmi.registry.watches import rules
from resmi.registry.watches.models import Watch

Held = TypeVar("Held", bound=Model)
_TOKEN = re.compile(r"\w+")
_MOST_TOKENS = 8
MOST_FOUND = 1000
_FIELDS = (
    "name", "status", "legal_form", "licence_no", "licence_date", "scope", "owner", "note",
)  # fmt: skip
_PARTS = {
    "brand": "brands", "alias": "aliases", "former": "former_names", "domain": "website",
    "email": "emails", "phone": "phones", "app": "app_packages",
}  # fmt: skip


def search(text: str, *, status: str = "", register: int = 0) -> QuerySet[Entity]:
    """Entities in force by the beginning of the words of a name, address, id or licence number.

    In the order of names; at most `MOST_FOUND` of each way to find them. An empty text finds all.
    """
    rows = Entity.objects.filter(until=None).select_related("register")
    if status:
        rows = rows.filter(status=status)
    if register:
        rows = rows.filter(register_id=register)
    if text.strip():
        # Named one by one, for the planner thinks that a beginning fits far more than it does.
        rows = rows.filter(pk__in=list(_found(text.strip())))
    return rows.order_by("name", "id")


def _found(text: str) -> QuerySet[Any, int]:
    held = Entity.objects.filter(until=None)
    exact = held.filter(Q(external_id=text) | Q(external_id=text.upper()))
    added = Correction.objects.filter(until=None, hides=False, value__icontains=text)
    parts: list[QuerySet[Any, int]] = [
        exact.values_list("pk", flat=True),
        beginning(held, "licence_no", text).values_list("pk", flat=True),
        held.filter(external_id__in=added.values("external_id")).values_list("pk", flat=True),
    ]
    if tokens := _TOKEN.findall(text)[:_MOST_TOKENS]:
        words = SearchQuery(
            " & ".join(f"'{token}':*" for token in tokens), config="simple", search_type="raw"
        )
        names = EntityName.objects.annotate(words=SearchVector("name", config="simple"))
        values = Identifier.objects.annotate(words=SearchVector("value", config="simple"))
        host = _host(text)
        address = SearchQuery(f"'{host}':* | 'www.{host}':*", config="simple", search_type="raw")
        # Past entities too: to look at each would be to read the whole table of them.
        parts.append(names.filter(words=words).values_list("entity_id", flat=True))
        parts.append(values.filter(words=address).values_list("entity_id", flat=True))
    first, *rest = (part[:MOST_FOUND] for part in parts)
    return first.union(*rest)


def beginning(rows: QuerySet[Held], field: str, text: str) -> QuerySet[Held]:
    """Rows whose `field` begins with `text`, whatever its case: by the index of `prefixes`."""
    return rows.filter(StartsWith(prefixes(field), text.upper()))


def _host(text: str) -> str:
    """What a web address is found by: without its beginning, quotes made harmless."""
    bare = re.sub(r"^\w+://(www\.)?", "", text.lower()).rstrip("/")
    return bare.replace("\\", "").replace("'", "''")


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something we came to know about an entity.

    `kind`: listed, changed, vanished, returned, added, hidden, restored (a correction taken back).
    `version` is the release that told us, `as_of` the list's own date, `by` who brought it.
    """

    kind: str
    version: int
    at: datetime
    as_of: date
    by: str
    undo: bool = False
    reason: str = ""
    fields: tuple[Field, ...] = ()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one entity. `entity` is its newest row, in force or not."""

    entity: Entity
    in_force: bool
    names: tuple[tuple[str, str], ...]
    identifiers: tuple[tuple[str, str], ...]
    corrections: tuple[Correction, ...]
    history: tuple[Moment, ...]
    answers: tuple[Receipt, ...]
    answered: int
    watching: int


def page(external_id: str, *, answers: int = 10) -> Page | None:
    """One entity by its id, as all lists knew it; None when none ever did."""
    spans = list(
        Entity.objects.filter(external_id=external_id)
        .select_related("register", "since__imported_by", "until__imported_by")
        .prefetch_related("names", "identifiers")
        .order_by("since__version")
    )
    if not spans:
        return None
    entity = spans[-1]
    corrections = list(
        Correction.objects.filter(external_id=external_id)
        .select_related("since", "until__imported_by", "made_by")
        .order_by("-id")
    )
    made = [one for one in corrections if one.until_id is None]
    names = [(one.kind, one.name) for one in entity.names.all() if one.kind != "legal"]
    values = [(one.kind, one.value) for one in entity.identifiers.all()]
    given = Receipt.objects.filter(entity=external_id)
    moments = [*_spans(spans), *_corrections(corrections)]
    return Page(
        entity=entity,
        in_force=entity.until_id is None,
        names=tuple(queries.corrected(names, made, names=True)),
        identifiers=tuple(queries.corrected(values, made, names=False)),
        corrections=tuple(made),
        history=tuple(sorted(moments, key=lambda moment: moment.version, reverse=True)),
        answers=tuple(given.order_by("-answered_at")[:answers]),
        answered=given.aggregate(count=Count("code"))["count"],
        watching=Watch.objects.filter(subject=rules.ENTITY + external_id, ended_at=None).count(),
    )


def _spans(spans: list[Entity]) -> Iterator[Moment]:
    before: Entity | None = None
    for span in spans:
        follows = before is not None and before.until_id == span.since_id
        if before is not None and before.until is not None and not follows:
            yield _moment("vanished", before, end=True)
        kind = "changed" if follows else ("returned" if before else "listed")
        yield _moment(kind, span, _differing(before, span) if before else ())
        before = span
    if before is not None and before.until is not None:
        yield _moment("vanished", before, end=True)


def _moment(
    kind: str, span: Entity, fields: tuple[Field, ...] = (), *, end: bool = False
) -> Moment:
    release = span.until if end and span.until else span.since
    return Moment(
        kind=kind,
        version=release.version,
        at=release.imported_at,
        as_of=release.as_of,
        by=release.imported_by.name if release.imported_by else "",
        undo=release.kind == "undo",
        reason=release.reason,
        fields=fields,
    )


def _differing(before: Entity, after: Entity) -> tuple[Field, ...]:
    old, new = _values(before), _values(after)
    return tuple(Field(name, old[name], new[name]) for name in old if old[name] != new[name])


def _values(span: Entity) -> dict[str, str]:
    found = {name: str(getattr(span, name) or "") for name in _FIELDS}
    parts = [(one.kind, one.name) for one in span.names.all()]
    parts += [(one.kind, one.value) for one in span.identifiers.all()]
    for kind, place in _PARTS.items():
        found[place] = " | ".join(value for own, value in parts if own == kind)
    return found


def _corrections(corrections: list[Correction]) -> Iterator[Moment]:
    for one in corrections:
        value = Field(one.field, one.value if one.hides else "", "" if one.hides else one.value)
        yield Moment(
            kind="hidden" if one.hides else "added",
            version=one.since.version,
            at=one.made_at,
            as_of=one.since.as_of,
            by=one.made_by.name if one.made_by else "",
            reason=one.reason,
            fields=(value,),
        )
        if one.until:
            yield Moment(
                kind="restored",
                version=one.until.version,
                at=one.until.imported_at,
                as_of=one.until.as_of,
                by=one.until.imported_by.name if one.until.imported_by else "",
                fields=(Field(value.name, value.after, value.before),),
            )
