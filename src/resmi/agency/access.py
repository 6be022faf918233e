"""Every view says who may use it: `@requires("serve_citizens")` or `@public("reason")`.

A guard test walks all addresses and refuses a view that says neither.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from resmi.agency import rules
from resmi.agency.models import User

View = Callable[..., HttpResponseBase]
Check = Callable[[User, Any], bool]
AnyView = TypeVar("AnyView", bound=Callable[..., HttpResponseBase])


def requires(permission: rules.Permission) -> Callable[[View], View]:
    """Lets in signed-in staff whose role holds `permission`.

    Others: a page sends strangers to the sign-in page and back afterwards; a fragment asked for by
    htmx gets 401, so that what was typed stays on the screen. Signed in without the permission
    is 403. The permission stands on the view as `view.permission`.
    """
    if permission not in rules.PERMISSIONS:
        raise ValueError(f"There is no permission {permission!r}.")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated:
                return _ask_to_sign_in(request)
            if not can(user, permission):
                raise PermissionDenied(permission)
            _check_things(user, kwargs)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def can_see(user: User, argument: str, value: object) -> bool:
    """Whether this account may see the thing that `argument` of an address names by `value`.

    `SEEN_BY` in the settings says whom to ask, so that rooms above decide about their things, for
    all addresses that ever lead to them. What nobody decides about, whoever may use the view sees.
    """
    check = _checks().get(argument)
    return check is None or check(user, value)


@cache
def _checks() -> dict[str, Check]:
    return {argument: import_string(path) for argument, path in settings.SEEN_BY.items()}


def _check_things(user: User, arguments: dict[str, Any]) -> None:
    for argument, value in arguments.items():
        if not can_see(user, argument, value):
            raise Http404(argument)


def public(reason: str) -> Callable[[AnyView], AnyView]:
    """Declares that anybody may use a view, and why. The reason stands as `view.public_reason`."""

    def decorate(view: AnyView) -> AnyView:
        view.public_reason = reason  # type: ignore[attr-defined]
        return view

    return decorate


def can(user: object, permission: str) -> bool:
    """Whether this account is active and its role holds `permission`."""
    return isinstance(user, User) and user.is_active and rules.can(user.role, permission)


def staff(request: HttpRequest) -> User:
    """The signed-in account, for views behind `requires`."""
    return cast(User, request.user)


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        headers = {"Location": reverse("account_login"), "X-Resmi-Due": "sign-in"}
        return HttpResponse(status=401, headers=headers)
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return redirect_to_login(request.get_full_path())
    messages.warning(
        request, _("You were signed out, so nothing was changed: sign in and do it again.")
    )
    return redirect_to_login(page_of_form(request))


def page_of_form(request: HttpRequest) -> str:
    """The page a form was sent from, "" if it does not say or is another site's.

    Most addresses of forms show nothing of their own.
    """
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    is_ours = came.netloc == request.get_host()
    return came._replace(scheme="", netloc="", fragment="").geturl() if is_ours else ""
