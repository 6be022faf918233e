"""The lists in force, how fresh they are, and taking an import back."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from resmi.agency.access import requires, staff
from resmi.desk.register import doing
from resmi.registry import freshness, tasks
from resmi.registry.importing import confirming, feeds, fetching, releases
from resmi.registry.models import Register, Staged, StagedState

PAGE = 25
WAITING = (StagedState.COLUMNS, StagedState.READING, StagedState.READY)


class FeedForm(forms.Form):
    """Where a list comes from by itself, and when it is old."""

    feed = forms.CharField(
        label=gettext_lazy("Address or folder"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "https://… or a folder within “lists” in Resmi’s home on the server"
        ),
    )
    every_hours = forms.IntegerField(
        label=gettext_lazy("Look every … hours (0: never)"), min_value=0, max_value=720
    )
    stale_days = forms.IntegerField(
        label=gettext_lazy("Old after … days"),
        min_value=1,
        max_value=3650,
        help_text=gettext_lazy("Supervisors see an alarm on the floor then."),
    )

    def clean_feed(self) -> str:
        """Only places a list may be fetched from."""
        feed = str(self.cleaned_data["feed"]).strip()
        if feed and not fetching.is_allowed(feed):
            raise forms.ValidationError(
                _("Write an address with https:// or a folder within “lists”.")
            )
        return feed


@requires("manage_register")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All lists, and the imports on their way."""
    waiting = Staged.objects.filter(state__in=WAITING).select_related("staged_by").order_by("-id")
    context = {"standings": freshness.standings(), "waiting": waiting}
    return render(request, "desk/register/lists.html", context)


@requires("manage_register")
@require_safe
def one(request: HttpRequest, register_id: int) -> HttpResponse:
    """One list: its releases, its feed."""
    return _page(request, get_object_or_404(Register, pk=register_id))


@requires("manage_register")
@require_POST
def undo(request: HttpRequest, register_id: int) -> HttpResponse:
    """Takes the last import back."""

    def do() -> None:
        reason = request.POST.get("reason", "")
        confirming.undo(actor=staff(request), register_id=register_id, reason=reason)

    doing.done(request, do, _("The list is again what it was before."))
    return redirect("desk:list_of_register", register_id)


@requires("manage_register")
@require_POST
def feed(request: HttpRequest, register_id: int) -> HttpResponse:
    """Says where the list comes from by itself."""
    form = FeedForm(request.POST)
    if not form.is_valid():
        return _page(request, get_object_or_404(Register, pk=register_id), form, status=422)

    def do() -> None:
        feeds.follow(actor=staff(request), register_id=register_id, **form.cleaned_data)

    doing.done(request, do, _("Saved."))
    return redirect("desk:list_of_register", register_id)


@requires("manage_register")
@require_POST
def look(request: HttpRequest, register_id: int) -> HttpResponse:
    """Looks at the feed now."""

    def do() -> None:
        tasks.look_at_feed.defer(register_id=register_id)

    doing.done(request, do, _("The address is being looked at; the outcome appears here."))
    return redirect("desk:list_of_register", register_id)


def _page(
    request: HttpRequest, register: Register, form: FeedForm | None = None, status: int = 200
) -> HttpResponse:
    history = register.releases.select_related("imported_by").order_by("-version")
    standing = next(one for one in freshness.standings() if one.register.pk == register.pk)
    initial = {
        "feed": register.feed,
        "every_hours": register.every_hours,
        "stale_days": register.stale_days,
    }
    context = {
        "standing": standing,
        "page_obj": Paginator(history, PAGE).get_page(request.GET.get("page")),
        "last": releases.latest_import(register),
        "form": form or FeedForm(initial=initial),
    }
    return render(request, "desk/register/list.html", context, status=status)
