"""What the Reconciliation Service API 0.2 allows in its answers, as strict types.

Written from the specification's text, one type for each of its schemas: manifest, result batch,
the three suggest responses, property proposal and data extension response. Whatever is optional
there and given by us is required here, and nothing beyond it is allowed.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Text = str
Url = Annotated[str, Meta(pattern=r"^https?://")]
Template = Annotated[str, Meta(pattern=r"\{\{id\}\}")]
DATE = (
    r"^(-?(?:[1-9][0-9]*)?[0-9]{4})-(1[0-2]|0[1-9])-(3[01]|0[1-9]|[12][0-9])"
    r"T(2[0-3]|[01][0-9]):([0-5][0-9]):([0-5][0-9])(\.[0-9]+)?"
    r"(Z|[+-](?:2[0-3]|[01][0-9]):[0-5][0-9])?$"
)


class Type(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: Template


class Preview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: Template
    width: int
    height: int


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    service_url: Url
    service_path: Annotated[str, Meta(pattern="^/")]


class Extend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    propose_properties: Service
    property_settings: list[str]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: Annotated[list[str], Meta(min_length=1)]
    name: str
    identifierSpace: Url  # noqa: N815
    schemaSpace: Url  # noqa: N815
    documentation: Url
    serviceVersion: str  # noqa: N815
    defaultTypes: list[Type]  # noqa: N815
    view: View
    preview: Preview
    suggest: dict[str, Service]
    extend: Extend
    batchSize: Annotated[int, Meta(ge=1)]  # noqa: N815


class Feature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    value: bool | float


class Candidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str
    score: Annotated[float, Meta(ge=0, le=100)]
    match: bool
    description: str
    type: list[Type]
    features: list[Feature]


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    result: list[Candidate]


class SuggestedEntity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str
    description: str
    notable: list[Type]


class SuggestedEntities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    result: list[SuggestedEntity]


class Suggested(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    result: list[Type]


class Proposed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    properties: list[Type]
    limit: int | None = None


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of `{"str": …}` and `{"date": …}`."""

    str: Text | None = None
    date: Annotated[Text, Meta(pattern=DATE)] | None = None


class Extended(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    meta: list[Type]
    rows: dict[str, dict[str, list[Value]]]
