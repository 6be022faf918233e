"""How staff sign in and are named: the agency's policy, and an account's other sessions."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from resmi.agency import access, forms, queries, services
from resmi.agency.models import User
from resmi.agency.policy import Policy


@access.requires("manage_staff")
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """Second factors, idle lock, names, and what agents of queues see."""
    form = forms.PolicyForm(request.POST or None, initial=_initial(queries.policy()))
    if request.method == "POST" and form.is_valid():
        services.put_policy(actor=access.staff(request), data=form.policy())
        messages.success(request, _("Saved. It holds from now on, everywhere within a second."))
        return redirect("agency:policy")
    status = 422 if request.method == "POST" else 200
    return render(request, "agency/policy.html", {"form": form}, status=status)


def _initial(held: Policy) -> dict[str, object]:
    return {name: getattr(held, name) for name in held.__struct_fields__}


@access.requires("manage_staff")
@require_POST
def sign_out_everywhere(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ends all sessions of an account."""
    account = get_object_or_404(User, pk=account_id)
    for session in UserSession.objects.filter(user=account):
        session.end()
    services.record_audit(
        actor=access.staff(request), action="sessions_ended", target=f"account:{account.pk}"
    )
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": account.name})
    return redirect("agency:change_account", account_id)


@access.requires("manage_staff")
@require_POST
def reset_factors(request: HttpRequest, account_id: int) -> HttpResponse:
    """Takes away the second factors of somebody who lost them."""
    account = get_object_or_404(User, pk=account_id)
    count, _kinds = Authenticator.objects.filter(user_id=account.pk).delete()
    services.record_audit(
        actor=access.staff(request),
        action="second_factors_reset",
        target=f"account:{account.pk}",
        after={"count": count},
    )
    messages.success(
        request, _("%(name)s can sign in with the password alone.") % {"name": account.name}
    )
    return redirect("agency:change_account", account_id)


@access.public("Says why a form was not taken.")
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was older than the sign-in; pages keep what was typed and load again."""
    response = render(request, "403_csrf.html", status=403)
    response["X-Resmi-Due"] = "reload"
    return response
