"""Whether an address may vouch for the entity it leads to.

An address vouches by standing in the register, never by reading like a name there ("contoh.cash" is
not Contohcash), and only where nothing hangs on it that makes it another: of
"https://contoh.id:1@other.top" the host is other.top, and "other.top/?to=https://contoh.id" is a
page of theirs.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from resmi.language import legal_forms, normalising
from resmi.registry.matching import domains
from resmi.registry.matching.identifiers import Found
from resmi.registry.matching.lexicon import Sort
from resmi.registry.matching.outcome import Outcome
from resmi.registry.matching.reading import Item
from resmi.registry.rules import Entry

_BREAKS = re.compile(r"[,;()\[\]{}<>\"“”«»|]")  # part two things written without a blank
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/{0,2}", re.IGNORECASE)
_PORT = re.compile(r":\d{1,5}(?![\w.@%-])")
_DOTTED = re.compile(r"\w\.[^\W\d_]{2}")
_JOINTS = re.compile(r"[@=\\%&#]")
_BEFORE, _AFTER = frozenset(":'‘*_~/!?.…"), frozenset(":'’*_~!….")
_EDGE = ".,;:!?()\"'"


def alone(outcome: Outcome, mark: Found, text: str) -> Outcome:
    """An address with others hung on it may be another one, and may not vouch."""
    if outcome.status != "licensed" or mark.kind in ("phone", "licence"):
        return outcome
    start, end = _around(text, mark.start, mark.end)
    has_scheme = "://" in text[start : mark.end]
    if _begins(text[start : mark.start]) and _ends(text[mark.end : end], has_scheme):
        return outcome
    said = text[start:end]
    start += len(said) - len(said.lstrip(_EDGE))
    end -= len(said) - len(said.rstrip(_EDGE))
    return outcome._replace(status="similar", start=start, end=end, differs=(text[start:end],))


def beside(outcome: Outcome, text: str, found: list[Item]) -> Outcome:
    """An address with words hung on it ("contoh.id dana cepat") may not vouch."""
    if outcome.status != "licensed":
        return outcome
    at = bisect_left(found, outcome.start, key=_start_of)
    beside = [
        item
        for item in found[max(0, at - 1) : at + 2]
        if (item.end <= outcome.start and text[item.end : outcome.start].isspace())
        or (item.start >= outcome.end and text[outcome.end : item.start].isspace())
    ]
    if any(item.sort == Sort.LURE for item in beside):
        words = tuple(item.text for item in beside)
        return outcome._replace(status="similar", differs=words)
    return outcome


def _start_of(item: Item) -> int:
    return item.start


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """From blank to blank."""
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


def _begins(before: str) -> bool:
    glued = _BREAKS.split(before)[-1]
    if not _says(glued) or _SCHEME.fullmatch(glued):
        return True
    return glued[-1] in _BEFORE and not (_JOINTS.search(glued) or _DOTTED.search(glued))


def _ends(after: str, has_scheme: bool) -> bool:
    if not _says(after) or after[0] in "?#":
        return True
    authority = re.split(r"[/?#]", after, maxsplit=1)[0]
    if has_scheme and "@" in authority:
        return False
    glued = _BREAKS.split(authority)[0]
    if not _says(glued) or _PORT.match(glued):
        return True
    return glued[0] in _AFTER and not (_JOINTS.search(glued) or _DOTTED.search(glued))


def _says(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def is_called(dotted: str, entry: Entry) -> bool:
    """Whether the entity is called just so, dots and all ("Contoh.id", also "con toh.id")."""
    wanted = dotted.casefold().rstrip("/")
    names = (entry.name, *(name for _, name in entry.names))
    return any(word.endswith(wanted) for name in names for word in _words(name))


def is_page_of(said: str, entry: Entry) -> bool:
    """Whether an address on a shared host is one the entity gave, letter by letter.

    Elsewhere, and in the store of apps, whose page it is was seen before.
    """
    address = domains.parse(said)
    if not address.shared or domains.sold(address):
        return True
    given = (entry.website, *(value for _, value in entry.identifiers))
    return domains.page(said) in {domains.page(value) for value in given if value}


def _words(name: str) -> list[str]:
    return [word.strip(_EDGE) for word in name.casefold().split()]


def address_in(said: str, entry: Entry) -> str:
    """The part of a name said that may as well be an address, which the entity is not called."""
    if "." not in said:
        return ""
    parts = (part.strip(_EDGE) for part in said.split())
    return next((part for part in parts if _is_address(part) and not is_called(part, entry)), "")


def _is_address(part: str) -> bool:
    is_formal = legal_forms.is_form(part.partition(".")[0].lower())
    return not is_formal and domains.is_host(normalising.prepare(part))
