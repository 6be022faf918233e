"""What everybody does with their own account: home, profile, theme, language."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import access, context, forms, services

_YEAR = 31_536_000


@access.requires("use_account")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Sends people to the first place their role may enter."""
    places = context.links(request)
    return redirect(places[0].url if places else "agency:profile")


@access.requires("use_account")
def profile(request: HttpRequest) -> HttpResponse:
    """Name and preferences of the signed-in account."""
    user = access.staff(request)
    form = forms.ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        services.change_preferences(actor=user, **form.cleaned_data)
        response = redirect("agency:profile")
        _remember(response, settings.LANGUAGE_COOKIE_NAME, user.language)
        _remember(response, context.THEME_COOKIE, user.theme)
        messages.success(request, _("Your preferences are saved."))
        return response
    status = 422 if request.method == "POST" else 200
    return render(request, "agency/profile.html", {"form": form}, status=status)


@access.public("The sign-in page has a light and a dark side too.")
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Stores the theme on the account, or in a cookie before sign-in."""
    chosen = request.POST.get("theme", "")
    if chosen not in context.THEMES:
        return HttpResponseBadRequest()
    if request.user.is_authenticated:
        services.change_preferences(actor=access.staff(request), theme=chosen)
    if request.headers.get("Accept") == "application/json":
        response = HttpResponse(status=204)
    else:
        response = redirect(_way_back(request))
    _remember(response, context.THEME_COOKIE, chosen)
    return response


@access.public("People who can't read the sign-in page must be able to change its language.")
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Stores the language on the account, or in a cookie before sign-in."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    if request.user.is_authenticated:
        services.change_preferences(actor=access.staff(request), language=chosen)
    response = redirect(_way_back(request))
    _remember(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure()):
        return target
    return "/"


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=_YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
