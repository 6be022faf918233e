"""Scripted conversations that test a pack, each with a small register of its own.

A script is a YAML file in the pack's `tests` folder; docs/packs.md describes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from resmi.bot import rules, staging
from resmi.bot.consenting import Asked, Consented
from resmi.bot.errors import Problem
from resmi.bot.marked import Document
from resmi.bot.rules import Facts, Step
from resmi.bot.schema import Pack
from resmi.bot.staging import Expected, Script
from resmi.engine import consent, content
from resmi.engine.content import Choices, Inbound, Outbound
from resmi.registry.receipts import codes
from resmi.registry.watches.rules import Watched

ISSUER = "https://agency.example"


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
    facts = _facts(pack, script)
    dialogue: dict[str, Any] = {}
    waiting = False
    on_offer: tuple[str, ...] = ()
    for number, expected in enumerate(script.talk):
        facts = _at(pack, facts, number, expected.after_days)
        said = staging.heard(expected.citizen, on_offer)
        if waiting and (left := rules.leave_waiting(pack, said, facts)):
            step, waiting = left, False
        elif waiting:
            step = rules.answer_waiting(pack, dialogue, said, facts) or Step(dialogue=dialogue)
        else:
            step = rules.step(pack, dialogue, said, facts)
            waiting = step.handover is not None
        dialogue = step.dialogue
        on_offer = _offered(step) or on_offer
        facts = _after(facts, step)
        step = msgspec.structs.replace(step, language=facts.language)
        yield Played(expected=expected, said=said, step=step, watching=facts.watching)


def _facts(pack: Pack, script: Script) -> Facts:
    now = datetime.fromisoformat(script.now).replace(tzinfo=ZoneInfo(pack.hours.zone))
    wording = consent.Known(version=1, texts=script.wording) if script.wording else consent.Known()
    return Facts(
        now=now,
        language=script.language,
        open=False,
        opens_at=None,
        first=True,
        verify=staging.register(script),
        consent=wording,
    )


def _at(pack: Pack, facts: Facts, number: int, days: int) -> Facts:
    """What the bot may know when message `number` comes, `days` after the one before."""
    now = facts.now + timedelta(days=days)
    is_open = pack.hours.is_open(now)
    return msgspec.structs.replace(
        facts,
        now=now,
        open=is_open,
        opens_at=None if is_open else pack.hours.next_opening(now),
        first=number == 0,
        **_receipts(number),
    )


def _after(facts: Facts, step: Step) -> Facts:
    """What is known from then on."""
    known = facts.consent
    for one in step.consented:
        if isinstance(one, Asked):
            known = consent.asked(known, facts.now)
        else:
            known = consent.answered(known, one.answer)
    return msgspec.structs.replace(
        facts,
        language=step.language or facts.language,
        watching=_watching(facts.watching, step),
        consent=known,
    )


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


def told(said: Inbound, step: Step) -> str:
    """One exchange as people read it: `>` the citizen, then the bot with its options."""
    shown = f"[{said.id}]" if isinstance(said, content.Choice) else content.preview(said, 4096)
    lines = [f"> {shown}", ""]
    for reply in step.replies:
        lines += [body_of(reply), *_options(reply), ""]
    if step.handover:
        lines += [f"→ {step.handover.queue}: {msgspec.json.encode(step.handover).decode()}", ""]
    lines += [f"→ consent {_consenting(one)}\n" for one in step.consented]
    if step.close or step.stop:
        lines += [f"→ closed: {step.close}{', stop' if step.stop else ''}", ""]
    return "\n".join(lines)


def _consenting(one: Consented) -> str:
    return "asked" if isinstance(one, Asked) else one.answer


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
        "consent": tuple(_consenting(one) for one in step.consented),
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
