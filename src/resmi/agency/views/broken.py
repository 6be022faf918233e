"""The page for what broke on our side."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from resmi.agency.access import public

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is mistaken for another when read out


@public("Whoever meets an error may read that it happened.")
def broken(request: HttpRequest) -> HttpResponse:
    """Says so with a reference, under which the log tells what broke.

    The reference stands on the request as `reference`, where the log line finds it.
    """
    reference = "".join(secrets.choice(ALPHABET) for _ in range(8))
    request.reference = reference  # type: ignore[attr-defined]
    # Without a request: what broke may be what pages are made with.
    return render(None, "500.html", {"reference": reference}, status=500)
