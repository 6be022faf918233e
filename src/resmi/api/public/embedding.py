"""The script other sites include to show the box on their pages."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page, require_safe

from resmi.agency import access

SCRIPT = Path(__file__).resolve().parent.parent / "static" / "api" / "embed.js"
KEEP_S = 3600


@access.public("Other sites include this script.")
@require_safe
@conditional_page
def script(request: HttpRequest) -> HttpResponse:
    """`<script async src="https://…/check/embed.js" data-lang="id"></script>` shows the box."""
    response = HttpResponse(_source(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={KEEP_S}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@lru_cache(maxsize=1)
def _source() -> bytes:
    return SCRIPT.read_bytes()
