"""What a citizen watches, and when they are told. Pure.

A watch is of an entity of the register (`entity:` and its id) or of a name that is not in it
(`name:` and its key). What is told is the standing: whether the register changed its mind about it.
Look-alikes come and go with every list and are no news, so they count as not in the register.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from resmi.language import normalising
from resmi.registry.rules import Verdict

Standing = Literal["licensed", "revoked", "illegal", "ambiguous", "unknown"]
STANDINGS: tuple[Standing, ...] = ("licensed", "revoked", "illegal", "ambiguous", "unknown")

ENTITY, NAME = "entity:", "name:"
KEY_LENGTH = 100
NAME_LENGTH = 300


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """Something a citizen watches. `standing` is what they were told last."""

    subject: str
    name: str
    standing: Standing


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """What the register in force says about something watched; `as_of` is an ISO date."""

    standing: Standing
    source: str
    as_of: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """News for somebody who watches. `name` is the one they know it by."""

    subject: str
    name: str
    before: Standing
    after: Standing
    source: str
    as_of: str


def of_verdict(verdict: Verdict) -> Watched | None:
    """What watching the subject of an answer means; None where it is not clear who is meant."""
    match verdict.status:
        case "licensed" | "revoked" | "illegal" if verdict.entity:
            subject = ENTITY + verdict.entity
            name = verdict.name or verdict.query
        case "unknown" | "similar":
            key = normalising.squash(verdict.query)[:KEY_LENGTH]
            subject = NAME + key if key else ""
            name = verdict.query
        case _:
            return None
    if not subject:
        return None
    return Watched(
        subject=subject, name=name[:NAME_LENGTH].strip(), standing=standing_of((verdict,))
    )


def entity_of(subject: str) -> str:
    """The entity watched; "" for a name."""
    return subject.removeprefix(ENTITY) if subject.startswith(ENTITY) else ""


def standing_of(verdicts: Sequence[Verdict]) -> Standing:
    """The standing of a name from the register's answers to it."""
    found: set[Standing] = {_standing(verdict) for verdict in verdicts}
    return next((standing for standing in _GRAVEST if standing in found), "unknown")


_GRAVEST: tuple[Standing, ...] = ("illegal", "ambiguous", "revoked", "licensed")


def _standing(verdict: Verdict) -> Standing:
    match verdict.status:
        case "licensed" | "revoked" | "illegal" | "ambiguous":
            return verdict.status
        case _:
            return "unknown"


def change(watched: Watched, now: Now) -> Change | None:
    """What to tell; None while the register says what the citizen was told last."""
    if watched.standing == now.standing:
        return None
    return Change(
        subject=watched.subject,
        name=watched.name,
        before=watched.standing,
        after=now.standing,
        source=now.source,
        as_of=now.as_of,
    )
