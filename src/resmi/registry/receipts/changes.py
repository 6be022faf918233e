"""Whether what a receipt says still holds. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from resmi.registry.rules import Verdict

Change = Literal["same", "details", "answer"]
"""
- same: today's answer is the receipt's, word for word where it counts
- details: the same answer about the same entity, but its name, licence, scope or note changed
- answer: today the answer is another one
"""

_DETAILS = ("name", "legal_name", "licence", "scope", "since", "note")


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """What the register says now about what was asked then."""

    change: Change
    verdict: Verdict


def today(
    then: Verdict,
    *,
    version: int,
    source: str,
    as_of: str,
    verify: Callable[[str], tuple[Verdict, ...]],
) -> Today:
    """Asks again with `verify(name)`, unless the register is still the one that answered.

    `version`, `source` and `as_of` are those of the register in force.
    """
    if version == then.version:
        return Today(change="same", verdict=then)
    found = verify(then.query)
    same = [verdict for verdict in found if verdict.entity == then.entity]
    now = (same or list(found) or [_unknown(then.query, version, source, as_of)])[0]
    return Today(change=_change(then, now), verdict=now)


def _unknown(query: str, version: int, source: str, as_of: str) -> Verdict:
    return Verdict(status="unknown", query=query, source=source, as_of=as_of, version=version)


def _change(then: Verdict, now: Verdict) -> Change:
    if (then.status, then.entity, _candidates(then)) != (now.status, now.entity, _candidates(now)):
        return "answer"
    if any(getattr(then, name) != getattr(now, name) for name in _DETAILS):
        return "details"
    return "same"


def _candidates(verdict: Verdict) -> frozenset[tuple[str, str]]:
    """Who was put forward, and as what: a look-alike that was licensed and is not is a change."""
    return frozenset((candidate.entity, candidate.status) for candidate in verdict.candidates)
