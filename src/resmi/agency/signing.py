"""Writes down who signed in and out, who failed to, and what people changed about signing in."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from django.contrib.auth import signals
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest

from resmi.agency import services
from resmi.agency.models import User


def signed_in(sender: object, request: HttpRequest | None, user: User, **_: Any) -> None:
    """Somebody signed in, with all that was asked of them."""
    services.record_audit(
        actor=user, action="signed_in", target=f"account:{user.pk}", after=_from(request)
    )


def signed_out(sender: object, request: HttpRequest | None, user: User | None, **_: Any) -> None:
    """Somebody signed out."""
    if user is not None:
        services.record_audit(
            actor=user, action="signed_out", target=f"account:{user.pk}", after=_from(request)
        )


def failed(
    sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """A password was wrong, or nobody has this address; what was typed as password is not kept."""
    typed = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    user = User.objects.filter(email__iexact=typed).first() if typed else None
    values = _from(request)
    if user is None and _is_address(typed):
        values["email"] = typed[:254]
    services.record_audit(
        actor=None,
        action="sign_in_failed",
        target=f"account:{user.pk}" if user else "",
        after=values,
    )


def code_refused(request: HttpRequest | None, user: User) -> None:
    """The password was right, the second factor was not."""
    services.record_audit(
        actor=None,
        action="second_factor_refused",
        target=f"account:{user.pk}",
        after=_from(request),
    )


def sign_on_refused(request: HttpRequest | None, email: str, why: str) -> None:
    """The provider knows who came; we do not let them in."""
    services.record_audit(
        actor=None,
        action="sign_on_refused",
        after={"why": why, "email": email[:254], **_from(request)},
    )


def factor_added(sender: object, user: User, authenticator: Any, **kwargs: Any) -> None:
    """A second factor was set up."""
    _factor("second_factor_added", user, authenticator, kwargs.get("request"))


def factor_removed(sender: object, user: User, authenticator: Any, **kwargs: Any) -> None:
    """A second factor was taken away."""
    _factor("second_factor_removed", user, authenticator, kwargs.get("request"))


def factor_reset(sender: object, user: User, authenticator: Any, **kwargs: Any) -> None:
    """New recovery codes were made."""
    _factor("recovery_codes_made", user, authenticator, kwargs.get("request"))


def password_changed(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    """Somebody changed their own password."""
    services.record_audit(
        actor=user, action="password_changed", target=f"account:{user.pk}", after=_from(request)
    )


def _factor(action: str, user: User, authenticator: Any, request: HttpRequest | None) -> None:
    services.record_audit(
        actor=user,
        action=action,
        target=f"account:{user.pk}",
        after={"kind": str(authenticator.type), **_from(request)},
    )


def _from(request: HttpRequest | None) -> dict[str, Any]:
    if request is None or "REMOTE_ADDR" not in request.META:
        return {}
    try:
        return {"address": get_adapter().get_client_ip(request)}
    except PermissionDenied:  # fewer proxies than the settings say
        return {}


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


mfa.authenticator_added.connect(factor_added)
mfa.authenticator_removed.connect(factor_removed)
mfa.authenticator_reset.connect(factor_reset)
signals.user_logged_in.connect(signed_in)
signals.user_logged_out.connect(signed_out)
signals.user_login_failed.connect(failed)
account.password_changed.connect(password_changed)
account.password_reset.connect(password_changed)
