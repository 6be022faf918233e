"""All data about one citizen, for who answers for it: found, exported, taken away."""

from __future__ import annotations

import tempfile
from typing import IO, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from resmi.agency import services as agency
from resmi.agency import streaming
from resmi.agency.access import requires, staff
from resmi.operations import retention
from resmi.operations.personal import erasing, finding, packing

IN_MEMORY = 5_000_000


@requires("handle_personal_data")
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Finds a citizen by number or whole phone number."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:40]
    found = finding.find(text) if text else []
    if text:
        agency.record_read(
            actor=staff(request), action="personal_data_searched", after={"found": found}
        )
    if len(found) == 1:
        return redirect("desk:personal_data", found[0])
    return render(request, "desk/staff/personal.html", {"text": text, "found": found})


@requires("handle_personal_data")
@require_safe
def one(request: HttpRequest, contact_id: int) -> HttpResponse:
    """What there is of a citizen, what erasing would do, and why it can't be done now."""
    return _page(request, contact_id)


def _page(request: HttpRequest, contact_id: int, refused: str = "") -> HttpResponse:
    try:
        held = finding.held(contact_id)
    except finding.Refused as gone:
        context = {"text": str(contact_id), "found": [], "refused": refused or str(gone)}
        return render(request, "desk/staff/personal.html", context, status=404)
    agency.record_read(
        actor=staff(request), action="personal_data_viewed", target=f"contact:{contact_id}"
    )
    blocked = ""
    try:
        erasing.plan(contact_id)
    except finding.Refused as error:
        blocked = str(error)
    shown: dict[str, Any] = {
        "held": held,
        "blocked": blocked,
        "refused": refused,
        "log_days": retention.policy().conversation_days,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "desk/staff/personal_one.html", shown, status=409 if refused else 200)


@requires("handle_personal_data")
@require_POST
def export(request: HttpRequest, contact_id: int) -> HttpResponseBase:
    """Everything as a zip; written down."""
    target: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (closed when it was read)
    try:
        packing.export(actor=staff(request), contact_id=contact_id, target=target)
    except finding.Refused as refused:
        return _page(request, contact_id, str(refused))
    target.seek(0)
    name = f"citizen-{contact_id}-{timezone.localdate():%Y-%m-%d}.zip"
    parts = streaming.of_file(target)
    return streaming.attachment(request, parts, name=name, mime="application/zip")


@requires("handle_personal_data")
@require_POST
def erase(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Takes it away, once the number was typed again."""
    if request.POST.get("number", "").strip() != str(contact_id):
        return _page(request, contact_id, _("Type the citizen’s number to be sure."))
    try:
        erasing.erase(
            actor=staff(request),
            contact_id=contact_id,
            reason=request.POST.get("reason", "").replace("\0", "")[:500],
            now=timezone.now(),
        )
    except finding.Refused as refused:
        return _page(request, contact_id, str(refused))
    messages.success(request, _("The data is gone; the log is sealed."))
    return redirect("desk:personal_search")
