"""How every settings page answers: shown, previewed, or saved."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

SEEN = "seen"
OUTDATED = "outdated"


def is_preview(request: HttpRequest) -> bool:
    """Whether the form only asks what the change would have done."""
    return request.POST.get("do") == "preview"


def is_outdated(request: HttpRequest, form: forms.Form) -> bool:
    """Whether somebody changed what the form showed since it was opened; the form says so then.

    `form.initial` is how it stands now. Sent once more, the form is put in force all the same.
    """
    seen = request.POST.get(SEEN, "")
    if not seen or seen == _mark(form):
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
