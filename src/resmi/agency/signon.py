"""Single sign-on with the agency's OpenID Connect provider: who comes in, and with which role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from resmi.agency import rules, services, signing
from resmi.agency.models import User


def role_of(groups: object, mapping: Mapping[str, str]) -> str:
    """The role of the first entry of `mapping` that is among the claim's values, or nothing."""
    held = {groups} if isinstance(groups, str) else set(_words(groups))
    return next((role for group, role in mapping.items() if group in held), "")


def _words(groups: object) -> Iterable[str]:
    return [one for one in groups if isinstance(one, str)] if isinstance(groups, list) else []


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by it: accounts are known by address, or made if the settings say so."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Whoever is let in has an account by now."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Finds or makes the account and gives it its role; else says why not."""
        claims = _claims(sociallogin.account.extra_data)
        mapping, known = settings.SIGN_ON["roles"], sociallogin.is_existing
        role = role_of(claims.get(settings.SIGN_ON["claim"]), mapping)
        if mapping and role not in rules.ROLES:
            _refuse(request, claims, "no_role", _("None of your groups has a role here."))
        user = sociallogin.user if known else self._account(request, claims, role)
        if role:
            services.follow_sign_on(account_id=user.pk, role=role)
            user.role = role
        if not known:
            sociallogin.connect(request, user)

    def _account(self, request: HttpRequest, claims: Mapping[str, Any], role: str) -> User:
        email = str(claims.get("email") or "").strip().lower()
        if not email or claims.get("email_verified") is False:
            _refuse(request, claims, "no_address", _("It gave no confirmed e-mail address."))
        user = User.objects.filter(email__iexact=email).first()
        if user is None and role and settings.SIGN_ON["creates"]:
            user = services.create_account(
                actor=None, email=email, name=_name(claims, email), role=role, password=None
            )
        if user is None:
            _refuse(request, claims, "no_account", _("You have no account here yet."))
        assert user is not None
        return user


def _claims(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider says, in its token and when asked."""
    told = {**dict(data.get("id_token") or {}), **dict(data.get("userinfo") or {})}
    return told or dict(data)


def _name(claims: Mapping[str, Any], email: str) -> str:
    return str(claims.get("name") or email.partition("@")[0])[:200]


def _refuse(request: HttpRequest, claims: Mapping[str, Any], code: str, why: str) -> None:
    signing.sign_on_refused(request, str(claims.get("email") or ""), code)
    page = render(request, "socialaccount/refused.html", {"why": why}, status=403)
    raise ImmediateHttpResponse(page)
