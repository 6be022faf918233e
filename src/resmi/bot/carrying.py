"""Options that say what they are about in their own id, so that an old button still means it.

What stands behind an option's key depends on what it carries: a company (`watch:<entity>:<name>`),
a watch (`unwatch:<subject>`), a wording (`consent_yes:<version>`), or an answer
(`more:<receipt>:<status>:<entity>:<name>`). Of the kind
`receipt` is the QR code of an answer: on offer only where there is such a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

import msgspec

from resmi.bot.run import Run
from resmi.bot.schema import OptionSpec, Pack
from resmi.engine.content import Option
from resmi.registry.rules import Verdict
from resmi.registry.watches import rules as watches
from resmi.registry.watches.rules import Watched

NAME_IN_ID = 80


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What an option is about: an answer given, and what of it can be watched."""

    company: str = ""
    entity: str = ""
    status: str = ""
    receipt: str = ""
    watched: Watched | None = None


def of_verdict(verdict: Verdict, receipt: str) -> About:
    """What the options below an answer are about; `receipt` is its code."""
    return About(
        company=verdict.query,
        entity=verdict.entity,
        status=verdict.status,
        receipt=receipt,
        watched=watches.of_verdict(verdict),
    )


def of_slots(run: Run) -> About:
    """The same about the company last answered about, as the register has it now."""
    return About(
        company=run.slots.get("company", ""),
        entity=run.slots.get("entity", ""),
        status=run.slots.get("verdict", ""),
        receipt=run.slots.get("receipt", ""),
        watched=meant(run),
    )


def meant(run: Run) -> Watched | None:
    """What of the company last answered about can be watched."""
    name, entity = run.slots.get("company", ""), run.slots.get("entity", "")
    for verdict in run.facts.verify(name, True) if name else ():
        watched = watches.of_verdict(verdict)
        if watched is not None and entity in ("", watches.entity_of(watched.subject)):
            return watched
        for one in verdict.candidates:
            if entity and one.entity == entity and one.status in watches.STANDINGS:
                subject = watches.ENTITY + entity
                return Watched(subject=subject, name=one.name, standing=one.status)
    return None


def argued(pack: Pack, tapped: str) -> tuple[OptionSpec, dict[str, str]] | None:
    """The option an id with an argument belongs to and the slots it fills; None for others."""
    key, bar, argument = tapped.partition(":")
    option = pack.options.get(key)
    if not bar or option is None or not option.carries:
        return None
    if option.carries in ("watch", "consent"):
        return option, {option.carries: argument}
    if option.carries == "company":
        entity, _bar, name = argument.partition(":")
        return option, {"company": name, "entity": unquote(entity)}
    receipt, status, entity, name = (*argument.split(":", 3), "", "", "")[:4]
    slots = {"company": name, "entity": unquote(entity), "verdict": status, "receipt": receipt}
    return option, slots


def options(run: Run, keys: Sequence[str], about: About) -> tuple[Option, ...]:
    """The options of these keys; those that would do nothing about it are left out."""
    offered = (
        _offer(run, key, about) if run.pack.options[key].carries else run.option(key)
        for key in keys
    )
    return tuple(option for option in offered if option is not None)


def _offer(run: Run, key: str, about: About) -> Option | None:
    argument = _argument(run, run.pack.options[key].carries, about)
    if argument is None:
        return None
    option = run.option(key)
    return Option(f"{key}:{argument}", option.title, option.description)


def _argument(run: Run, carries: str, about: About) -> str | None:
    """What stands behind the key; None where there is nothing the option could do."""
    if carries == "company":
        watched = about.watched
        if watched is None or any(one.subject == watched.subject for one in run.watching):
            return None
        entity = quote(watches.entity_of(watched.subject), safe="")
        return f"{entity}:{watched.name[:NAME_IN_ID]}"
    if not about.company or (carries == "receipt" and not run.facts.picture(about.receipt)):
        return None
    parts = (about.receipt, about.status, quote(about.entity, safe=""), about.company[:NAME_IN_ID])
    return ":".join(parts)
