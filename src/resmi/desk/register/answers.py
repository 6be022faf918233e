"""Answers somebody calls false."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import access
from resmi.agency.access import requires, staff
from resmi.conversations import queries
from resmi.desk.numbers import whole_number
from resmi.desk.register import doing
from resmi.desk.views import acting
from resmi.engine import events
from resmi.registry import reporting
from resmi.registry.models import FalseAnswer

PAGE = 25


@requires("manage_register")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Open reports, newest first; `?show=done` the decided ones."""
    done = request.GET.get("show") == "done"
    rows = FalseAnswer.objects.select_related("reported_by", "decided_by")
    rows = rows.exclude(outcome="") if done else rows.filter(outcome="")
    page = Paginator(rows.order_by("-reported_at", "-id"), PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/register/answers.html", {"page_obj": page, "done": done})


@requires("manage_register")
def one(request: HttpRequest, report_id: int) -> HttpResponse:
    """The answer then beside today's, and the decision."""
    made = get_object_or_404(
        FalseAnswer.objects.select_related("reported_by", "decided_by"), pk=report_id
    )
    if request.method == "POST":
        outcome = request.POST.get("outcome", "")
        if outcome not in FalseAnswer.Outcome.values:
            raise Http404("No such outcome")

        def do() -> None:
            reporting.decide(
                actor=staff(request),
                report_id=report_id,
                outcome=outcome,
                decision=request.POST.get("decision", ""),
            )

        if doing.done(request, do, _("Noted.")):
            return redirect("desk:false_answers")
        return redirect("desk:false_answer", report_id)
    then, today = reporting.replay(made)
    context = {"report": made, "then": then, "today": today, "outcomes": FalseAnswer.Outcome}
    return render(request, "desk/register/answer.html", context)


@requires("serve_citizens")
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """An agent says that an answer in a conversation was wrong."""
    conversation = whole_number(request.POST.get("conversation"))
    seq = whole_number(request.POST.get("seq"))
    if not access.can_see(staff(request), "conversation_id", conversation):
        raise Http404("No such answer")
    verdict = _logged(conversation, seq)

    def do() -> None:
        reporting.report(
            actor=staff(request),
            query=str(verdict.get("query", "")),
            verdict=verdict,
            conversation=conversation,
            seq=seq,
            comment=request.POST.get("comment", "").replace("\0", ""),
        )

    acting.once_only(request, do)
    if acting.is_fragment(request):
        return render(request, "desk/register/_reported.html")
    messages.success(request, _("Thank you: the people who keep the register will look at it."))
    return redirect("desk:conversation", conversation)


def _logged(conversation: int, seq: int) -> dict[str, Any]:
    for line in queries.thread_lines(conversation, [seq]):
        if isinstance(line.payload, events.VerdictGiven):
            return line.payload.verdict
    raise Http404("No such answer")
