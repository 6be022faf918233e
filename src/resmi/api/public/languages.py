"""The language of a page without an account: `?lang=` first, then what the browser asks for.

No cookie decides, so that pages can be kept by caches and links show what their sender saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import trans_real

KNOWN = frozenset(code for code, _ in settings.LANGUAGES)


def of(request: HttpRequest) -> str:
    """The language to answer in."""
    asked = request.POST.get("lang") or request.GET.get("lang") or ""
    if asked in KNOWN:
        return asked
    accepted = request.headers.get("Accept-Language", "")[:500]
    for tag, _weight in trans_real.parse_accept_lang_header(accepted):
        language = tag.partition("-")[0]
        if language in KNOWN:
            return language
    return settings.LANGUAGE_CODE


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Everything inside is said in that language."""
    with translation.override(language):
        yield
