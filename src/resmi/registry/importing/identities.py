"""GLEIF's golden copy, level 1, as CSV: who holds which LEI. No database.

An LEI is an identity and no licence, so the option `status` must say what standing on the list
means. Records annulled or marked as duplicates are left out; an inactive company counts as revoked.
Columns: https://www.gleif.org/en/lei-data/gleif-golden-copy
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from resmi.registry.errors import Problem
from resmi.registry.importing.tables import Table

NAME = "Entity.LegalName"
_OTHERS = "Entity.OtherEntityNames.OtherEntityName."
_TRANSLITERATED = "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName."
_VOID = frozenset(("ANNULLED", "DUPLICATE", "CANCELLED"))
_FORMER = "PREVIOUS_LEGAL_NAME"


def is_golden_copy(heading: Sequence[str]) -> bool:
    """Whether a heading is GLEIF's."""
    return {"LEI", NAME} <= set(heading)


def rows(
    table: Table, options: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, str] | Problem]]:
    """One row per LEI that stands."""
    for number, record in table.records():
        if isinstance(record, Problem):
            yield number, record
            continue
        item = dict(zip(table.heading, record, strict=True))
        if item.get("Registration.RegistrationStatus", "") not in _VOID:
            yield number, _fields(item, options)


def _fields(item: Mapping[str, str], options: Mapping[str, str]) -> dict[str, str]:
    inactive = item.get("Entity.EntityStatus") == "INACTIVE"
    others = list(_others(item))
    status = options.get("status", "")
    return {
        "id": item["LEI"],
        "name": item[NAME],
        "status": "revoked" if inactive and status == "licensed" else status,
        "licence_no": item["LEI"],
        "aliases": "|".join(name for name, kind in others if kind != _FORMER),
        "former_names": "|".join(name for name, kind in others if kind == _FORMER),
    }


def _others(item: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column, value in item.items():
        if value and column.startswith((_OTHERS, _TRANSLITERATED)) and _is_name(column):
            yield value.replace("|", " "), item.get(f"{column}.type", "")


def _is_name(column: str) -> bool:
    return column.rpartition(".")[2].isdecimal()
