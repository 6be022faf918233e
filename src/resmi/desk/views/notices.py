"""Notices to agents: written on the floor, shown on their desks until put away or over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from resmi.agency.access import requires, staff
from resmi.desk.board import Board
from resmi.desk.views import acting
from resmi.routing.notices import queries, rules, services

_DURATIONS = {
    15: gettext_lazy("15 minutes"),
    60: gettext_lazy("1 hour"),
    240: gettext_lazy("4 hours"),
    480: gettext_lazy("8 hours"),
    1440: gettext_lazy("24 hours"),
}
EVERYBODY = "*"  # no key of a queue


class NoticeForm(forms.Form):
    """What to tell, whom, and for how long."""

    body = forms.CharField(
        label=gettext_lazy("Notice"),
        max_length=rules.LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=gettext_lazy(
            "One or two sentences. It appears at once on their desks, above everything else."
        ),
    )
    queue = forms.TypedChoiceField(
        label=gettext_lazy("Who sees it"),
        coerce=lambda key: "" if key == EVERYBODY else key,
        initial=EVERYBODY,
        empty_value=EVERYBODY,
    )
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("For how long"), coerce=int, choices=_DURATIONS.items(), initial=60
    )

    def __init__(self, board: Board, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        queues = [
            (key, _("Agents of %(queue)s") % {"queue": board.names.queue(key)})
            for key in board.queues
        ]
        field = self.fields["queue"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(EVERYBODY, _("All agents")), *queues]


@requires("watch_floor")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The form, and what was told with who saw it."""
    board = Board(staff(request))
    return _page(request, board, NoticeForm(board))


@requires("move_conversations")
@require_POST
def tell(request: HttpRequest) -> HttpResponse:
    """Puts a notice on the desks; 422 with the form when it says nothing or too much."""
    board = Board(staff(request))
    form = NoticeForm(board, request.POST)
    if not form.is_valid():
        return _page(request, board, form)
    values = form.cleaned_data
    acting.once_only(request, lambda: services.send(actor=board.user, **values))
    messages.success(request, _("Told. It stands on their desks now."))
    return redirect("desk:notices")


def _page(request: HttpRequest, board: Board, form: NoticeForm) -> HttpResponse:
    context = {
        "form": form,
        "told": [(one, board.names.queue(one.notice.queue)) for one in queries.told()],
        "may_move": board.may_move,
    }
    return render(request, "desk/notices.html", context, status=422 if form.errors else 200)


@requires("move_conversations")
@require_POST
def end(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Takes a notice off all desks."""
    services.end(actor=staff(request), notice_id=notice_id)
    messages.success(request, _("The notice is off all desks."))
    return redirect("desk:notices")


@requires("read_conversations")
@require_safe
def strip(request: HttpRequest) -> HttpResponse:
    """What stands on one's desk now."""
    return _strip(request)


@requires("serve_citizens")
@require_POST
def seen(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Notes that it stood on the screen."""
    services.note_seen(actor=staff(request), notice_id=notice_id)
    return HttpResponse(status=204)


@requires("serve_citizens")
@require_POST
def dismiss(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Puts it away from one's own desk."""
    services.dismiss(actor=staff(request), notice_id=notice_id)
    return _strip(request) if acting.is_fragment(request) else redirect("desk:desk")


def _strip(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/_notices.html", {"notices": Board(staff(request)).notices})
