"""Messages that failed, or whose fate nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST, require_safe

from resmi.agency.access import requires, staff
from resmi.agency.models import User
from resmi.channels import operating
from resmi.channels.models import Delivery
from resmi.conversations import queries
from resmi.desk import alarms
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting
from resmi.engine import content

PAGE = 50
_SENT = ngettext_lazy(
    "%(count)d message is sent again.", "%(count)d messages are sent again.", "count"
)
_LEFT = ngettext_lazy(
    "%(count)d message was taken off the list.",
    "%(count)d messages were taken off the list.",
    "count",
)
_GONE = ngettext_lazy(
    "%(count)d message is not on the list any more.",
    "%(count)d messages are not on the list any more.",
    "count",
)


@dataclass(frozen=True)
class Row:
    """A delivery with a line of what it says."""

    delivery: Delivery
    preview: str


@requires("watch_floor")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Newest first, with the reason and the way to the conversation."""
    rows = alarms.troubled_deliveries().select_related("channel").order_by("-updated_at", "-id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = [Row(delivery, _preview(delivery)) for delivery in page.object_list]
    context = {"page_obj": page, "rows": shown, "days": alarms.DELIVERIES_DAYS}
    return render(request, "desk/deliveries.html", context)


@requires("operate_channels")
@require_POST
def resend(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Queues it again."""
    return _decided(request, delivery_id, _resend, _("It is sent again."))


def _resend(*, actor: User, delivery_id: int) -> bool:
    talk = Delivery.objects.filter(pk=delivery_id).values_list("conversation", flat=True).first()
    closes_at = queries.window_closes_at(talk) if talk else None
    return operating.resend_delivery(
        actor=actor, delivery_id=delivery_id, window_closes_at=closes_at
    )


@requires("operate_channels")
@require_POST
def drop(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Takes it off the list."""
    return _decided(request, delivery_id, operating.drop_delivery, _("Taken off the list."))


@requires("operate_channels")
@require_POST
def resend_chosen(request: HttpRequest) -> HttpResponse:
    """Queues those chosen again, the oldest first."""
    return _all_decided(request, _resend, _SENT)


@requires("operate_channels")
@require_POST
def drop_chosen(request: HttpRequest) -> HttpResponse:
    """Takes those chosen off the list."""
    return _all_decided(request, operating.drop_delivery, _LEFT)


def _all_decided(request: HttpRequest, decide: Callable[..., bool], words: Any) -> HttpResponse:
    numbers = {whole_number(one) for one in request.POST.getlist("delivery")[:PAGE]}
    chosen, done, actor = sorted(numbers - {0}), list[bool](), staff(request)
    if not chosen:
        messages.warning(request, _("Choose at least one message."))
        return redirect("desk:deliveries")
    acting.once_only(
        request, lambda: done.extend(decide(actor=actor, delivery_id=one) for one in chosen)
    )
    if count := done.count(True):
        messages.success(request, words % {"count": count})
    if gone := done.count(False):
        messages.warning(request, _GONE % {"count": gone})
    return redirect("desk:deliveries")


def _decided(
    request: HttpRequest, delivery_id: int, decide: Callable[..., bool], words: str
) -> HttpResponse:
    done: list[bool] = []
    acting.once_only(
        request, lambda: done.append(decide(actor=staff(request), delivery_id=delivery_id))
    )
    if done and not done[0]:
        messages.warning(request, _("This message is not on the list any more."))
    else:
        messages.success(request, words)
    return redirect("desk:deliveries")


def _preview(delivery: Delivery) -> str:
    return content.preview(content.decode_outbound(bytes(delivery.content)))
