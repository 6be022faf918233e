"""The pages for what broke on our side, and for who asks too often."""

from __future__ import annotations

import secrets
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from resmi.agency import context
from resmi.agency.access import public

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is mistaken for another when read out
DATABASE_WAIT_S = 10
ATTEMPTS_WAIT_S = 60  # allauth counts all attempts but failed passwords by the minute


@public("Whoever meets an error may read that it happened.")
def broken(request: HttpRequest) -> HttpResponse:
    """Says so with a reference, under which the log tells what broke.

    503 and when to come again if the database can't be reached, else 500. The reference stands on
    the request as `reference`, where the log line finds it.
    """
    reference = "".join(secrets.choice(ALPHABET) for _ in range(8))
    request.reference = reference  # type: ignore[attr-defined]
    away = isinstance(sys.exception(), OperationalError | InterfaceError)
    told = {
        "reference": reference,
        "theme": _theme(request),
        "again": request.get_full_path() if request.method == "GET" else "",
        "seconds": DATABASE_WAIT_S,
    }
    # Without a request: what broke may be what pages are made with.
    response = render(None, f"{503 if away else 500}.html", told, status=503 if away else 500)
    if away:
        response.headers["Retry-After"] = str(DATABASE_WAIT_S)
    return response


def _theme(request: HttpRequest) -> str:
    """What the browser's cookie remembers: to ask for the account may be what broke."""
    chosen = request.COOKIES.get(context.THEME_COOKIE, "")
    return chosen if chosen in context.THEMES else "auto"


@public("Whoever asks too often may read when to come again.")
def too_many(request: HttpRequest) -> HttpResponse:
    """Says how long to wait, to people and to programs."""
    response = render(request, "429.html", {"seconds": ATTEMPTS_WAIT_S}, status=429)
    response.headers["Retry-After"] = str(ATTEMPTS_WAIT_S)
    return response
