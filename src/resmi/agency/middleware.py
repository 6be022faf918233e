"""Shows every page in the account's own language and time zone, and ready for its live stream."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation


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
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[assignment]
        with timezone.override(ZoneInfo(user.time_zone)):
            return self.get_response(request)
