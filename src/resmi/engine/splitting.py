"""Cutting text where a reader would: between paragraphs, lines, sentences, words. Pure.

Lengths are in Unicode code points. A character built of several code points (an accent, a flag, a
family emoji) is not taken apart unless it alone is longer than the limit.
"""

from __future__ import annotations

import re
import unicodedata

_BORDERS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…])\s|(?<=[。！？])"),
    re.compile(r"\s"),
)
_ZERO_WIDTH_JOINER = "\u200d"
_LONGEST_CLUSTER = 32


def split(text: str, limit: int) -> tuple[str, ...]:
    """`text` in pieces of at most `limit`; only whitespace at the cuts is lost.

    A limit of 0 or less means no limit. Blank text gives no pieces.
    """
    pieces: list[str] = []
    rest = text.strip()
    while 0 < limit < len(rest):
        at = _cut_before(rest, limit)
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return (*pieces, rest) if rest else tuple(pieces)


def split_end(text: str, limit: int) -> tuple[str, str]:
    """`text` as (beginning, end), the end at most `limit` and cut at the best border.

    The beginning is empty when all of it fits. A limit of 0 or less means no limit.
    """
    whole = text.strip()
    if limit <= 0 or len(whole) <= limit:
        return "", whole
    at = _cut_after(whole, len(whole) - limit)
    return whole[:at].rstrip(), whole[at:].lstrip()


def shorten(text: str, limit: int) -> str:
    """`text` on one line, ending in `…` if it had to be cut to `limit` (1 or more)."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return line[: _between_characters(line, limit - 1)].rstrip() + "…"


def shorten_middle(text: str, limit: int) -> str:
    """Like `shorten`, but keeps the end too, for texts that differ only there."""
    line = " ".join(text.split())
    if len(line) <= limit or limit < 5:
        return shorten(line, limit)
    tail = (limit - 1) // 2
    start = len(line) - tail
    while start < len(line) and _joins(line, start):
        start += 1
    head = _between_characters(line, limit - 1 - tail)
    return f"{line[:head].rstrip()}…{line[start:].lstrip()}"


def _cut_before(text: str, limit: int) -> int:
    """The best place to cut at or before `limit`; pieces under a third are left to finer cuts."""
    for border in _BORDERS:
        places = [match.start() for match in border.finditer(text, 0, limit + 1)]
        good = [place for place in places if limit // 3 < place <= limit]
        if good:
            return good[-1]
    return max(1, _between_characters(text, limit) or limit)


def _cut_after(text: str, least: int) -> int:
    """The best place to cut at or after `least`, so that what follows is as long as may be."""
    span = len(text) - least
    for border in _BORDERS:
        for match in border.finditer(text, max(0, least - 1)):
            if least <= match.end() <= least + span * 2 // 3:
                return match.end()
    at = least
    while at < len(text) - 1 and at < least + _LONGEST_CLUSTER and _joins(text, at):
        at += 1
    return least if _joins(text, at) else at


def _between_characters(text: str, limit: int) -> int:
    """The last place at or before `limit` that takes no character apart."""
    for at in range(limit, max(0, limit - _LONGEST_CLUSTER), -1):
        if not _joins(text, at):
            return at
    return limit


def _joins(text: str, at: int) -> bool:
    """True if the code points on both sides of `at` belong to one character."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before == _ZERO_WIDTH_JOINER or after == _ZERO_WIDTH_JOINER:
        return True
    if unicodedata.category(after).startswith("M") or "\u1160" <= after <= "\u11ff":
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    return _is_flag_half(after) and _flag_halves_before(text, at) % 2 == 1


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, at: int) -> int:
    start = at
    while start > 0 and _is_flag_half(text[start - 1]):
        start -= 1
    return at - start
