"""Consent: the bot asks with the agency's wording and two buttons, and hears what is said to it.

The id of a button holds the version it is about (`consent_yes:3`), so that an old one still means
what its citizen read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec

from resmi.bot.run import Run
from resmi.bot.schema import Consent, Instruction, Pack
from resmi.engine import consent
from resmi.engine.consent import Answer, Said
from resmi.engine.content import Option, Outbound


class Asked(msgspec.Struct, frozen=True):
    """The citizen is asked with this version of the wording, in this language, by `question`."""

    version: int
    language: str
    question: Outbound


class Answered(msgspec.Struct, frozen=True):
    """What the citizen said, about this version; 0: all there is."""

    version: int
    answer: Answer


Consented = Asked | Answered

REPLIES = tuple(
    f"consent_{key}" for key in ("given", "refused", "withdrawn", "is_given", "is_none")
)
"""Replies a pack needs that asks for consent."""


def needed(pack: Pack) -> tuple[str, ...]:
    """The replies of a pack's steps of consent; none without any."""
    code = (step for flow in pack.flows.values() for step in flow.code)
    return REPLIES if any(isinstance(step, Consent) for step in code) else ()


def mistakes(pack: Pack, step: Instruction) -> Iterator[str]:
    """What is wrong with the options below a question for consent; nothing for other steps."""
    if not isinstance(step, Consent) or step.consent != "ask":
        return
    if len(step.options) != 2:
        yield "asking for consent needs two options: a yes and a no"
    said = ("yes", "no")
    for key, answer in zip(step.options, said, strict=False):
        option = pack.options.get(key)
        flow = pack.flows.get(option.goto) if option else None
        first = flow.code[0] if flow and flow.code else None
        is_answer = isinstance(first, Consent) and first.consent == answer
        if option and (option.carries != "consent" or not is_answer):
            yield f"{key!r} needs carries: consent, and a flow beginning with consent: {answer}"


def follow(run: Run, step: Consent) -> None:
    """Carries out one step."""
    if step.consent == "ask":
        ask(run, step.options)
    else:
        hear(run, step.consent, step.options)


def ask(run: Run, options: Sequence[str]) -> None:
    """Asks, where they may be asked now; else nothing is said."""
    every = timedelta(days=run.pack.settings.consent_days)
    known = run.consent
    if not consent.may_ask(known, run.facts.now, every):
        return
    language, text = consent.in_language(known.texts, run.language)
    buttons = [run.option(key) for key in options]
    run.write(
        text,
        tuple(Option(f"{one.id}:{known.version}", one.title, one.description) for one in buttons),
    )
    run.consent = consent.asked(known, run.facts.now)
    run.consented.append(Asked(known.version, language, run.replies[-1]))


def hear(run: Run, said: Said, options: Sequence[str]) -> None:
    """Takes an answer, or taking it back, and says what follows."""
    tapped = run.slots.pop("consent", "")
    version = int(tapped) if tapped.isascii() and tapped.isdecimal() and len(tapped) < 9 else 0
    answer = consent.heard(run.consent, said, version)
    if answer is None:
        standing = "given" if run.consent.agreed else "none"
        run.say(f"consent_is_{standing}", options)
        return
    run.consent = consent.answered(run.consent, answer)
    run.consented.append(Answered(0 if said == "withdraw" else version, answer))
    run.say(f"consent_{answer}", options)
