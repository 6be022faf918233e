"""Reads a pack's folder into a checked `Pack`; docs/packs.md describes the files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from resmi.agency.hours import Interval, OpeningHours
from resmi.bot import consistency
from resmi.bot.compiling import Compiler
from resmi.bot.errors import PackError, Problem
from resmi.bot.marked import Document
from resmi.bot.matching import Example, Matcher
from resmi.bot.replies import Reply, compile_reply
from resmi.bot.schema import (
    Canned,
    Intent,
    Notice,
    OptionSpec,
    Queue,
    Script,
    Settings,
    TemplateSpec,
    VerdictSpec,
    Words,
    WrapUp,
)
from resmi.bot.schema import Pack as Pack

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
T = TypeVar("T")


class _About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """pack.yaml."""

    key: str
    languages: tuple[str, ...]
    names: dict[str, Words]
    labels: dict[str, Words] = {}
    settings: Settings


class _Holiday(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A date (2026-03-19) or a day of every year (08-17); closed unless `open` says hours."""

    date: str
    name: str
    open: tuple[str, ...] = ()


class _Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """hours.yaml."""

    time_zone: str
    zone_names: Words
    weekly: dict[str, tuple[str, ...]]
    holidays: tuple[_Holiday, ...] = ()


class _Intents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """intents.yaml."""

    fillers: dict[str, tuple[str, ...]] = {}
    not_names: dict[str, tuple[str, ...]] = {}
    joiners: dict[str, tuple[str, ...]] = {}
    intents: tuple[Intent, ...]


FILES: dict[str, Any] = {
    "pack.yaml": _About,
    "queues.yaml": tuple[Queue, ...],
    "wrap_up.yaml": tuple[WrapUp, ...],
    "canned.yaml": tuple[Canned, ...],
    "intents.yaml": _Intents,
    "options.yaml": tuple[OptionSpec, ...],
    "verdicts.yaml": dict[str, VerdictSpec],
    "terms.yaml": dict[str, Words],
}


def load(folder: Path) -> Pack:
    """The pack in `folder`. Raises `PackError` with every mistake found, by file and line."""
    return _Loading(folder).pack()


class _Loading:
    """One load: the files read so far and the mistakes found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}

    def pack(self) -> Pack:
        hours = self._hours()
        read: dict[str, Any] = {name: self._read(name, kind) for name, kind in FILES.items()}
        templates = self._read_if_there("templates.yaml", dict[str, TemplateSpec])
        scripts = self._read_if_there("scripts.yaml", tuple[Script, ...])
        notices = self._read_if_there("notices.yaml", tuple[Notice, ...])
        compiler = Compiler(self._document("flows.yaml"))
        flows = compiler.flows()
        about: _About | None = read["pack.yaml"]
        replies = self._replies(about.languages) if about else {}
        if self.problems or hours is None or about is None:
            raise PackError(self.problems)
        pack = Pack(
            key=about.key,
            version=self._digest(),
            languages=about.languages,
            names=about.names,
            labels=about.labels,
            settings=about.settings,
            hours=hours[0],
            zone_names=hours[1],
            queues=read["queues.yaml"],
            wrap_up=read["wrap_up.yaml"],
            canned=read["canned.yaml"],
            scripts=scripts or (),
            notices=notices or (),
            intents={intent.key: intent for intent in read["intents.yaml"].intents},
            options={option.key: option for option in read["options.yaml"]},
            verdicts=read["verdicts.yaml"],
            flows=flows,
            templates=templates or {},
            terms=read["terms.yaml"],
            replies=replies,
            expressions=compiler.expressions,
            matcher=_matcher(read["intents.yaml"]),
        )
        consistency.check(pack, self.documents, compiler)
        if self.problems:
            raise PackError(self.problems)
        return pack

    def _document(self, name: str) -> Document:
        document = Document(self.folder / name, name, self.problems)
        self.documents[name] = document
        return document

    def _read(self, name: str, kind: type[T]) -> T | None:
        before = len(self.problems)
        document = self._document(name)
        if len(self.problems) > before:
            return None
        return document.convert(document.data, kind)

    def _read_if_there(self, name: str, kind: type[T]) -> T | None:
        return self._read(name, kind) if (self.folder / name).exists() else None

    def _replies(self, languages: Iterable[str]) -> dict[str, dict[str, Reply]]:
        found: dict[str, dict[str, Reply]] = {}
        for language in languages:
            document = self._document(f"replies/{language}.yaml")
            texts = document.convert(document.data or {}, dict[str, str])
            found[language] = {}
            for key, source in (texts or {}).items():
                try:
                    found[language][key] = compile_reply(source)
                except ValueError as error:
                    document.problem((key,), str(error))
        return found

    def _hours(self) -> tuple[OpeningHours, Words] | None:
        read = self._read("hours.yaml", _Hours)
        if read is None:
            return None
        document = self.documents["hours.yaml"]
        zone = self._zone(document, read.time_zone)
        for day in read.weekly.keys() - set(DAYS):
            document.problem(("weekly", day), f"{day!r} is no day; write {', '.join(DAYS)}")
        weekly = tuple(
            _intervals(document, ("weekly", day), read.weekly.get(day, ())) for day in DAYS
        )
        special: dict[date, tuple[Interval, ...]] = {}
        yearly: dict[tuple[int, int], tuple[Interval, ...]] = {}
        names: dict[date | tuple[int, int], str] = {}
        for number, holiday in enumerate(read.holidays):
            where = ("holidays", number)
            spans = _intervals(document, (*where, "open"), holiday.open)
            try:
                if len(holiday.date) == len("08-17"):
                    every = date.fromisoformat(f"2000-{holiday.date}")
                    yearly[every.month, every.day] = spans
                    names[every.month, every.day] = holiday.name
                else:
                    once = date.fromisoformat(holiday.date)
                    special[once], names[once] = spans, holiday.name
            except ValueError:
                document.problem(
                    (*where, "date"), "write a date as 2026-03-19, or 08-17 for every year"
                )
        hours = OpeningHours(zone=zone, weekly=weekly, special=special, yearly=yearly, names=names)
        return hours, read.zone_names

    def _zone(self, document: Document, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (ValueError, OSError, LookupError):
            document.problem(
                ("time_zone",), f"{name!r} is no time zone; write one like Asia/Jakarta"
            )
            return "UTC"

    def _digest(self) -> str:
        digest = hashlib.blake2b(digest_size=8)
        for name in sorted(self.documents):
            digest.update(name.encode() + b"\0" + (self.folder / name).read_bytes() + b"\0")
        return digest.hexdigest()


def _intervals(
    document: Document, where: tuple[str | int, ...], texts: Iterable[str]
) -> tuple[Interval, ...]:
    found = []
    for text in texts:
        try:
            found.append(Interval.parse(text))
        except ValueError as error:
            document.problem(where, str(error))
    return tuple(sorted(found))


def _matcher(read: _Intents) -> Matcher:
    def examples() -> Iterable[Example]:
        for intent in read.intents:
            for word, texts in ((False, intent.examples), (True, intent.words)):
                for language, lines in texts.items():
                    for line in lines:
                        yield Example(intent.key, line, language, word)

    def flat(words: dict[str, tuple[str, ...]]) -> list[str]:
        return [word for lines in words.values() for word in lines]

    return Matcher(
        examples(),
        quiet=frozenset(intent.key for intent in read.intents if intent.scope == "hint"),
        fillers=flat(read.fillers),
        not_names=flat(read.not_names),
        joiners=flat(read.joiners),
    )
