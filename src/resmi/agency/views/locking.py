"""The idle lock: a session nobody touches asks who is there; what is on the screen stays."""

from __future__ import annotations

import time

from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from resmi.agency import access, entrance, forms, queries, services


@access.requires("use_account")
@require_POST
def active(request: HttpRequest) -> HttpResponse:
    """Somebody is there: sent by the page while keys and pointer move."""
    if not request.session.get(entrance.LOCKED):
        entrance.touch(request.session)
    return HttpResponse(status=204)


@access.requires("use_account")
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Locks the session, unless somebody is active in another tab (409)."""
    minutes = queries.policy().idle_minutes
    active_at = request.session.get(entrance.ACTIVE, 0)
    if request.POST.get("idle") == "1" and time.time() - active_at < minutes * 60:
        return HttpResponse(status=409)
    if not request.session.get(entrance.LOCKED):
        request.session[entrance.LOCKED] = True
        user = access.staff(request)
        services.record_audit(actor=user, action="session_locked", target=f"account:{user.pk}")
    if request.POST.get("page"):
        return redirect("agency:unlock")
    return HttpResponse(status=204)


@access.requires("use_account")
@never_cache
@require_http_methods(["GET", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """Asks for the password or a passkey; then all goes on. JSON for the dialog on a page."""
    wants_json = request.headers.get("Accept") == "application/json"
    if request.method == "GET" and wants_json:
        options = begin_authentication(access.staff(request))
        return JsonResponse({"request_options": options})
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        request.session.pop(entrance.LOCKED, None)
        entrance.touch(request.session)
        user = access.staff(request)
        services.record_audit(actor=user, action="session_unlocked", target=f"account:{user.pk}")
        return HttpResponse(status=204) if wants_json else redirect(_way_back(request))
    if wants_json:
        return JsonResponse({"errors": _said(form)}, status=422)
    context = {"form": forms.ConfirmForm(user=access.staff(request)), "next": _way_back(request)}
    if request.method == "POST":
        context["errors"] = _said(form)
    return render(
        request, "agency/unlock.html", context, status=422 if request.method == "POST" else 200
    )


def _form(request: HttpRequest) -> forms.ConfirmForm | ReauthenticateWebAuthnForm:
    user = access.staff(request)
    if "credential" in request.POST:
        return ReauthenticateWebAuthnForm(user=user, data=request.POST)
    return forms.ConfirmForm(user=user, data=request.POST or None)


def _said(form: Form) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next", "")
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure())
    return target if safe else "/"
