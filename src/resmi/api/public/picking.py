"""Which of the answers on a page a form means. The register is asked again: forms can be forged."""

from __future__ import annotations

from django.http import HttpRequest

from resmi.api import asking, entries
from resmi.registry.rules import Verdict

LONGEST = 200


def cleaned(text: str) -> str:
    """A question as it is asked: one line of at most `LONGEST` characters."""
    return " ".join(text.replace("\0", " ").split())[:LONGEST]


def picked(request: HttpRequest) -> Verdict | None:
    """The answer a form names: the one of an entry, or one of those to a question."""
    asked = cleaned(request.POST.get("q", ""))
    entity = request.POST.get("entity", "").replace("\0", "")
    number = request.POST.get("number", "0")
    if entity:
        record = entries.by_ids([entity]).get(entity)
        return entries.verdict(record) if record else None
    found = asking.ask_for_people(asked) if asked else []
    at = int(number) if number.isascii() and number.isdecimal() and len(number) < 3 else 0
    return found[at] if at < len(found) else None
