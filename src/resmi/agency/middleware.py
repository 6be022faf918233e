"""What every page goes through: compressed, in the account's language, ready for its stream."""

from __future__ import annotations

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation

from resmi.agency import access, live
from resmi.agency.live.rules import Mark

_DOORS = ("account_login", "mfa_authenticate", "agency:unlock")


class CompressedPages(GZipMiddleware):
    """Compresses pages and longer fragments; files have their own forms and stay as they are.

    Django pads what it compresses at random, so that its length tells nothing of a form's token.
    """

    SHORT = 1000

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Leaves alone what is no page, or too short to gain."""
        page = response.get("Content-Type", "").startswith("text/html")
        if not page or response.streaming or len(response.content) < self.SHORT:  # type: ignore[attr-defined]
            return response
        return super().process_response(request, response)


class AccountPreferences:
    """Stands after authentication. Before sign-in, `LocaleMiddleware`'s choice stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answers in the account's language and time zone."""
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        translation.activate(user.language)
        request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(ZoneInfo(user.time_zone)):
            return self.get_response(request)


class LivePosition:
    """Notes where the page's live stream begins, before the view reads anything.

    Without it, what is committed between reading and opening the stream would be missed. Only for
    whole pages: fragments come to a page whose stream already runs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Sets `request.live_position` when a browser asks for a document."""
        if _is_document(request) and request.user.is_authenticated:
            mark = Mark(live.position(), int(time.time()))
            request.live_position = str(mark)  # type: ignore[attr-defined]
        return self.get_response(request)


class FormsOnly:
    """A page for people who open an address that only takes forms.

    Programs and fragments keep the empty 405. Stands last: the page needs all that others set.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Says where the form is: on the page one came from, else at the place it belongs to."""
        response = self.get_response(request)
        if response.status_code != 405 or not _opens_a_page(request):
            return response
        return _forms_only(request, response.headers["Allow"])


def _is_document(request: HttpRequest) -> bool:
    """Whether a browser asks for a whole page. Without HTTPS no browser says so in a header."""
    headers = request.headers
    if headers.get("HX-Request") == "true":
        return False
    wanted = headers.get("Sec-Fetch-Dest")
    return wanted == "document" if wanted else "text/html" in headers.get("Accept", "")


def _opens_a_page(request: HttpRequest) -> bool:
    """Whether somebody is to read the answer: browsers ask for HTML by its name."""
    is_read = request.method in ("GET", "HEAD")
    return is_read and "text/html" in request.headers.get("Accept", "") and _is_document(request)


def _forms_only(request: HttpRequest, allowed: str) -> HttpResponse:
    response = render(request, "405.html", {"back": _way_back(request)}, status=405)
    response.headers["Allow"] = allowed
    return response


def _way_back(request: HttpRequest) -> str:
    """The page one came from; "" if it only led on to this address, as signing in does."""
    page = access.page_of_form(request)
    led_on = (request.path, *(reverse(name) for name in _DOORS))
    return "" if page.partition("?")[0] in led_on else page
