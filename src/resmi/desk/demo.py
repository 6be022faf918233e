"""The demo page: the phone beside the desk, and sign-in by one-time link.

Exists in `RESMI_MODE=demo` only, and answers only to this machine by its loopback names, so that
neither another machine nor a page elsewhere can sign anybody in.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from resmi.agency import access
from resmi.agency.models import Role, User
from resmi.routing import services as routing

SALT = "resmi.desk.demo"
TICKET_S = 12 * 3600
# Two names of one machine: cookies are kept per name, so two people can be signed in at once.
TWINS = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

View = Callable[..., HttpResponse]


def only_here(view: View) -> View:
    """404 unless this is a demo and both ends are this machine."""

    @wraps(view)
    def guarded(request: HttpRequest, **parts: str) -> HttpResponse:
        if settings.MODE != "demo" or not _is_local(request):
            raise Http404
        return view(request, **parts)

    return access.public("Demo only, from this machine only: invented people and companies.")(
        guarded
    )


@only_here
@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The phone on the left, the desk of an agent on the right, and the way to the floor."""
    agents = User.objects.filter(role=Role.AGENT, is_active=True).order_by("id")
    supervisor = User.objects.filter(role=Role.SUPERVISOR, is_active=True).order_by("id").first()
    chosen = agents.filter(email=request.GET.get("as", "")).first() or agents.first()
    if chosen is None or supervisor is None:
        raise Http404
    context = {
        "simulator": settings.SIMULATOR_URL,
        "agents": agents,
        "chosen": chosen,
        "desk": _link(chosen),
        "supervisor": supervisor,
        "floor": _twin(request) + _link(supervisor),
    }
    return render(request, "desk/demo.html", context)


@only_here
@never_cache
@require_safe
def sign_in(request: HttpRequest, ticket: str) -> HttpResponse:
    """Signs in whom the ticket names, once; a used ticket still leads back to one's own desk."""
    try:
        held = signing.loads(ticket, salt=SALT, max_age=TICKET_S)
    except signing.BadSignature as error:
        raise Http404 from error
    account = User.objects.filter(pk=held["account"], is_active=True).first()
    if account is None:
        raise Http404
    if request.user.pk != account.pk:
        if not cache.add(f"{SALT}:{held['nonce']}", True, TICKET_S):
            raise Http404
        login(request, account, backend=BACKEND)
        if account.role == Role.AGENT:
            routing.set_presence(actor=account, agent_id=account.pk, status="available")
    return redirect("desk:floor" if account.role == Role.SUPERVISOR else "desk:desk")


def _link(account: User) -> str:
    held = {"account": account.pk, "nonce": secrets.token_hex(16)}
    return reverse("demo_sign_in", args=[signing.dumps(held, salt=SALT)])


def _twin(request: HttpRequest) -> str:
    name, colon, port = request.get_host().partition(":")
    return f"http://{TWINS.get(name, name)}{colon}{port}"


def _is_local(request: HttpRequest) -> bool:
    name = request.get_host().partition(":")[0]
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return name in TWINS and address.is_loopback


urlpatterns: list[URLPattern] = [
    path("", page, name="demo"),
    path("as/<str:ticket>/", sign_in, name="demo_sign_in"),
]
