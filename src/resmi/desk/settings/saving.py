"""How every settings page answers: shown, previewed, or saved."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from resmi.desk import once
from resmi.routing import services

SEEN = "seen"
OUTDATED = "outdated"

View = Callable[..., HttpResponse]


def is_preview(request: HttpRequest) -> bool:
    """Whether the form only asks what the change would have done."""
    return request.POST.get("do") == "preview"


def in_turn(view: View) -> View:
    """For views that save: what they read and compare is what stands when they write."""

    @functools.wraps(view)
    def turn(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or is_preview(request):
            return view(request, *args, **kwargs)
        with transaction.atomic():
            services.take_turn()
            return view(request, *args, **kwargs)

    return turn


def is_outdated(request: HttpRequest, form: forms.Form) -> bool:
    """Whether somebody changed what the form showed since it was opened; the form says so then.

    `form.initial` is how it stands now. Sent once more, the form is put in force all the same. What
    this very form changed, arriving twice, is nobody else's change.
    """
    seen = request.POST.get(SEEN, "")
    if not seen or seen == _mark(form) or once.is_used(request.POST.get(once.FIELD, "")):
        return False
    said = _(
        "Somebody else changed this after you opened it. Look at it in another window first; saved "
        "once more, yours takes its place."
    )
    form.add_error(None, ValidationError(said, code=OUTDATED))
    return True


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page; 422 when what was written can't be taken."""
    form: forms.Form = context["form"]
    refused = request.method == "POST" and not form.is_valid()
    told = form.has_error(NON_FIELD_ERRORS, OUTDATED) if refused else request.method != "POST"
    context[SEEN] = _mark(form) if told else request.POST.get(SEEN, "")
    return render(request, template, context, status=422 if refused else 200)


def _mark(form: forms.Form) -> str:
    """Tells one state of what a form is about from another."""
    shown = repr(sorted(form.initial.items()))
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
