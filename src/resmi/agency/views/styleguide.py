"""Every building block on one page, for people who build screens. Demo and test mode only."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from resmi.agency import access, forms

KINDS = ("waiting", "window", "breach", "healthy", "bot", "info")


@access.public("Shows no data, and only in demo and test mode.")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The style guide. 404 in production."""
    if settings.MODE not in ("demo", "test"):
        raise Http404
    now = timezone.now()
    values = {
        "kinds": KINDS,
        "form": forms.NewAccountForm({"email": "sari"}),
        "recent": now - timedelta(seconds=42),
        "long_ago": now - timedelta(minutes=3),
        "closes": now + timedelta(hours=21, minutes=14),
        "closes_soon": now + timedelta(minutes=40),
    }
    return render(request, "agency/styleguide.html", values)
