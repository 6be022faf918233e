"""The JSON form of investor alerts: `apps`, `products` and `illegals`, alone or in one file.

Apps are `{id, name, url, owner}`, products `{id, name, management, custodian, type}`, illegals
`{id, name, alias[], phone[], email[], web[], entity_type, activity_type[], input_date,
description}`. The numbers in `id` only count the rows of one day, so entities are known by their
names here, and rows that repeat a name are one entity. No database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

import msgspec

from resmi.language import normalising
from resmi.registry import reading
from resmi.registry.errors import Problem
from resmi.registry.errors import gettext_noop as _
from resmi.registry.importing import columns, files
from resmi.registry.importing.files import refuse

SECTIONS = ("apps", "products", "illegals")
_LARGEST = 256 * 1024 * 1024
_MORE_NAMES = ("alias", "aliases")
Fields = dict[str, str]


def rows(stream: IO[bytes], options: Mapping[str, str]) -> Iterator[tuple[int, Fields | Problem]]:
    """One row per name. Raises `ImportRefused` when the file is not of this form."""
    merged: dict[str, tuple[int, Fields]] = {}
    for number, (section, item) in enumerate(_items(stream, options), start=1):
        if not isinstance(item, dict):
            yield number, Problem(number, "", _("This entry is no object."), {})
            continue
        found = _fields(section, item)
        key = found["id"] or f"?{number}"
        if key in merged:
            _merge(merged[key][1], found)
        else:
            merged[key] = (number, found)
    yield from merged.values()


def _items(stream: IO[bytes], options: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    document = _document(stream)
    data = document.get("data", document) if isinstance(document, dict) else document
    if isinstance(data, list):
        yield from ((options.get("section") or _section(data), item) for item in data)
        return
    sections = [name for name in SECTIONS if isinstance(data, dict) and name in data]
    if not sections:
        raise refuse(_("There is neither “apps” nor “products” nor “illegals” in this file."))
    for name in sections:
        if not isinstance(data[name], list):
            raise refuse(_("“%(name)s” is no list."), name=name)
        yield from ((name, item) for item in data[name])


def _document(stream: IO[bytes]) -> Any:
    text = "".join(_limited(files.lines(stream)))
    if not text.strip():
        raise refuse(_("The file is empty: export the list again."))
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        message = _("The JSON can't be read (%(error)s): the file was cut off or edited by hand.")
        raise refuse(message, error=str(error)) from error


def _limited(lines: Iterable[str]) -> Iterator[str]:
    total = 0
    for line in lines:
        total += len(line)
        if total > _LARGEST:
            raise refuse(_("Unpacked, the file is larger than this can read."))
        yield line


def _section(items: list[Any]) -> str:
    """What a bare list holds, told by the fields of its first entry."""
    first = items[0] if items and isinstance(items[0], dict) else {}
    if "entity_type" in first or "activity_type" in first:
        return "illegals"
    return "products" if "management" in first or "custodian" in first else "apps"


def _fields(section: str, item: Mapping[str, Any]) -> Fields:
    name = _text(item.get("name"))
    key = columns.made_id(name)
    found = {
        "id": f"{section[:-1]}-{key}" if key else "",
        "name": name,
        "status": "illegal" if section == "illegals" else "licensed",
        "aliases": _list([item[key] for key in _MORE_NAMES if key in item]),
        "website": _list([item.get("web"), item.get("url")]),
        "emails": _list(item.get("email")),
        "phones": _list(item.get("phone")),
    }
    if section == "illegals":
        kinds = [_text(item.get("entity_type")), *_list(item.get("activity_type")).split("|")]
        remark = [*kinds, _text(item.get("description")), _text(item.get("input_date"))]
        found["note"] = "; ".join(dict.fromkeys(filter(None, remark)))
    elif section == "products":
        found["owner"] = _text(item.get("management"))
        found["scope"] = _text(item.get("type"))
        custodian = _text(item.get("custodian"))
        found["note"] = f"Custodian: {custodian}" if custodian else ""
    else:
        found["owner"] = _text(item.get("owner"))
    return found


def _merge(into: Fields, more: Fields) -> None:
    """Adds what a repeated row knows besides; the first spelling stays the name."""
    if normalising.fold(into["name"]) != normalising.fold(more["name"]):
        into["aliases"] = _list([into["aliases"], more["name"]])
    for field in reading.LISTS:
        into[field] = _list([into.get(field, ""), more.get(field, "")])
    if more.get("note") and more["note"] not in into.get("note", ""):
        into["note"] = "; ".join(filter(None, (into.get("note", ""), more["note"])))


def _text(value: Any) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _list(value: Any) -> str:
    """Texts, lists of texts and lists of those, as one field."""
    found: dict[str, None] = {}
    pending = [value]
    while pending:
        one = pending.pop(0)
        if isinstance(one, list):
            pending[:0] = one
        else:
            found.update(dict.fromkeys(part.strip() for part in _text(one).split("|")))
    found.pop("", None)
    return "|".join(found)
