"""The channels: whether each sends, why not, and stopping or restarting it."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from resmi.agency.access import requires, staff
from resmi.channels import operating
from resmi.channels.models import Channel, Delivery
from resmi.desk.views import acting

LONGEST_NAME = 100


@requires("operate_channels")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All channels with what waits to be sent on each."""
    queued = dict(
        Delivery.objects.filter(pending=1, status="queued", purpose="message")
        .values_list("channel_id")
        .annotate(count=Count("id"))
    )
    rows = [(channel, queued.get(channel.pk, 0)) for channel in Channel.objects.order_by("id")]
    return render(request, "desk/channels.html", {"rows": rows, "longest": LONGEST_NAME})


@requires("operate_channels")
@require_POST
def pause(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Stops sending; what is queued stays queued."""
    reason = _("Stopped by %(name)s") % {"name": staff(request).name}
    acting.once_only(
        request,
        lambda: operating.pause_channel(actor=staff(request), channel_id=channel_id, reason=reason),
    )
    messages.success(request, _("Nothing is sent on it now. What citizens write still comes in."))
    return redirect("desk:channels")


@requires("operate_channels")
@require_POST
def name(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Names it: a channel begins with its bare number."""
    chosen = " ".join(request.POST.get("name", "").replace("\0", "").split())[:LONGEST_NAME]
    if not chosen:
        messages.error(request, _("Give it a name, such as that of the service."))
        return redirect("desk:channels")
    acting.once_only(
        request,
        lambda: operating.name_channel(actor=staff(request), channel_id=channel_id, name=chosen),
    )
    messages.success(request, _("The channel is called %(name)s now.") % {"name": chosen})
    return redirect("desk:channels")


@requires("operate_channels")
@require_POST
def resume(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Sends again, beginning with what is queued."""
    acting.once_only(
        request,
        lambda: operating.resume_channel(actor=staff(request), channel_id=channel_id),
    )
    messages.success(request, _("It sends again. If the channel still refuses, it stops again."))
    return redirect("desk:channels")
