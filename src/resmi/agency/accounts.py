"""How `django-allauth` behaves here: accounts are made by administrators only."""

from __future__ import annotations

from typing import Any

from allauth.account import views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as sign_on
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions import views as sessions
from django.http import HttpRequest
from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext_lazy

from resmi.agency import access


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up and keeps quiet where a notice would only be noise."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": gettext_lazy(
            "Too many failed attempts. Wait five minutes, then try again."
        ),
        "enter_current_password": gettext_lazy("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: an administrator creates accounts."""
        return False

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Says nothing of what the next page shows: signing in and out, new codes."""
        template = kwargs.get("message_template") or (args[0] if args else "")
        if template not in _QUIET:
            super().add_message(request, level, *args, **kwargs)


_QUIET = {
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    "mfa/messages/recovery_codes_generated.txt",
}
_sign_in = access.public("People sign in here.")
_reset = access.public("People who forgot their password can't sign in.")
_own = access.public("allauth itself asks for a signed-in account.")

urlpatterns: list[URLPattern] = [
    path("login/", _sign_in(views.login), name="account_login"),
    path("logout/", _own(views.logout), name="account_logout"),
    path("inactive/", _sign_in(views.account_inactive), name="account_inactive"),
    path("signup/", access.public("Says that it is closed.")(views.signup), name="account_signup"),
    path("reauthenticate/", _own(views.reauthenticate), name="account_reauthenticate"),
    path("sessions/", _own(sessions.list_usersessions), name="usersessions_list"),
    path("2fa/", _own(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", _sign_in(mfa.authenticate), name="mfa_authenticate"),
    path("2fa/reauthenticate/", _own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/app/", _own(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/app/remove/", _own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/codes/", _own(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/codes/new/",
        _own(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/codes/download/",
        _own(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("2fa/keys/", _own(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("2fa/keys/add/", _own(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        "2fa/keys/reauthenticate/",
        _own(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/keys/login/", _sign_in(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("2fa/keys/<int:pk>/remove/", _own(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("2fa/keys/<int:pk>/edit/", _own(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("oidc/<provider_id>/login/", _sign_in(oidc.login), name="openid_connect_login"),
    path(
        "oidc/<provider_id>/login/callback/",
        _sign_in(oidc.callback),
        name="openid_connect_callback",
    ),
    path(
        "oidc/cancelled/", _sign_in(sign_on.login_cancelled), name="socialaccount_login_cancelled"
    ),
    path("oidc/error/", _sign_in(sign_on.login_error), name="socialaccount_login_error"),
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
