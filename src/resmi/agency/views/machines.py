"""The services an agency connects: translation, and writing down what is said."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import access
from resmi.agency.machines import queries, rules, services
from resmi.agency.machines.clients import Place
from resmi.agency.machines.rules import Kind

KINDS: dict[str, Kind] = {"translation": "translation", "speech": "speech"}
TITLES = {
    "translation": gettext_lazy("Translation"),
    "speech": gettext_lazy("Writing down what is said"),
}
PROTOCOLS = {
    "libretranslate": gettext_lazy("LibreTranslate"),
    "openai": gettext_lazy("OpenAI-compatible"),
}


class ServiceForm(forms.Form):
    """Where a service is and how it is asked."""

    protocol = forms.ChoiceField(label=gettext_lazy("What it speaks"))
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=300,
        help_text=gettext_lazy(
            "https, or http within your own network. Citizens’ words travel there."
        ),
    )
    model = forms.CharField(label=gettext_lazy("Model"), max_length=100, required=False)
    secret = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Stored encrypted, never shown. Empty: the one there is stays."),
    )

    def __init__(self, kind: Kind, data: Any = None, **given: Any) -> None:
        super().__init__(data, prefix=kind, **given)
        field = self.fields["protocol"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one, PROTOCOLS[one]) for one in rules.PROTOCOLS[kind]]

    def clean_address(self) -> str:
        """Refused when citizens' words could be read on the way."""
        address = str(self.cleaned_data["address"]).strip()
        if not rules.is_allowed(address):
            raise forms.ValidationError(
                _("Write an https address, or an http one within your own network.")
            )
        return address

    def clean(self) -> dict[str, Any]:
        """Says which model when the service has several."""
        values = super().clean() or {}
        if values.get("protocol") in rules.NEEDS_MODEL and not values.get("model"):
            self.add_error("model", _("Name the model."))
        return values


@access.requires("manage_staff")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Both services."""
    return _page(request, {})


@access.requires("manage_staff")
@require_POST
def connect(request: HttpRequest, kind: str) -> HttpResponse:
    """Connects one; 422 with the form when it can't be."""
    known = _known(kind)
    form = ServiceForm(known, request.POST)
    if not form.is_valid():
        return _page(request, {known: form})
    values = {**form.cleaned_data, "secret": form.cleaned_data["secret"] or None}
    services.connect(actor=access.staff(request), kind=known, **values)
    messages.success(request, _("Connected. The desk offers it from now on."))
    return redirect("agency:services")


@access.requires("manage_staff")
@require_POST
def disconnect(request: HttpRequest, kind: str) -> HttpResponse:
    """Takes one away."""
    services.disconnect(actor=access.staff(request), kind=_known(kind))
    messages.success(request, _("Disconnected. What it answered stays in the conversations."))
    return redirect("agency:services")


def _known(kind: str) -> Kind:
    if kind not in KINDS:
        raise Http404(kind)
    return KINDS[kind]


def _page(request: HttpRequest, refused: dict[Kind, ServiceForm]) -> HttpResponse:
    cards = []
    for kind in KINDS.values():
        place = queries.place(kind)
        form = refused.get(kind) or ServiceForm(kind, initial=_initial(place))
        cards.append({"kind": kind, "title": TITLES[kind], "form": form, "place": place})
    status = 422 if refused else 200
    return render(request, "agency/services.html", {"cards": cards}, status=status)


def _initial(place: Place | None) -> dict[str, str]:
    if place is None:
        return {}
    return {"protocol": place.protocol, "address": place.address, "model": place.model}
