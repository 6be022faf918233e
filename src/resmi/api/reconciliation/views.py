"""The Reconciliation Service API over HTTP: check a spreadsheet of names at once.

In OpenRefine: Reconcile → Start reconciling → Add standard service → `/api/v1/reconcile`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from resmi.api import entries, opening
from resmi.api.public import answers, languages
from resmi.api.reconciliation import service, wire

WHY = "Spreadsheets of anybody may be checked against the public register."
METHODS = "GET, HEAD, POST, OPTIONS"

opened = opening.to_programs(WHY, methods=METHODS)
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,63}(\.[A-Za-z_$][\w$]{0,63}){0,3}", re.ASCII)


@csrf_exempt
@opened
@require_http_methods(["GET", "HEAD", "POST"])
def endpoint(request: HttpRequest) -> HttpResponse:
    """The manifest, or the answer to `queries` or `extend`."""
    given = request.POST if request.method == "POST" else request.GET
    with languages.spoken(languages.of(request)):
        if "queries" in given:
            return _answered(request, given["queries"], wire.read_batch, service.answer)
        if "extend" in given:
            return _answered(request, given["extend"], wire.read_extension, service.extend)
        if request.method == "POST":
            message = "Send the field queries or extend of a form."
            return opening.refusal(400, "malformed", message)
        return _json(request, service.manifest(base_url(request)))


def _answered(
    request: HttpRequest, raw: str, read: Callable[[str], Any], answer: Callable[[Any], object]
) -> HttpResponse:
    try:
        return _json(request, answer(read(raw)))
    except wire.TooMany as error:
        return opening.refusal(413, "too_many", str(error))
    except wire.Malformed as error:
        return opening.refusal(400, "malformed", str(error))


@opened
@require_safe
def suggest(request: HttpRequest, kind: str) -> HttpResponse:
    """Completes what somebody types: entries, properties or types."""
    prefix, skip = request.GET.get("prefix", ""), _number(request.GET.get("cursor"))
    with languages.spoken(languages.of(request)):
        if kind == "entity":
            return _json(request, {"result": service.suggest_entities(prefix, skip)})
        offered = service.properties() if kind == "property" else list(service.types().values())
        return _json(request, {"result": service.suggest_among(offered, prefix, skip)})


@opened
@require_safe
def propose_properties(request: HttpRequest) -> HttpResponse:
    """The properties that can be fetched for entries of a type: the same for all."""
    limit = _number(request.GET.get("limit"))
    with languages.spoken(languages.of(request)):
        offered = service.properties()[: limit or None]
        body: dict[str, Any] = {"type": request.GET.get("type", ""), "properties": offered}
    return _json(request, {**body, "limit": limit} if limit else body)


@xframe_options_exempt
@csp_update({"frame-ancestors": ["*"]})
@opened
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """An entry on a small page, for a frame in the asker's program."""
    identifier = request.GET.get("id", "").replace("\0", "")
    record = entries.by_ids([identifier]).get(identifier)
    if record is None:
        raise Http404(_("The register has no entry with this id."))
    language = languages.of(request)
    with languages.spoken(language):
        answer = answers.of(entries.verdict(record), language)
        return render(request, "api/preview.html", {"answer": answer, "language": language})


def base_url(request: HttpRequest) -> str:
    """The address of this installation, without a slash at its end."""
    return (settings.BASE_URL or request.build_absolute_uri("/")).rstrip("/")


def _number(text: str | None) -> int:
    """A whole number from an address; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _json(request: HttpRequest, body: object) -> HttpResponse:
    """The answer; as JSONP for programs from before CORS, which name a `callback`."""
    encoded = msgspec.json.encode(body)
    callback = request.GET.get("callback", "")
    if not callback:
        return HttpResponse(encoded, content_type="application/json")
    if not _CALLBACK.fullmatch(callback):
        return opening.refusal(400, "malformed", "The callback must be the name of a function.")
    text = encoded.decode().replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    script = f"/**/{callback}({text});"
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")
