"""What every page goes through: compressed, in the account's language, ready for its stream."""

from __future__ import annotations

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation

from resmi.agency import live
from resmi.agency.live.rules import Mark


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
        headers = request.headers
        if headers.get("Sec-Fetch-Dest") == "document" and request.user.is_authenticated:
            mark = Mark(live.position(), int(time.time()))
            request.live_position = str(mark)  # type: ignore[attr-defined]
        return self.get_response(request)
