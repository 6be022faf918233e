"""OpenSanctions' FollowTheMoney entities, one JSON object a line. No database.

Organisations and persons are taken, their addresses, sanctions and relations are not. What standing
on the list means is the option `status`; the topic `reg.warn` (a regulator's warning) means
illegal on any list. Format: https://followthemoney.tech/explorer/
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import IO

import msgspec

from resmi.registry.errors import Problem
from resmi.registry.errors import gettext_noop as _
from resmi.registry.importing import columns, files

SCHEMATA = frozenset(
    ("Company", "Organization", "LegalEntity", "PublicBody", "Person", "CryptoWallet")
)
_WARNED = frozenset(("reg.warn",))
_ID_LENGTH = 64
_MOST_NOTES = 3


class _Entity(msgspec.Struct):
    id: str
    schema: str
    caption: str = ""
    properties: dict[str, list[str]] = {}


_decoder = msgspec.json.Decoder(_Entity)


def rows(
    stream: IO[bytes], options: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, str] | Problem]]:
    """One row per organisation or person, numbered by lines."""
    for number, line in enumerate(files.lines(stream), start=1):
        if not line.strip():
            continue
        try:
            entity = _decoder.decode(line)
        except msgspec.DecodeError as error:
            message = _("This line is no entity (%(error)s): was the file cut off?")
            yield number, Problem(number, "", message, {"error": str(error)[:200]})
            continue
        if entity.schema in SCHEMATA:
            yield number, _fields(entity, options)


def is_entity(line: str) -> bool:
    """Whether the first line of a file is of this form."""
    try:
        return bool(_decoder.decode(line).schema)
    except msgspec.DecodeError:
        return False


def _fields(entity: _Entity, options: Mapping[str, str]) -> dict[str, str]:
    given = entity.properties
    names = [*given.get("name", ()), entity.caption]
    name = entity.caption or next(iter(names), "")
    aliases = [*names, *given.get("alias", ()), *given.get("abbreviation", ())]
    warned = _WARNED & set(given.get("topics", ()))
    return {
        "id": entity.id if len(entity.id) <= _ID_LENGTH else _short(entity.id),
        "name": name,
        "status": "illegal" if warned else options.get("status", ""),
        "legal_form": next(iter(given.get("legalForm", ())), ""),
        "licence_no": next(iter(given.get("licenseNumber", ())), "")
        or next(iter(given.get("registrationNumber", ())), ""),
        "licence_date": columns.iso_date(next(iter(given.get("incorporationDate", ())), "")),
        "scope": "; ".join(given.get("sector", ())),
        "website": _joined(given.get("website", [])),
        "aliases": _joined([alias for alias in aliases if alias != name]),
        "former_names": _joined(given.get("previousName", [])),
        "emails": _joined(given.get("email", [])),
        "phones": _joined(given.get("phone", [])),
        "note": " ".join("; ".join(given.get("notes", [])[:_MOST_NOTES]).split()),
    }


def _short(identity: str) -> str:
    return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()


def _joined(values: list[str]) -> str:
    return "|".join(dict.fromkeys(" ".join(value.replace("|", " ").split()) for value in values))
