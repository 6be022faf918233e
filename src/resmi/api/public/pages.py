"""What every page without an account has in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import conditional_page

from resmi.agency import access
from resmi.api import limits
from resmi.api.limits import Limit
from resmi.api.public import answers, languages

View = Callable[..., HttpResponse]
KEEP_S = 60


def page(
    reason: str, limit: Limit = limits.PAGES, *, keep_s: int = KEEP_S
) -> Callable[[View], View]:
    """Makes a view public: a language, a rate limit, and headers that let caches keep it.

    `reason` is why it is public. The view gets `request.LANGUAGE_CODE` as the language to speak.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            language = languages.of(request)
            request.LANGUAGE_CODE = language
            with languages.spoken(language):
                if limits.take(request, limit):
                    response = view(request, *args, **kwargs)
                else:
                    response = _wait(request, limit)
            response.headers["Content-Language"] = language
            keep = response.status_code == 200 and request.method in ("GET", "HEAD")
            response.headers.setdefault(
                "Cache-Control", f"public, max-age={keep_s}" if keep else "no-store"
            )
            patch_vary_headers(response, ["Accept-Language"])
            return response

        return access.public(reason)(conditional_page(shown))

    return decorate


def show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Renders a page; it knows the agency and the other languages."""
    language = request.LANGUAGE_CODE
    own = {
        "language": language,
        "agency": answers.agency(language),
        "account": answers.account(language),
        "others": [
            {"code": code, "name": name, "url": _in_language(request, code)}
            for code, name in settings.LANGUAGES
        ],
    }
    return render(request, template, {**own, **context}, status=status)


def _in_language(request: HttpRequest, code: str) -> str:
    query = request.GET.copy()
    query["lang"] = code
    return f"{request.path}?{query.urlencode()}"


def _wait(request: HttpRequest, limit: Limit) -> HttpResponse:
    response = show(request, "api/wait.html", status=429, seconds=limit.retry_after_s)
    response.headers["Retry-After"] = str(limit.retry_after_s)
    return response
