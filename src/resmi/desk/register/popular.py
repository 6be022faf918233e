"""Names people ask about, the rising ones first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from resmi.agency.access import requires
from resmi.registry import lookups

PAGE = 50
SHOWN = {
    "unlicensed": (_("Not licensed"), lookups.NOT_LICENSED),
    "unknown": (_("Not in the register"), lookups.UNKNOWN),
    "illegal": (_("On the warning list"), ("illegal",)),
}


class _Ranking(Sequence[lookups.Ranked]):
    """The ranking as a paginator wants it: counted once, read by the page."""

    def __init__(self, statuses: tuple[str, ...]) -> None:
        self.today = timezone.localdate()
        self.statuses = statuses

    def __len__(self) -> int:
        return lookups.count(self.today, statuses=self.statuses)

    def __getitem__(self, at: Any) -> Any:
        if not isinstance(at, slice):
            return self[at : at + 1][0]
        return lookups.ranked(
            self.today, statuses=self.statuses, limit=at.stop - at.start, offset=at.start
        )


@requires("manage_register")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """This week against last."""
    show = request.GET.get("show", "")
    show = show if show in SHOWN else "unlicensed"
    ranking = _Ranking(SHOWN[show][1])
    page = Paginator(ranking, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "show": show,
        "shown": [(key, words) for key, (words, _statuses) in SHOWN.items()],
        "notable": lookups.NOTABLE,
        "rise": int(lookups.RISE),
    }
    return render(request, "desk/register/lookups.html", context)
