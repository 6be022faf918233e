"""What a scripted conversation says and is given: its lines, and a register of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from resmi.engine import content
from resmi.engine.content import Inbound
from resmi.language import legal_forms, normalising
from resmi.registry.rules import Candidate, Status, Verdict

Consenting = Literal["asked", "given", "refused", "withdrawn"]


class Heard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the citizen does when it is not plain text: exactly one of these."""

    tap: str = ""
    photo: str | None = None
    voice: str | None = None
    contact: str = ""
    location: str = ""
    unsupported: str = ""


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A citizen's message and what must follow. What is not named is not looked at.

    `says` and `never` are pieces of the replies; `options` the keys on offer at the end; `replies`
    the number of messages; `language` the conversation's; `handover` fields of the hand-over;
    `watches` the names watched from then on; `pictures` how many QR codes are sent; `disputes` the
    names of answers called wrong; `consent` what is asked of consent and said to it, in order.
    `after_days` pass before the citizen writes.
    """

    citizen: str | Heard
    after_days: int = 0
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    options: tuple[str, ...] | None = None
    replies: int | None = None
    language: str | None = None
    verdicts: tuple[Status, ...] | None = None
    watches: tuple[str, ...] | None = None
    pictures: int | None = None
    disputes: tuple[str, ...] | None = None
    consent: tuple[Consenting, ...] | None = None
    handover: dict[str, Any] | None = None
    closes: str | None = None
    stops: bool | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of the script's register, answered when `name` or one of `also` is said."""

    name: str
    status: Status
    also: tuple[str, ...] = ()
    licence: str = ""
    scope: str = ""
    since: str = ""
    note: str = ""
    candidates: tuple[Candidate, ...] = ()


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scripted conversation. `now` is local time of the pack's zone.

    `wording` is what citizens are asked to consent to, by language; without one they are not asked.
    """

    name: str
    now: str = "2026-03-03T10:00"
    language: str = ""
    source: str = "Register of licensed companies"
    as_of: str = "2026-03-01"
    wording: dict[str, str] = {}
    register: tuple[Listed, ...] = ()
    talk: tuple[Expected, ...]


def register(script: Script) -> Callable[[str, bool], tuple[Verdict, ...]]:
    """A register that answers exactly what the script lists, wherever a name stands in a text."""
    answers: dict[str, Listed] = {}
    for listed in script.register:
        for name in (listed.name, *listed.also):
            answers[normalising.squash(name)] = listed

    def verify(text: str, whole: bool) -> tuple[Verdict, ...]:
        text = normalising.prepare(text)
        words = normalising.words(text)
        found: list[Verdict] = []
        start = 0
        while start < len(words):
            end = _longest(words, start, answers)
            if end > start:
                query = text[words[start].start : words[end - 1].end]
                key = _squashed(words[start:end])
                found.append(_verdict(script, answers[key], query, len(found)))
            start = max(end, start + 1)
        if whole and words and not found:
            blank = Listed(name="", status="unknown")
            return (_verdict(script, blank, text.strip(), 0),)
        return tuple(found)

    return verify


def _squashed(words: list[normalising.Word]) -> str:
    return "".join(legal_forms.without([word.text for word in words]))


def _longest(words: list[normalising.Word], start: int, answers: dict[str, Listed]) -> int:
    ends = range(len(words), start, -1)
    return next((end for end in ends if _squashed(words[start:end]) in answers), start)


def _verdict(script: Script, listed: Listed, query: str, number: int) -> Verdict:
    named = listed.status in ("licensed", "revoked", "illegal", "confirm")
    return Verdict(
        status=listed.status,
        query=query,
        source=script.source,
        as_of=script.as_of,
        version=1,
        entity=normalising.squash(listed.name) if named else "",
        name=listed.name if named else "",
        legal_name=listed.name if named else "",
        licence=listed.licence,
        scope=listed.scope,
        since=listed.since,
        note=listed.note,
        candidates=listed.candidates,
    )


def heard(citizen: str | Heard, on_offer: tuple[str, ...] = ()) -> Inbound:
    """A script's citizen line as inbound content; `on_offer` are the ids that can be tapped."""
    if isinstance(citizen, str):
        return content.Text(citizen)
    if citizen.photo is not None:
        return content.Media("image", "image/jpeg", provider_id="photo", caption=citizen.photo)
    if citizen.voice is not None:
        return content.Media("voice", "audio/ogg", provider_id="voice")
    if citizen.contact:
        name, _, phone = citizen.contact.rpartition(" ")
        return content.SharedContacts((content.SharedContact(name, (phone,)),))
    if citizen.location:
        return content.Location(-6.2, 106.8, name=citizen.location)
    if citizen.unsupported:
        return content.Unsupported(citizen.unsupported)
    tap = citizen.tap
    return content.Choice(next((id_ for id_ in on_offer if id_.startswith(f"{tap}:")), tap), "")
