"""The REST API, version 1, described at `/api/v1/openapi.json`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Query, Schema
from pydantic import Field

from resmi.api import asking, opening
from resmi.registry import services
from resmi.registry.index import LONGEST_TEXT
from resmi.registry.rules import Status

api = NinjaAPI(
    title="Resmi",
    version="1",
    description="Asks a public register whether a company is licensed. Open to everybody; no key.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api_v1",
)


class Candidate(Schema):
    """An entry that may be meant. `differs` are its words that were not in the question."""

    entity: str
    name: str
    status: str
    licence: str = ""
    scope: str = ""
    website: str = ""
    differs: list[str] = []


class Verdict(Schema):
    """What the register says about one name in the question.

    Only `licensed` says something good, and it is no recommendation. `unknown` means that the name
    is not in the register, which does not make it illegal.
    """

    status: Status
    query: Annotated[str, Field(description="The name, as it stood in the question")]
    source: Annotated[str, Field(description="The list that answered")]
    as_of: Annotated[str, Field(description="The list's own date (ISO 8601)")]
    version: Annotated[int, Field(description="Version of the register that answered")]
    entity: Annotated[str, Field(description="The entry's id in the list")] = ""
    name: str = ""
    legal_name: str = ""
    licence: str = ""
    scope: Annotated[str, Field(description="What the licence covers")] = ""
    since: Annotated[str, Field(description="Date of the licence (ISO 8601)")] = ""
    note: str = ""
    candidates: list[Candidate] = []


class Answer(Schema):
    """One verdict for each company the question names; none when it names none.

    Of a question that names more than one answer covers, the beginning is answered.
    """

    query: str
    source: str
    as_of: str
    version: int
    complete: Annotated[
        bool,
        Field(
            description="Whether all of the question was looked at. If not, nothing is `licensed`,"
            " and what follows the last verdict's `query` is to be asked anew"
        ),
    ]
    verdicts: list[Verdict]


class Problem(Schema):
    """Why there is no answer."""

    error: Literal["too_many_requests"]
    message: str
    retry_after_s: int


@api.get(
    "/verify",
    response={200: Answer, 429: Problem},
    exclude_unset=True,
    summary="Is this company licensed?",
)
def verify(
    request: HttpRequest,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=LONGEST_TEXT,
            description="A name, web address, licence number, or a sentence that holds some",
        ),
    ],
) -> Any:
    """Looks up every company a text names."""
    index = services.current_index()
    answer = asking.ask(q)
    return {
        "query": q,
        "source": index.source,
        "as_of": index.as_of,
        "version": index.version,
        "complete": answer.complete,
        "verdicts": msgspec.to_builtins(answer.verdicts),
    }


@opening.to_programs("Programs learn here what they may ask.")
@require_safe
def describe(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description."""
    return JsonResponse(api.get_openapi_schema(path_prefix="/api/v1/"))
