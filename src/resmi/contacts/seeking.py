"""What a citizen is found by, and what somebody who looks for one asked for. Pure.

By words of the name, folded and found by their beginning; by a tag; by the last digits of a phone
number; and by what names one citizen exactly: the whole number, a user id, our own number. Screens
show the last digits only, so no more is compared: digit by digit, search would tell the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import msgspec
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from resmi.language import beginnings, normalising

DIGITS_SHOWN = 4
"""How many of a number's last digits anybody may see, and so look for."""
SHORTEST_SHOWN = 2 * DIGITS_SHOWN + 1
"""Shorter numbers show nothing: they are found whole only."""
SHORTEST_NUMBER = 8
LONGEST_NUMBER = 15
LONGEST_ID = 18
LONGEST = 100
MOST_WORDS = 8
SHORTEST_BEGINNING = 2
ROUND_BITS = 15
# No folded word begins with these signs.
_TAG, _END, _ROUND = "#", "~", "/"
_NUMBER = re.compile(r"[\d+().\-/ •]*\d[\d().\-/ ]*")
_OWN = re.compile(r"#\s?(\d+)")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question. `numbers`, `user_id` and `own` (a contact's id; 0: none) are meant exactly.

    `digits` is what was typed when that is a number.
    """

    words: tuple[str, ...] = ()
    tag: str = ""
    end: str = ""
    numbers: tuple[str, ...] = ()
    user_id: str = ""
    own: int = 0
    digits: str = ""

    @property
    def condition(self) -> str:
        """What `keys` must hold, as a PostgreSQL tsquery; empty when nothing was asked for."""
        terms = [t for word in self.words for t in beginnings.terms(word, SHORTEST_BEGINNING)]
        parts = [beginnings.condition(terms)] if terms else []
        parts += [beginnings.quoted(_TAG + self.tag)] if self.tag else []
        parts += [beginnings.quoted(_END + self.end)] if self.end else []
        return " | ".join(f"({part})" for part in parts)

    @property
    def is_cut(self) -> bool:
        """Whether more digits were typed than are compared, unless they are the whole number."""
        return len(self.digits) > DIGITS_SHOWN

    @property
    def is_short(self) -> bool:
        """Whether too few digits were typed to look for a number."""
        return 0 < len(self.digits) < DIGITS_SHOWN

    def fits(self, name: str, tags: Iterable[str], phones: Iterable[str]) -> bool:
        """Whether a citizen is one of those asked for, apart from what is meant exactly."""
        found = normalising.fold(name)
        return (
            (bool(self.words) and all(_held(word, found) for word in self.words))
            or (bool(self.tag) and self.tag in tags)
            or (bool(self.end) and any(_end(phone) == self.end for phone in phones))
        )


def asked(text: str, tag: str) -> Asked:
    """What a text asks for; `tag` is the text as tags are written."""
    line = " ".join(text.replace("\0", "").split())[:LONGEST]
    plain = unicodedata.normalize("NFKC", line)
    digits = "".join(re.findall("[0-9]", plain)) if _NUMBER.fullmatch(plain) else ""
    own = _OWN.fullmatch(plain)
    return Asked(
        words=tuple(dict.fromkeys(normalising.fold(line)))[:MOST_WORDS],
        tag=tag,
        end=digits[-DIGITS_SHOWN:] if len(digits) >= DIGITS_SHOWN else "",
        numbers=_whole(digits),
        user_id="".join(line.split()),
        own=int(own[1]) if own and len(own[1]) <= LONGEST_ID else 0,
        digits=digits,
    )


def keys(name: str, tags: Iterable[str], phones: Iterable[str], contact: int) -> list[str]:
    """What a citizen is kept under, with the round of contacts they belong to."""
    found = {key for word in normalising.fold(name) for key in beginnings.keys(word)}
    found |= {_TAG + tag for tag in tags if tag}
    found |= {_END + end for phone in phones if (end := _end(phone))}
    return [round_of(contact), *sorted(found)]


def round_of(contact: int) -> str:
    """The key that 32768 neighbouring contacts share, so that search can begin at the newest."""
    return f"{_ROUND}{contact >> ROUND_BITS}"


def _end(phone: str) -> str:
    return phone[-DIGITS_SHOWN:] if len(phone) >= SHORTEST_SHOWN else ""


def _whole(digits: str) -> tuple[str, ...]:
    """The number as channels write it: with the country's code, which may not have been typed."""
    if digits.startswith("00"):
        digits = digits[2:]
    if not SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER:
        return ()
    if not digits.startswith("0"):
        return (digits,)
    return tuple(f"{code}{digits[1:]}" for code in sorted(COUNTRY_CODE_TO_REGION_CODE))


def _held(word: str, found: Iterable[str]) -> bool:
    return any(beginnings.find(one, word, SHORTEST_BEGINNING) >= 0 for one in found)
