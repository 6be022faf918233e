"""Messages that failed, or whose fate nobody knows."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from resmi.agency.access import requires
from resmi.channels.models import Delivery
from resmi.desk import alarms
from resmi.engine import content

PAGE = 50


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


def _preview(delivery: Delivery) -> str:
    return content.preview(content.decode_outbound(bytes(delivery.content)))
