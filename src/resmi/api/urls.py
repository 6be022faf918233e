"""Addresses for people without an account and for programs."""

from __future__ import annotations

from typing import TypeGuard

from django.urls import URLPattern, URLResolver, include, path

from resmi.api import opening, rest
from resmi.api.public import check, embedding, receipt, wrong
from resmi.api.reconciliation import views as reconciliation


def _is_asked(entry: URLPattern | URLResolver) -> TypeGuard[URLPattern]:
    return isinstance(entry, URLPattern) and entry.name != "api-root"


def _open(pattern: URLPattern) -> URLPattern:
    """An address of the REST API, open to other sites and limited like all the others."""
    pattern.callback = opening.to_programs("Anybody may ask the register.")(pattern.callback)
    return pattern


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/openapi.json", rest.describe, name="openapi"),
    path(
        "api/v1/",
        include([_open(one) for one in rest.api.urls[0] if _is_asked(one)]),
    ),
    path("check", check.check, name="check"),
    path("check/receipt", check.keep, name="keep_receipt"),
    path("check/wrong", wrong.report, name="wrong"),
    path("check/thanks", wrong.thanks, name="thanks"),
    path("check/embed", check.embedded, name="embed"),
    path("check/embed.js", embedding.script, name="embed_script"),
    path("check/entry/<path:entity>", check.entry, name="entry"),
    path("v/<str:code>.json", receipt.document, name="receipt_document"),
    path("v/<str:code>", receipt.page, name="receipt"),
    path(".well-known/resmi-receipt-keys.json", receipt.keys, name="receipt_keys"),
    path("api/v1/reconcile", reconciliation.endpoint, name="reconcile"),
    path("api/v1/reconcile/suggest/entity", reconciliation.suggest, {"kind": "entity"}),
    path("api/v1/reconcile/suggest/property", reconciliation.suggest, {"kind": "property"}),
    path("api/v1/reconcile/suggest/type", reconciliation.suggest, {"kind": "type"}),
    path("api/v1/reconcile/properties", reconciliation.propose_properties, name="properties"),
    path("api/v1/reconcile/preview", reconciliation.preview, name="preview"),
]
