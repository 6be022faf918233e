"""The public check: one box, one answer, source and date, and a receipt for who wants one."""

from __future__ import annotations

from dataclasses import replace

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import access
from resmi.api import asking, entries, limits
from resmi.api.public import answers, contacting, pages, picking
from resmi.api.public.answers import Answer
from resmi.registry.receipts import codes
from resmi.registry.receipts import services as receipts
from resmi.registry.rules import Verdict
from resmi.registry.watches import rules as watches

WHY = "Anybody may ask whether a company is licensed."
KEEPING = "Anybody may keep a receipt of what they were told."


@require_safe
@pages.page(WHY)
def check(request: HttpRequest) -> HttpResponse:
    """The page with the box, and the answer when something was asked."""
    return _answered(request, "api/check.html")


@xframe_options_exempt
@csp_update({"frame-ancestors": ["*"]})
@require_safe
@pages.page("Other sites may show the box in a frame.")
def embedded(request: HttpRequest) -> HttpResponse:
    """The same for a frame on somebody else's page: the only page that may be framed."""
    return _answered(request, "api/embed.html")


@require_safe
@pages.page(WHY)
def entry(request: HttpRequest, entity: str) -> HttpResponse:
    """What the register says about the entry with this id."""
    record = entries.by_ids([entity.replace("\0", "")]).get(entity)
    if record is None:
        return pages.show(request, "api/no_entry.html", status=404, entity=entity[:64])
    return _page(request, "api/check.html", record.name, [entries.verdict(record)], entity=entity)


@csrf_exempt  # without a session there is nothing a foreign form could misuse; the limit is strict
@access.public(KEEPING)
def keep(request: HttpRequest) -> HttpResponse:
    """Gives a receipt of an answer; who comes without a question gets the box to ask one."""
    return _keep(request) if request.method == "POST" else redirect("api:check")


@require_POST
@pages.page(KEEPING, limits.ISSUING)
def _keep(request: HttpRequest) -> HttpResponse:
    """Asks once more and gives a receipt of the answer."""
    asked, verdict = picking.cleaned(request.POST.get("q", "")), picking.picked(request)
    code = receipts.issue_for_visitor(verdict) if verdict else ""
    if not code:
        return redirect(f"{reverse('api:check')}?{urlencode({'q': asked})}")
    page = reverse("api:receipt", args=[codes.shown(code)])
    return redirect(f"{page}?{urlencode({'lang': request.LANGUAGE_CODE})}")


def _answered(request: HttpRequest, template: str) -> HttpResponse:
    asked = picking.cleaned(request.GET.get("q", ""))
    return _page(request, template, asked, asking.ask_for_people(asked) if asked else [])


def _answer(verdict: Verdict, language: str) -> Answer:
    """An answer with the way to be told of its changes, where it is clear who is meant."""
    answer = answers.of(verdict, language)
    watched = watches.of_verdict(verdict)
    if watched is None:
        return answer
    return replace(answer, watch_url=contacting.watch_link(watched.name, language))


def _page(
    request: HttpRequest, template: str, asked: str, found: list[Verdict], entity: str = ""
) -> HttpResponse:
    return pages.show(
        request,
        template,
        asked=asked,
        entity=entity,
        answers=[_answer(verdict, request.LANGUAGE_CODE) for verdict in found],
        gives_receipts=receipts.ring() is not None,
        longest=picking.LONGEST,
    )
