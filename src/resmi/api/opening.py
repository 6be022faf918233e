"""Lets programs of other sites in: any origin, a rate limit, answers that may be kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from resmi.agency import access
from resmi.api import limits
from resmi.api.limits import Limit

View = Callable[..., HttpResponseBase]
KEEP_S = 60


def to_programs(
    reason: str, limit: Limit = limits.PROGRAMS, *, methods: str = "GET, HEAD, OPTIONS"
) -> Callable[[View], View]:
    """Opens a view to everybody's programs. `reason` is why it is public."""

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "OPTIONS":
                return _allowed(HttpResponse(status=204), methods)
            if not limits.take(request, limit):
                return _allowed(_wait(limit), methods)
            response = view(request, *args, **kwargs)
            if request.method in ("GET", "HEAD") and response.status_code == 200:
                response.headers.setdefault("Cache-Control", f"public, max-age={KEEP_S}")
            return _allowed(response, methods)

        return access.public(reason)(opened)

    return decorate


def refusal(status: int, error: str, message: str, **more: Any) -> JsonResponse:
    """A refusal programs can read: a word for them, a sentence for people."""
    return JsonResponse({"error": error, "message": message, **more}, status=status)


def _wait(limit: Limit) -> JsonResponse:
    response = refusal(
        429,
        "too_many_requests",
        _("You asked more often than we can answer. Wait a little, then go on slower."),
        retry_after_s=limit.retry_after_s,
    )
    response.headers["Retry-After"] = str(limit.retry_after_s)
    response.headers["Cache-Control"] = "no-store"
    return response


def _allowed(response: HttpResponseBase, methods: str) -> HttpResponseBase:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = methods
    response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response
