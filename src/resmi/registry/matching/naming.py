"""What an entity may be called: the keys its entry in the register is found by.

A key is a name folded, without legal forms, blanks and punctuation. `Strength` says what a key can
prove: only FULL may vouch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from resmi.language import legal_forms, normalising
from resmi.registry.matching import lexicon, phrases
from resmi.registry.rules import Entry

Sort = lexicon.Sort


class Strength:
    """How firmly a key stands for its entity, the firmest first."""

    FULL: Final = 0  # legal name, brand or alias as registered
    FORMER: Final = 1  # a name given up
    SHORT: Final = 2  # derived: without bank type, regional short form
    CUT: Final = 3  # derived: without "Indonesia" at its end
    HEAD: Final = 4  # an illegal app's title up to its tagline
    INITIALS: Final = 5


_TAGLINE = re.compile(r"\s+[-–—|]+\s*|\s*[-–—|]+\s+|\s*[–—|:]+\s*|\s*\(\s*|\s*,\s+|\.\s+")
_TIGHT_TAGLINE = re.compile(r"(?<=\w)-(?=[A-Z])")
_TAILS = frozenset(("indonesia", "tbk", "persero"))
_LEADING_FORMS = frozenset(("pt", "cv", "ud", "pd"))
_JOINERS = frozenset(("dan", "and"))
_MIN_INITIALS, _MAX_INITIALS = 3, 5
_MIN_KEY = 2
_MIN_HEAD = 4
_WEAKEST = 99
_STRENGTHS = {"former": Strength.FORMER, "short": Strength.SHORT}


class Names:
    """What the names of one entity come to: its keys with their firmest strength, and its words."""

    def __init__(self, entry: Entry) -> None:
        self.keys: dict[str, int] = {}
        self.words: set[str] = set()
        self.form = entry.legal_form.lower()
        self._add("legal", entry.name, entry.status == "illegal")
        for kind, name in entry.names:
            self._add(kind, name, entry.status == "illegal")

    def _add(self, kind: str, name: str, illegal: bool) -> None:
        written = phrases.shortened(normalising.fold(name))
        words = legal_forms.without(written)
        if len(words) > 1 and words[0] == self.form:
            words = words[1:]  # a form of its own that only this register knows
        self.words.update(words)
        strength = _STRENGTHS.get(kind, Strength.FULL)
        if strength == Strength.SHORT:
            self._put(_telling(words, strength), strength)
            return
        for key in _full(words, name):
            self._put_one(key, strength)
        if len(written) > len(words) and _is_part(written):
            self._put_one("".join(written), strength)
        if not illegal:
            self._put(_short(words), strength)
        elif not (name.isascii() and name.replace(" ", "").isalnum()):  # no sign, no tagline
            self._put(_taglines(name), strength)

    def _put(self, keys: Iterable[tuple[str, int]], least: int) -> None:
        for key, strength in keys:
            self._put_one(key, strength if strength > least else least)

    def _put_one(self, key: str, strength: int) -> None:
        if len(key) >= _MIN_KEY and strength < self.keys.get(key, _WEAKEST):
            self.keys[key] = strength


def _is_part(written: list[str]) -> bool:
    """Whether a legal form stands where it may be a part of the name ("Hi Contoh KSP")."""
    inner = written[1:] if written[0] in _LEADING_FORMS else written
    if legal_forms.FAMILY.keys().isdisjoint(inner):
        return False
    return any(legal_forms.is_form(word) and word not in _TAILS for word in inner)


def name_words(name: str) -> list[str]:
    """The words a name is compared by: folded, phrases shortened, without legal forms."""
    return legal_forms.without(phrases.shortened(normalising.fold(name)))


def _full(words: list[str], name: str) -> list[str]:
    keys = ["".join(words)]
    if not _JOINERS.isdisjoint(words[1:-1]):
        keys.append("".join([word for word in words if word not in _JOINERS]))
    elif "&" in name:
        for joiner in _JOINERS:
            keys.append(normalising.squash(name.replace("&", f" {joiner} ")))
    return keys


def _taglines(name: str) -> Iterator[tuple[str, int]]:
    for pattern in (_TAGLINE, _TIGHT_TAGLINE):
        parts = pattern.split(name, maxsplit=1)
        if len(parts) == 2:
            words = name_words(parts[0])
            key = "".join(words)
            if len(key) >= _MIN_HEAD and (len(words) > 1 or pattern is _TAGLINE):
                yield key, Strength.HEAD


def _short(words: list[str]) -> list[tuple[str, int]]:
    """Short forms in talk of a licensed entity's name."""
    found: list[tuple[str, int]] = []
    bare = words
    if not _TAILS.isdisjoint(words):
        bare = [word for word in words if word not in _TAILS] or words
        if bare != words:
            found += _telling(bare, Strength.CUT)
    kinds = phrases.BANK_TYPES.intersection(bare)
    if kinds:
        found += _telling([word for word in bare if word not in kinds], Strength.SHORT)
    if "bpr" not in kinds and "bprs" not in kinds:
        found += _initials(words)
        if words and words[0] in phrases.BANK_TYPES:
            found += _regional(words)
    return found


def _telling(words: list[str], strength: int) -> list[tuple[str, int]]:
    """The key of the words if they still tell one company from another."""
    plain = [lexicon.plain_sort(word) for word in words if not word.isdigit()]
    if Sort.NAME in plain or (len(words) > 1 and Sort.LURE in plain):
        return [("".join(words), strength)]
    return []


def _initials(words: list[str]) -> list[tuple[str, int]]:
    initials = "".join([word[0] for word in words if word not in _JOINERS])
    if not _MIN_INITIALS <= len(initials) <= _MAX_INITIALS:
        return []
    found = []
    if lexicon.plain_sort(initials) == Sort.NAME and initials not in phrases.BANK_TYPES:
        found.append((initials, Strength.INITIALS))
    if words[0] == "bank":
        found.append(("bank" + initials, Strength.INITIALS))
    return found


def _regional(words: list[str]) -> Iterator[tuple[str, int]]:
    place = " ".join([word for word in words if word not in phrases.BANK_TYPES])
    if short := phrases.REGIONS.get(place):
        for where in (short, place.replace(" ", "")):
            yield "bank" + where, Strength.SHORT
            yield "bpd" + where, Strength.SHORT
