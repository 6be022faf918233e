"""Incoming items that nobody could handle: what they are, why, and another try."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import services as agency
from resmi.agency.access import requires, staff
from resmi.channels import replaying
from resmi.channels.models import Inbound
from resmi.desk.views import acting

PAGE = 50
RAW_SHOWN = 20_000


@requires("operate_channels")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Parked and unparsed items, newest first."""
    rows = (
        Inbound.objects.filter(status__in=replaying.WAITING_FOR_PEOPLE)
        .select_related("channel")
        .defer("raw", "envelope")
        .order_by("-id")
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "unknown_numbers": replaying.unknown_numbers(),
        "replay": replaying.progress(),
    }
    return render(request, "desk/inbound.html", context)


@requires("operate_channels")
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """How far the workers got with what was replayed; at the end the page is fetched anew."""
    replay = replaying.progress()
    answer = render(request, "desk/_replay.html", {"replay": replay})
    if replay is None:
        answer.headers["HX-Refresh"] = "true"
    return answer


@requires("operate_channels")
@require_safe
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """One item with its raw bytes; looking at it is written down."""
    row = get_object_or_404(Inbound.objects.select_related("channel"), pk=item_id)
    agency.record_audit(actor=staff(request), action="inbound_viewed", target=f"inbound:{item_id}")
    raw = bytes(row.raw)
    context = {
        "item": row,
        "raw": raw[:RAW_SHOWN].decode("utf-8", "backslashreplace"),
        "envelope": bytes(row.envelope)[:RAW_SHOWN].decode("utf-8", "backslashreplace"),
        "cut": max(0, len(raw) - RAW_SHOWN),
        "size": len(raw),
        "may_replay": row.status in replaying.WAITING_FOR_PEOPLE,
    }
    return render(request, "desk/inbound_item.html", context)


@requires("operate_channels")
@require_POST
def replay(request: HttpRequest, item_id: int) -> HttpResponse:
    """Gives the item to the worker once more."""
    done: list[bool] = []
    acting.once_only(
        request,
        lambda: done.append(replaying.replay_inbound(actor=staff(request), inbound_id=item_id)),
    )
    if done and not done[0]:
        messages.warning(request, _("This item is not waiting, or belongs to no channel."))
    else:
        messages.success(request, _("Replayed: if it fails again, it comes back here."))
    return redirect("desk:inbound")


@requires("operate_channels")
@require_POST
def replay_all(request: HttpRequest) -> HttpResponse:
    """Gives everything that waits to the workers once more."""
    counts: list[int] = []
    acting.once_only(request, lambda: counts.append(replaying.replay_all(actor=staff(request))))
    _tell_count(request, sum(counts))
    return redirect("desk:inbound")


@requires("operate_channels")
@require_POST
def take_on(request: HttpRequest) -> HttpResponse:
    """Makes an unknown number ours and replays what was parked for it."""
    counts: list[int] = []
    number = request.POST.get("number", "")
    acting.once_only(
        request,
        lambda: counts.append(replaying.take_on_number(actor=staff(request), number=number)),
    )
    _tell_count(request, sum(counts))
    return redirect("desk:inbound")


def _tell_count(request: HttpRequest, count: int) -> None:
    words = ngettext(
        "%(count)d item replayed: if it fails again, it comes back here.",
        "%(count)d items replayed: those that fail again come back here.",
        count,
    )
    messages.success(request, words % {"count": count})
