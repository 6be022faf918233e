"""What stands between signing in and the screens: a second factor that is due, the idle lock.

Being signed in is not enough for an account that must have a second factor and has none: it is led
to setting one up. Nor for a session nobody has touched for longer than the policy allows: it is
locked until the person says again who they are; what is on the screen stays there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from resmi.agency import queries
from resmi.agency.models import User

Due = Literal["", "factor", "unlock"]
LOCKED = "locked"
ACTIVE = "active_at"
_GRACE_S = 60
_ALLOWED = ("/accounts/", "/account/theme/", "/account/language/", "/static/")
_UNLOCK = ("/accounts/logout/", "/account/lock/", "/account/unlock/", "/account/active/")
_UNLOCK_TOO = ("/account/theme/", "/account/language/", "/static/")


def due(user: User, session: SessionBase) -> Due:
    """What this session still has to do before it may go on."""
    policy = queries.policy()
    if is_locked(session, policy.idle_minutes, time.time()):
        return "unlock"
    if user.role in policy.second_factor and not has_factor(user):
        if policy.sign_on_is_second_factor and _signed_on(session):
            return ""
        return "factor"
    return ""


def is_locked(session: SessionBase, idle_minutes: int, now: float) -> bool:
    """Whether it was locked, or nobody touched it for longer than allowed."""
    if session.get(LOCKED):
        return True
    active = session.get(ACTIVE)
    return bool(idle_minutes and active and now - active > idle_minutes * 60 + _GRACE_S)


def has_factor(user: User) -> bool:
    """Whether an app or a key is set up; recovery codes alone do not count."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists())


def _signed_on(session: SessionBase) -> bool:
    records = session.get("account_authentication_methods", [])
    return any(record.get("method") == "socialaccount" for record in records)


def touch(session: SessionBase) -> None:
    """Notes that somebody is there."""
    session[ACTIVE] = int(time.time())


class Gate:
    """Lets requests of signed-in people through only when nothing is due."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Leads pages to what is due; fragments get 401 and where to go."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        what = due(request.user, request.session)
        if what and not _is_allowed(request.path, what):
            return _lead(request, what)
        if not what:
            _note_active(request)
        return self.get_response(request)


def _is_allowed(path: str, what: Due) -> bool:
    if what == "unlock":
        return path.startswith((*_UNLOCK, *_UNLOCK_TOO))
    return path.startswith(_ALLOWED) or path.startswith("/account/lock/")


def _lead(request: HttpRequest, what: Due) -> HttpResponse:
    place = reverse("agency:unlock" if what == "unlock" else "mfa_index")
    whole_page = request.method == "GET" and request.headers.get("HX-Request") != "true"
    if not whole_page or request.headers.get("Sec-Fetch-Dest", "document") != "document":
        return HttpResponse(status=401, headers={"Location": place, "X-Resmi-Due": what})
    return redirect(f"{place}?{urlencode({'next': request.get_full_path()})}")


def _note_active(request: HttpRequest) -> None:
    """A page somebody asked for; what a page fetches by itself says nothing."""
    if queries.policy().idle_minutes and request.headers.get("Sec-Fetch-Dest") == "document":
        touch(request.session)
