"""Accounts, for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import access, errors, forms, navigation, queries, services
from resmi.agency.models import User

PAGE = 50


@access.requires("manage_staff")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All accounts, searchable."""
    search = request.GET.get("q", "").strip()
    page = Paginator(queries.staff(search), PAGE).get_page(request.GET.get("page"))
    links = navigation.links("agency:staff", access.staff(request).role)
    context = {"page_obj": page, "search": search, "links": links}
    return render(request, "agency/staff.html", context)


@access.requires("manage_staff")
def create(request: HttpRequest) -> HttpResponse:
    """A new account."""
    form = forms.NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = services.create_account(actor=access.staff(request), **form.cleaned_data)
        messages.success(request, _("%(name)s can sign in now.") % {"name": user.name})
        return redirect("agency:staff")
    return _form_page(request, form, title=_("New account"), submit=_("Create account"))


@access.requires("manage_staff")
def change(request: HttpRequest, account_id: int) -> HttpResponse:
    """Name, role and activity of one account, and a way to a new password."""
    account = get_object_or_404(User, pk=account_id)
    initial = {"name": account.name, "role": account.role, "active": account.is_active}
    form = forms.AccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_account(
                actor=access.staff(request), account_id=account_id, **form.cleaned_data
            )
        except errors.OwnAccount:
            form.add_error(None, _("This is your own account: ask another administrator."))
        else:
            messages.success(request, _("Saved."))
            return redirect("agency:staff")
    return _form_page(
        request,
        form,
        title=account.name,
        submit=_("Save"),
        account=account,
        password_form=forms.PasswordForm(),
    )


@access.requires("manage_staff")
@require_POST
def reset_password(request: HttpRequest, account_id: int) -> HttpResponse:
    """Gives somebody a new password."""
    account = get_object_or_404(User, pk=account_id)
    form = forms.PasswordForm(request.POST)
    if not form.is_valid():
        return _form_page(
            request,
            forms.AccountForm(
                initial={"name": account.name, "role": account.role, "active": account.is_active}
            ),
            title=account.name,
            submit=_("Save"),
            account=account,
            password_form=form,
        )
    services.reset_password(
        actor=access.staff(request), account_id=account_id, password=form.cleaned_data["password"]
    )
    messages.success(request, _("%(name)s has a new password.") % {"name": account.name})
    return redirect("agency:staff")


def _form_page(
    request: HttpRequest,
    form: forms.NewAccountForm | forms.AccountForm,
    *,
    title: str,
    submit: str,
    account: User | None = None,
    password_form: forms.PasswordForm | None = None,
) -> HttpResponse:
    values = {
        "form": form,
        "title": title,
        "submit": submit,
        "account": account,
        "password_form": password_form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "agency/account.html", values, status=status)
