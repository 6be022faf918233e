"""The pages on which canned replies are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from resmi.agency.access import requires, staff
from resmi.bot import canned as rules
from resmi.bot import services as bot
from resmi.conversations import canned
from resmi.conversations.models import CannedReply
from resmi.desk import ready
from resmi.desk.views import acting
from resmi.engine.lifecycle import Refused

EXAMPLES = {"citizen": "Budi Santoso", "agent": "Sari", "number": "#48213", "queue": "1"}


@requires("manage_replies")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All canned replies in the reader's language, by folder, with how often each was sent."""
    known = {(row.shortcut, row.language) for row in CannedReply.objects.all()}
    own = {shortcut for shortcut, _language in known}
    found = ready.replies(get_language() or "en")
    rows = [
        (one, one.shortcut in own, sorted(lang for key, lang in known if key == one.shortcut))
        for one in sorted(found, key=lambda one: (one.folder.casefold(), -one.used, one.shortcut))
    ]
    return render(request, "desk/canned/listing.html", {"rows": rows})


@requires("manage_replies")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, shortcut: str = "") -> HttpResponse:
    """Writes a new canned reply, or changes one; a pack's own is covered, never changed."""
    if request.method == "GET":
        return _form(request, shortcut, _stored(shortcut))
    typed = _typed(request)
    name = shortcut or typed["shortcut"]

    def do() -> None:
        if not shortcut and canned.kept(name.strip().removeprefix("/").lower()) is not None:
            raise Refused("taken", _("This shortcut is taken: choose another, or edit that reply."))
        canned.put(
            actor=staff(request), shortcut=name, folder=typed["folder"], bodies=typed["bodies"]
        )

    try:
        acting.once_only(request, do)
    except Refused as refused:
        return _form(request, shortcut, typed, refused=refused, status=409)
    messages.success(request, _("Saved. Agents have it from now on."))
    return redirect("desk:canned_replies")


def _form(
    request: HttpRequest,
    shortcut: str,
    typed: Mapping[str, Any],
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    pack = bot.current_pack()
    context = {
        "editing": shortcut,
        "typed": typed,
        "refused": refused,
        "texts": [(language, typed["bodies"].get(language, "")) for language in pack.languages],
        "variables": [f"{{{{ {name} }}}}" for name in (*rules.VARIABLES, *_own(pack.names))],
        "folders": sorted(
            set(CannedReply.objects.exclude(folder="").values_list("folder", flat=True))
        ),
    }
    return render(request, "desk/canned/edit.html", context, status=status)


def _own(names: Mapping[str, Any]) -> list[str]:
    return [name for name in names if name not in rules.VARIABLES]


def _stored(shortcut: str) -> dict[str, Any]:
    """What the form shows first; raises 404 for a shortcut nobody knows."""
    if not shortcut:
        return {"shortcut": "", "folder": "", "bodies": {}}
    kept = canned.kept(shortcut)
    if kept is not None:
        return {"shortcut": shortcut, "folder": kept.pop("folder"), "bodies": kept}
    for reply in bot.current_pack().canned:
        if reply.key == shortcut:
            return {"shortcut": shortcut, "folder": "", "bodies": dict(reply.body)}
    raise Http404("No such canned reply")


def _typed(request: HttpRequest) -> dict[str, Any]:
    def text(name: str) -> str:
        return request.POST.get(name, "").replace("\r\n", "\n").replace("\0", "")

    return {
        "shortcut": text("shortcut"),
        "folder": text("folder").strip(),
        "bodies": {code: text(f"body_{code}") for code in bot.current_pack().languages},
    }


@requires("manage_replies")
@require_POST
def preview(request: HttpRequest, language: str) -> HttpResponse:
    """How a text will read to a citizen, with examples for its variables, or what is wrong."""
    pack = bot.current_pack()
    body = request.POST.get(f"body_{language}", "").replace("\0", "")
    try:
        canned.check_variables(body)
    except Refused as refused:
        return render(request, "desk/_refused.html", {"refused": refused})
    example = EXAMPLES | {"receipt": "https://…/v/ABCD", "date": "22.11."}
    filled = rules.fill(body, ready.pack_names(pack, language) | example)
    return render(request, "desk/canned/_preview.html", {"text": filled.text})


@requires("manage_replies")
@require_POST
def remove(request: HttpRequest, shortcut: str) -> HttpResponse:
    """Takes a canned reply away; the audit trail keeps its text."""
    try:
        acting.once_only(request, lambda: canned.remove(actor=staff(request), shortcut=shortcut))
    except Refused as refused:
        messages.error(request, _(refused.reason))
    else:
        messages.success(request, _("Removed. The audit trail keeps its text."))
    return redirect("desk:canned_replies")
