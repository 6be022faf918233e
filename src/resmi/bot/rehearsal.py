"""Scripted conversations that test a pack, each with a small register of its own.

A script is a YAML file in the pack's `tests` folder; docs/packs.md describes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from resmi.bot import rules
from resmi.bot.errors import Problem
from resmi.bot.marked import Document
from resmi.bot.rules import Facts, Step
from resmi.bot.schema import Pack
from resmi.engine import content
from resmi.engine.content import Choices, Inbound, Outbound
from resmi.language import legal_forms, normalising
from resmi.registry.receipts import codes
from resmi.registry.rules import Candidate, Status, Verdict
from resmi.registry.watches.rules import Watched

ISSUER = "https://agency.example"


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
    names of answers called wrong.
    """

    citizen: str | Heard
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    options: tuple[str, ...] | None = None
    replies: int | None = None
    language: str | None = None
    verdicts: tuple[Status, ...] | None = None
    watches: tuple[str, ...] | None = None
    pictures: int | None = None
    disputes: tuple[str, ...] | None = None
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
    """One scripted conversation. `now` is local time of the pack's zone."""

    name: str
    now: str = "2026-03-03T10:00"
    language: str = ""
    source: str = "Register of licensed companies"
    as_of: str = "2026-03-01"
    register: tuple[Listed, ...] = ()
    talk: tuple[Expected, ...]


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a script as it was played. `watching` is what is watched after it."""

    expected: Expected
    said: Inbound
    step: Step
    watching: tuple[Watched, ...] = ()


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """How a script went: no problems, or what differed and where; and the talk as it was."""

    file: str
    name: str
    problems: tuple[Problem, ...] = ()
    transcript: str = ""


def rehearse(pack: Pack, folder: Path) -> list[Rehearsed]:
    """Plays every script in `folder`, in the order of their names."""
    return [_play_file(pack, path) for path in sorted(folder.glob("*.yaml"))]


def _play_file(pack: Pack, path: Path) -> Rehearsed:
    problems: list[Problem] = []
    document = Document(path, f"{path.parent.name}/{path.name}", problems)
    script = document.convert(document.data, Script) if not problems else None
    if script is None:
        return Rehearsed(file=document.name, name=path.stem, problems=tuple(problems))
    transcript = []
    for number, played in enumerate(play(pack, script)):
        transcript.append(told(played.said, played.step))
        for complaint in _compare(pack, played):
            document.problem(("talk", number), complaint)
    return Rehearsed(
        file=document.name,
        name=script.name,
        problems=tuple(problems),
        transcript="\n".join(transcript),
    )


def play(pack: Pack, script: Script) -> Iterator[Played]:
    """Runs the bot through a script.

    After a hand-over the bot only answers licence questions, until the citizen leaves the queue.
    """
    now = datetime.fromisoformat(script.now).replace(tzinfo=ZoneInfo(pack.hours.zone))
    is_open = pack.hours.is_open(now)
    verify = register(script)
    dialogue: dict[str, Any] = {}
    language, waiting = script.language, False
    on_offer: tuple[str, ...] = ()
    watching: tuple[Watched, ...] = ()
    for number, expected in enumerate(script.talk):
        facts = Facts(
            now=now,
            language=language,
            open=is_open,
            opens_at=None if is_open else pack.hours.next_opening(now),
            first=number == 0,
            verify=verify,
            watching=watching,
            **_receipts(number),
        )
        said = heard(expected.citizen, on_offer)
        if waiting and (left := rules.leave_waiting(pack, said, facts)):
            step, waiting = left, False
        elif waiting:
            step = rules.answer_waiting(pack, dialogue, said, facts) or Step(dialogue=dialogue)
        else:
            step = rules.step(pack, dialogue, said, facts)
            waiting = step.handover is not None
        dialogue, language = step.dialogue, step.language or language
        watching = _watching(watching, step)
        on_offer = _offered(step) or on_offer
        step = msgspec.structs.replace(step, language=language)
        yield Played(expected=expected, said=said, step=step, watching=watching)


def _receipts(number: int) -> dict[str, Any]:
    """Receipts with codes that are the same in every rehearsal."""
    book = codes.Book(b"rehearsal", ISSUER, 1, number)
    return {
        "receipt": book.link,
        "code": book.code,
        "shown": lambda code: (codes.shown(code), codes.link(ISSUER, code)),
        "picture": lambda code: code,
    }


def _watching(before: tuple[Watched, ...], step: Step) -> tuple[Watched, ...]:
    return tuple(one for one in (*before, *step.watched) if one not in step.unwatched)


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


def told(said: Inbound, step: Step) -> str:
    """One exchange as people read it: `>` the citizen, then the bot with its options."""
    shown = f"[{said.id}]" if isinstance(said, content.Choice) else content.preview(said, 4096)
    lines = [f"> {shown}", ""]
    for reply in step.replies:
        lines += [body_of(reply), *_options(reply), ""]
    if step.handover:
        lines += [f"→ {step.handover.queue}: {msgspec.json.encode(step.handover).decode()}", ""]
    if step.close or step.stop:
        lines += [f"→ closed: {step.close}{', stop' if step.stop else ''}", ""]
    return "\n".join(lines)


def body_of(reply: Outbound) -> str:
    """The words of a message of the bot."""
    if isinstance(reply, content.Media):
        return f"[{reply.kind} {reply.filename}] {reply.caption}"
    return content.preview(reply) if not hasattr(reply, "body") else str(reply.body)


def _options(reply: Outbound) -> list[str]:
    if not isinstance(reply, Choices):
        return []
    lines = [
        f"  [{option.title}]{' ' + option.description if option.description else ''} ({option.id})"
        for option in reply.options
    ]
    return [*lines, *([f"  _{reply.footer}_"] if reply.footer else [])]


def _compare(pack: Pack, played: Played) -> Iterator[str]:
    expected, step = played.expected, played.step
    said = "\n".join(body_of(reply) for reply in step.replies)
    for piece in expected.says:
        if piece not in said:
            yield f"expected {piece!r} in the answer, which was: {said!r}"
    for piece in expected.never:
        if piece.casefold() in said.casefold():
            yield f"{piece!r} must not be in the answer, which was: {said!r}"
    found = {
        "options": tuple(_key(pack, option) for option in _offered(step)),
        "replies": len(step.replies),
        "language": step.language,
        "verdicts": tuple(verdict.status for verdict in step.verdicts),
        "watches": tuple(one.name for one in played.watching),
        "pictures": len(step.pictures),
        "disputes": tuple(one.query for one in step.disputed),
        "closes": step.close,
        "stops": step.stop,
    }
    for field, value in found.items():
        wanted = getattr(expected, field)
        if wanted is not None and wanted != value:
            yield f"{field}: expected {wanted!r}, got {value!r}"
    if expected.handover is not None:
        yield from _compare_handover(expected.handover, step)


def _key(pack: Pack, option: str) -> str:
    """An option's key without what it carries."""
    key = option.partition(":")[0]
    return key if key in pack.options else option


def _offered(step: Step) -> tuple[str, ...]:
    for reply in reversed(step.replies):
        if isinstance(reply, Choices):
            return tuple(option.id for option in reply.options)
    return ()


def _compare_handover(wanted: dict[str, Any], step: Step) -> Iterator[str]:
    if step.handover is None:
        yield "expected a hand-over to an agent, got none"
        return
    found = msgspec.json.decode(msgspec.json.encode(step.handover))
    for field, value in wanted.items():
        if found.get(field) != value:
            yield f"handover.{field}: expected {value!r}, got {found.get(field)!r}"
