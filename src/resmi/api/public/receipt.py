"""The page behind a receipt: what was answered then, and what is true now."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from resmi.api import limits, opening
from resmi.api.public import answers, pages
from resmi.registry import services as registry
from resmi.registry.receipts import changes, codes, pictures, queries, statements
from resmi.registry.receipts.changes import Today
from resmi.registry.receipts.queries import Altered, Kept

WHY = "Whoever was shown a receipt may check it."
NOT_TO_BE_FOUND = "noindex, nofollow, noarchive"


class Refused(Exception):
    """There is no receipt to show. `kind`: mistyped, unknown or altered."""

    def __init__(self, kind: str, code: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.code = code


@require_safe
@pages.page(WHY, limits.RECEIPTS)
def page(request: HttpRequest, code: str) -> HttpResponse:
    """A receipt for people; a code we never gave is a 404 that says what it means."""
    try:
        kept = find(code)
    except Refused as refused:
        response = pages.show(
            request, "api/no_receipt.html", status=404, kind=refused.kind, code=refused.code
        )
        response.headers["X-Robots-Tag"] = NOT_TO_BE_FOUND
        return response
    shown = codes.shown(kept.statement.code)
    if code != shown:
        query = request.META.get("QUERY_STRING", "")
        return redirect(reverse("api:receipt", args=[shown]) + (f"?{query}" if query else ""))
    response = pages.show(request, "api/receipt.html", **_context(request, kept, shown))
    response.headers["X-Robots-Tag"] = NOT_TO_BE_FOUND
    return response


def _context(request: HttpRequest, kept: Kept, shown: str) -> dict[str, Any]:
    language = request.LANGUAGE_CODE
    now = today(kept)
    address = reverse("api:receipt", args=[shown])
    keys_address = reverse("api:receipt_keys")
    url = codes.link(settings.BASE_URL or request.build_absolute_uri("/"), kept.statement.code)
    return {
        "kept": kept,
        "code": shown,
        "then": answers.of(kept.statement.verdict, language),
        "change": now.change,
        "now": answers.of(now.verdict, language),
        "at": answers.local_time(kept.statement.answered_at, language),
        "withdrawn_at": kept.withdrawn_at and answers.local_time(kept.withdrawn_at, language),
        "address": address,
        "document_name": f"{shown}.json",
        "keys_address": keys_address,
        "keys_name": keys_address.rpartition("/")[2],
        "qr": mark_safe(pictures.svg(url)),
    }


@opening.to_programs(WHY, limits.RECEIPTS)
@require_safe
def document(request: HttpRequest, code: str) -> HttpResponse:
    """A receipt for programs: the signed statement, its signature, and what is true now."""
    try:
        kept = find(code)
    except Refused as refused:
        response: HttpResponse = opening.refusal(404, refused.kind, _MEANING[refused.kind])
        response.headers["X-Robots-Tag"] = NOT_TO_BE_FOUND
        return response
    now = today(kept)
    keys = request.build_absolute_uri(reverse("api:receipt_keys"))
    body = {
        "statement": msgspec.Raw(kept.raw),
        "signature": statements.pack(kept.signature),
        "key": {**msgspec.to_builtins(kept.key), "algorithm": "Ed25519", "published_at": keys},
        "withdrawn": {"at": kept.withdrawn_at, "reason": kept.withdrawn_reason}
        if kept.withdrawn_at
        else None,
        "now": {"changed": now.change, "verdict": now.verdict},
    }
    response = HttpResponse(msgspec.json.encode(body), content_type="application/json")
    response.headers["X-Robots-Tag"] = NOT_TO_BE_FOUND
    return response


@opening.to_programs("Anybody may check our signatures.")
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The keys receipts are signed with, old ones too, and which receipts were taken back."""
    return HttpResponse(msgspec.json.encode(queries.published()), content_type="application/json")


def today(kept: Kept) -> Today:
    """What the register in force says about what was asked then."""
    index = registry.current_index()
    return changes.today(
        kept.statement.verdict,
        version=index.version,
        source=index.source,
        as_of=index.as_of,
        verify=lambda name: index.verify(name, whole=True),
    )


def find(text: str) -> Kept:
    """The receipt of a code as somebody typed it. Raises `Refused`."""
    try:
        code = codes.read(text)
        kept = queries.find(code)
    except codes.Mistyped:
        raise Refused("mistyped", text[: codes.LONGEST_INPUT]) from None
    except Altered:
        raise Refused("altered", codes.shown(code)) from None
    if kept is None:
        raise Refused("unknown", codes.shown(code))
    return kept


_MEANING = {
    "mistyped": "This is no code of a receipt: a character is wrong or missing.",
    "unknown": "We never gave a receipt with this code.",
    "altered": "This receipt was altered after it was signed: do not believe it.",
}
