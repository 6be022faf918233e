"""What the service offers: manifest, types, properties, and answers to batches."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from resmi.api import entries, wording
from resmi.api.entries import Record
from resmi.api.reconciliation import scoring, wire
from resmi.api.reconciliation.wire import Extension, Query, Reference, Result
from resmi.registry import services
from resmi.registry.models import EntityKind
from resmi.registry.rules import Verdict

PAGE = 10
PREVIEW_WIDTH, PREVIEW_HEIGHT = 400, 240
DATES = frozenset({"since", "as_of"})

PROPERTIES: dict[str, str | Promise] = {
    "status": gettext_lazy("Status"),
    "licence": gettext_lazy("Licence number"),
    "since": gettext_lazy("Licensed since"),
    "scope": gettext_lazy("Licence covers"),
    "website": gettext_lazy("Website"),
    "name": gettext_lazy("Registered name"),
    "legal_form": gettext_lazy("Legal form"),
    "note": gettext_lazy("Note of the register"),
    "source": gettext_lazy("List"),
    "as_of": gettext_lazy("Date of the list"),
}
"""What a spreadsheet can ask about an entry; the keys are fields of `entries.Record`."""


def types() -> dict[str, Reference]:
    """The types of entries: the kind of list they stand in."""
    return {str(kind.value): Reference(str(kind.value), str(kind.label)) for kind in EntityKind}


def properties() -> list[Reference]:
    """The properties of entries."""
    return [Reference(key, str(name)) for key, name in PROPERTIES.items()]


def manifest(base_url: str) -> dict[str, Any]:
    """The service manifest. `base_url` has no slash at its end."""
    service = base_url + reverse("api:reconcile")

    def suggest(kind: str) -> dict[str, str]:
        return {"service_url": service, "service_path": f"/suggest/{kind}"}

    entry = base_url + reverse("api:entry", args=["ID"]).replace("ID", "{{id}}")
    return {
        "versions": ["0.2"],
        "name": _("Register of companies") + f" · {services.current_index().source}",
        "identifierSpace": base_url + reverse("api:entry", args=["-"]).removesuffix("-"),
        "schemaSpace": service + "/properties/",
        "documentation": "https://www.w3.org/community/reports/reconciliation/"
        "CG-FINAL-specs-0.2-20230410/",
        "serviceVersion": str(services.current_index().version),
        "defaultTypes": list(types().values()),
        "view": {"url": entry},
        "preview": {
            "url": service + "/preview?id={{id}}",
            "width": PREVIEW_WIDTH,
            "height": PREVIEW_HEIGHT,
        },
        "suggest": {kind: suggest(kind) for kind in ("entity", "property", "type")},
        "extend": {
            "propose_properties": {"service_url": service, "service_path": "/properties"},
            "property_settings": [],
        },
        "batchSize": wire.BATCH_SIZE,
    }


def answer(batch: dict[str, Query]) -> dict[str, Result]:
    """Candidates for every query; each query is answered as if it came alone."""
    found = {key: _found(query) for key, query in batch.items()}
    ids = {wire.name_asked(query)[:64].replace("\0", "") for query in batch.values()} - {""}
    for one in found.values():
        ids |= one.entities()
    records = entries.by_ids(ids)
    kinds, words = types(), {status: str(word.short) for status, word in wording.WORDS.items()}
    return {
        key: Result(scoring.candidates(query, found[key], records, kinds, words))
        for key, query in batch.items()
    }


def _found(query: Query) -> scoring.Found:
    def verify(text: str) -> tuple[Verdict, ...]:
        return index.verify(text.replace("\0", ""), whole=True)

    index = services.current_index()
    name = wire.name_asked(query)
    numbers = (verdict for text in wire.numbers_asked(query) for verdict in verify(text))
    return scoring.Found(verify(name) if name else (), tuple(numbers))


def extend(asked: Extension) -> dict[str, Any]:
    """The values of the asked properties; an unknown id or property has none."""
    records = entries.by_ids({one.replace("\0", "") for one in asked.ids})
    wanted = [one.id for one in asked.properties]
    return {
        "meta": [{"id": key, "name": str(PROPERTIES.get(key, key))} for key in wanted],
        "rows": {
            identifier: {key: _values(records.get(identifier), key) for key in wanted}
            for identifier in asked.ids
        },
    }


def _values(record: Record | None, key: str) -> list[dict[str, str]]:
    value = str(getattr(record, key, "")) if record and key in PROPERTIES else ""
    if not value:
        return []
    return [{"date": f"{value}T00:00:00Z"}] if key in DATES else [{"str": value}]


def suggest_entities(prefix: str, skip: int) -> list[dict[str, Any]]:
    """Entries the register would answer with, then those whose name begins so."""
    prefix = " ".join(prefix.replace("\0", "").split())[: wire.LONGEST_QUERY]
    if not prefix:
        return []
    named = scoring.entities_of(services.current_index().verify(prefix, whole=True))
    first = sorted(entries.by_ids(named).values(), key=lambda record: record.name)
    rest = entries.beginning_with(prefix, skip=0, limit=entries.MOST_SUGGESTED)
    found = list({record.id: record for record in (*rest, *first)}.values())
    kinds = types()
    return [
        {
            "id": record.id,
            "name": record.name,
            "description": str(wording.WORDS[record.status].short),
            "notable": [kinds[record.kind]],
        }
        for record in found[skip : skip + PAGE]
    ]


def suggest_among(offered: list[Reference], prefix: str, skip: int) -> list[Reference]:
    """Types or properties whose id or name begins with `prefix`, or has a word that does."""
    start = prefix.strip().casefold()
    return [
        one
        for one in offered
        if one.id.startswith(start)
        or any(word.startswith(start) for word in one.name.casefold().split())
        or one.name.casefold().startswith(start)
    ][skip : skip + PAGE]
