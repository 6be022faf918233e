"""How the register's acts are answered: done once, or refused with the reason on the next page."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext

from resmi.desk.views import acting
from resmi.registry.errors import NotNow, Problem


def done(request: HttpRequest, do: Callable[[], object], said: str = "") -> bool:
    """Does it unless this very form was done before; tells `said`, or why it was refused."""
    try:
        acting.once_only(request, do)
    except NotNow as refused:
        messages.error(request, gettext(str(refused)))
        return False
    if said:
        messages.success(request, said)
    return True


def in_words(problem: Problem) -> str:
    """A fault in the reader's language."""
    text = gettext(problem.message)
    return text % problem.values if problem.values else text
