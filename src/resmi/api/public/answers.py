"""A verdict as a page shows it: its sign, the pack's own words, and where to go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.safestring import SafeString

from resmi.api import wording
from resmi.api.public import markup
from resmi.api.wording import Word
from resmi.bot import services as bot
from resmi.bot import verdicts
from resmi.bot import wording as words
from resmi.registry.rules import Verdict


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An entry the visitor may have meant, and the page about it."""

    name: str
    about: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a page says about one name. `choices` are for answers that ask back;
    `watch_url` opens a conversation to be told when the answer changes.
    """

    verdict: Verdict
    word: Word
    heading: str
    body: SafeString
    source: str
    as_of: str
    choices: tuple[Choice, ...] = ()
    watch_url: str = ""


def of(verdict: Verdict, language: str) -> Answer:
    """The answer in words, in the language of the page."""
    pack = bot.current_pack()
    spoken = pack.spoken(language)
    text = verdicts.told(pack, spoken, verdict)
    body, _blank, last = text.rpartition("\n\n")
    shown = verdicts.values(pack, spoken, verdict)
    name = verdict.name or verdict.query
    return Answer(
        verdict=verdict,
        word=wording.WORDS[verdict.status],
        heading=words.plain(verdict.query if verdict.status == "confirm" else name),
        body=markup.html(body if shown["source"] in last else text),
        source=shown["source"],
        as_of=shown["as_of"],
        choices=_choices(verdict),
    )


def _choices(verdict: Verdict) -> tuple[Choice, ...]:
    if verdict.status not in ("confirm", "ambiguous", "similar"):
        return ()
    return tuple(
        Choice(
            name=candidate.name,
            about=str(wording.WORDS[candidate.status].short),
            url=reverse("api:entry", args=[candidate.entity]),
        )
        for candidate in verdicts.candidates_of(verdict)
        if candidate.status in wording.WORDS
    )


def agency(language: str) -> str:
    """The agency's name, as a title."""
    pack = bot.current_pack()
    name = pack.names.get("agency", {}).get(pack.spoken(language), "")
    name = name.removeprefix("the ")
    return name[:1].upper() + name[1:] or "Resmi"


def account(language: str) -> str:
    """The name people find us under on WhatsApp; "" if the pack has none."""
    pack = bot.current_pack()
    return pack.names.get("account", {}).get(pack.spoken(language), "")


def local_time(iso: str, language: str) -> str:
    """A moment on the agency's clock, and the name of that clock."""
    pack = bot.current_pack()
    at = datetime.fromisoformat(iso).astimezone(ZoneInfo(pack.hours.zone))
    clock = pack.zone_names.get(pack.spoken(language), pack.hours.zone)
    return f"{words.date_words(at.date().isoformat(), language)}, {at:%H:%M} ({clock})"
