"""Visitors say that an answer is wrong: on the check page and on the page of a receipt."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import access
from resmi.api import limits
from resmi.api.public import contacting, pages, picking, receipt
from resmi.registry import reporting
from resmi.registry.reporting import COMMENT_LENGTH
from resmi.registry.rules import Verdict

WHY = "Whoever was given an answer may say that it is wrong."


@csrf_exempt  # without a session there is no token to hold; what comes from other sites is refused
@access.public(WHY)
def report(request: HttpRequest) -> HttpResponse:
    """Takes a report down; who comes without one, by a link or a reload, is told how to report."""
    return _take(request) if request.method == "POST" else _explain(request)


@require_safe
@pages.page(WHY)
def _explain(request: HttpRequest) -> HttpResponse:
    return pages.show(request, "api/report.html")


@require_POST
@pages.page(WHY, limits.REPORTING)
def _take(request: HttpRequest) -> HttpResponse:
    if _from_another_site(request):
        return pages.show(request, "api/report.html", status=403)
    comment = request.POST.get("comment", "").replace("\0", "")[:COMMENT_LENGTH]
    asked = picking.cleaned(request.POST.get("q", ""))
    code = request.POST.get("code", "")
    if code:
        done = _of_receipt(code, comment)
    else:
        verdict = picking.picked(request)
        done = verdict is not None
        if verdict is not None:
            _take_down(verdict, comment)
    if not done:
        return redirect(f"{reverse('api:check')}?{urlencode({'q': asked})}")
    return redirect(f"{reverse('api:thanks')}?{urlencode({'lang': request.LANGUAGE_CODE})}")


@require_safe
@pages.page(WHY)
def thanks(request: HttpRequest) -> HttpResponse:
    """Says what happens with a report."""
    return pages.show(request, "api/thanks.html", write_to_us=contacting.link())


def _take_down(verdict: Verdict, comment: str) -> None:
    reporting.report_by_visitor(
        query=verdict.query, verdict=msgspec.to_builtins(verdict), comment=comment
    )


def _of_receipt(code: str, comment: str) -> bool:
    """Reports the answer of a receipt; False when there is none of that code."""
    try:
        kept = receipt.find(code)
    except receipt.Refused:
        return False
    if kept.conversation and kept.seq:
        reporting.report(
            actor=None,
            query=kept.statement.verdict.query,
            verdict=msgspec.to_builtins(kept.statement.verdict),
            conversation=kept.conversation,
            seq=kept.seq,
            comment=comment,
        )
    else:
        _take_down(kept.statement.verdict, comment)
    return True


def _from_another_site(request: HttpRequest) -> bool:
    """Whether the browser says that another site's page sent the form."""
    origin = request.headers.get("Origin", "")
    if request.headers.get("Sec-Fetch-Site", "") == "cross-site":
        return True
    if origin in ("", "null"):
        return False
    return origin.partition("://")[2] != request.get_host()
