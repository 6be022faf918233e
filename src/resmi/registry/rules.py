"""What the register says about a company somebody named. Pure values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

_MARKED = re.compile(r"\w@\w|://|\b[Ww]{3}\.|\w\.[a-z]{2,}(?!\w)")  # but not "Jl.Raya"
_COMPANY = re.compile(r"\b(?:[Pp][Tt]|[Cc][Vv]|[Uu][Dd])\.?\s+[A-Z]\w\w")  # but not "PT kami"
_LEAST_DIGITS = 7

Status = Literal["licensed", "confirm", "revoked", "illegal", "ambiguous", "similar", "unknown"]
"""
- licensed: the name (or domain, phone, licence number) is exactly that of one licensed entity;
  the only status that asserts something good
- confirm: probably the licensed entity in `entity`, but something differs: ask "this one?"
- revoked: the entity was licensed and no longer is
- illegal: on the list of illegal entities
- ambiguous: several entities answer to it (see `candidates`)
- similar: resembles the candidates but is none of them: warn of imitation
- unknown: nothing in the register; that is not the same as illegal
"""


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entity that may be meant. `differs` names what differs from the question, in its words."""

    entity: str
    name: str
    status: str
    licence: str = ""
    scope: str = ""
    website: str = ""
    differs: tuple[str, ...] = ()


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The register's answer about one mention.

    `name` is the name the mention matched, `legal_name` the registered one, `since` the licence
    date (ISO), `note` the register's own remark (for example why a licence was revoked).
    """

    status: Status
    query: str
    source: str
    as_of: str
    version: int
    entity: str = ""
    name: str = ""
    legal_name: str = ""
    licence: str = ""
    scope: str = ""
    since: str = ""
    note: str = ""
    candidates: tuple[Candidate, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entity as the index is built from it. Dates are ISO texts, "" when not known.

    `status` is licensed, revoked or illegal. `names` are further names as (kind, name), kind one
    of brand, alias, former; `identifiers` are (kind, value), kind one of domain, email, phone,
    app, url. `source` and `as_of` are those of the list the entity stands in.
    """

    id: str
    name: str
    status: str
    legal_form: str = ""
    licence: str = ""
    since: str = ""
    scope: str = ""
    website: str = ""
    note: str = ""
    names: tuple[tuple[str, str], ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    source: str = ""
    as_of: str = ""


def telling(found: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Of the answers to a text those that people are told.

    What is unknown beside what is known is mostly no name at all. But beside a licence an address,
    a number or a company with its legal form ("PT …") that is not in the register is told as well:
    it may be the swindler's.
    """
    answers = tuple(found)
    vouches = any(one.status == "licensed" for one in answers)
    return tuple(
        one for one in answers if one.status != "unknown" or (vouches and _is_telling(one.query))
    )


def _is_telling(said: str) -> bool:
    is_number = sum(map(str.isdigit, said)) >= _LEAST_DIGITS
    return is_number or bool(_MARKED.search(said) or _COMPANY.search(said))
