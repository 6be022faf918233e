"""What the agency asks citizens to consent to: written in each language, kept in versions."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from resmi.agency.access import requires, staff
from resmi.bot import services as bot
from resmi.contacts import consenting, noting
from resmi.contacts.models import ConsentWording
from resmi.desk import wording


@requires("handle_personal_data")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The wording in force, to make a new version of, and all versions with who consented."""
    problem, languages = "", bot.current_pack().languages
    before = consenting.wording()
    typed = before.texts if before else {}
    if request.method == "POST":
        typed = {language: request.POST.get(f"text_{language}", "") for language in languages}
        try:
            made = consenting.put_wording(actor=staff(request), texts=typed)
        except noting.Unfit as unfit:
            problem = str(unfit)
        else:
            said = _("Version %(version)s is asked from now on.")
            messages.success(request, said % {"version": made.version})
            return redirect("desk:consent_wording")
    context = {
        "texts": [(one, wording.language(one), typed.get(one, "")) for one in languages],
        "versions": _versions(),
        "problem": problem,
        "longest": consenting.LONGEST,
    }
    return render(request, "desk/staff/consent.html", context, status=409 if problem else 200)


def _versions() -> list[tuple[ConsentWording, list[tuple[str, str]]]]:
    standing = Count("consents", filter=Q(consents__answer="given", consents__withdrawn_at=None))
    rows = ConsentWording.objects.select_related("by").annotate(agreed=standing)
    return [
        (row, [(language, text) for language, text in row.texts.items()])
        for row in rows.order_by("-version")
    ]
