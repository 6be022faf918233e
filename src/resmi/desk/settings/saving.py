"""How every settings page answers: shown, previewed, or saved."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def is_preview(request: HttpRequest) -> bool:
    """Whether the form only asks what the change would have done."""
    return request.POST.get("do") == "preview"


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page; 422 when what was written can't be taken."""
    refused = request.method == "POST" and not context["form"].is_valid()
    return render(request, template, context, status=422 if refused else 200)
