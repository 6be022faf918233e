"""How `django-allauth` behaves here: accounts are made by administrators only."""

from __future__ import annotations

from typing import Any

from allauth.account import views
from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import URLPattern, path, re_path

from resmi.agency import access


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up and keeps quiet where a notice would only be noise."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: an administrator creates accounts."""
        return False

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Says nothing about signing in and out: the next page shows it."""
        template = kwargs.get("message_template") or (args[0] if args else "")
        if template not in _QUIET:
            super().add_message(request, level, *args, **kwargs)


_QUIET = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}
_sign_in = access.public("People sign in here.")
_reset = access.public("People who forgot their password can't sign in.")
_own = access.public("allauth itself asks for a signed-in account.")

urlpatterns: list[URLPattern] = [
    path("login/", _sign_in(views.login), name="account_login"),
    path("logout/", _own(views.logout), name="account_logout"),
    path("inactive/", _sign_in(views.account_inactive), name="account_inactive"),
    path("signup/", access.public("Says that it is closed.")(views.signup), name="account_signup"),
    path("password/change/", _own(views.password_change), name="account_change_password"),
    path("password/set/", _own(views.password_set), name="account_set_password"),
    path("password/reset/", _reset(views.password_reset), name="account_reset_password"),
    path(
        "password/reset/done/",
        _reset(views.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _reset(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        _reset(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
