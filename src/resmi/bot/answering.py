"""Tells the citizen what the register says, and takes their choice among candidates."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from resmi.bot import carrying, verdicts
from resmi.bot.run import Run
from resmi.engine.content import Option, Text
from resmi.registry import rules as register
from resmi.registry.rules import Verdict


def answer_name(run: Run, name: str) -> None:
    """Answers about what was given as a company's name, be it inside a sentence."""
    found = run.facts.verify(name, False) or run.facts.verify(name, True)
    known = register.telling(found)
    if known:
        answer(run, known)
    elif found:
        query = found[0].query if len(found) == 1 else name
        answer(run, [msgspec.structs.replace(found[0], query=query)])
    else:
        run.finish()
        run.say("misunderstood", run.pack.settings.help_options)


def answer(run: Run, found: Sequence[Verdict], *, follow_up: bool = True) -> None:
    """One answer covering every company named; without `follow_up` no options are offered."""
    run.misses = 0
    run.finish()
    distinct = _distinct(found)
    kept = distinct[: run.pack.settings.max_mentions]
    first = len(run.verdicts)
    links = [run.facts.receipt(first + at) for at in range(len(kept))]
    run.verdicts += kept
    run.asked = None
    run.slots = {"company": kept[0].query, "verdict": kept[0].status}
    if code := run.facts.code(first):
        run.slots["receipt"] = code
    if kept[0].entity:
        run.slots["entity"] = kept[0].entity
    if len(kept) == 1:
        _one(run, kept[0], links[0], follow_up=follow_up)
    else:
        left = len(distinct) - len(kept)
        run.rest_wanted = left > 0
        _several(run, kept, links, left, follow_up=follow_up)


def own_up(run: Run, text: str) -> None:
    """Says after which name to go on when the register did not look at all of the text answered
    about, unless an answer says so already."""
    if not run.verdicts or run.rest_wanted or run.facts.complete(text):
        return
    run.rest_wanted = True
    last = verdicts.values(run.pack, run.language, run.verdicts[-1])["mention"]
    run.replies.insert(0, Text(run.words("read_in_part", last=last)))


def picked(run: Run, entity: str) -> bool:
    """Answers about the candidate the citizen chose, "" meaning none; False if not on offer."""
    asked = run.asked
    if asked is None:
        return False
    if not entity:
        run.misses = 0
        run.asked = None
        run.finish()
        _tell(run, "none", asked)
        return True
    name = next((c.name for c in verdicts.candidates_of(asked) if c.entity == entity), "")
    verdict = verdicts.pick(asked, entity, run.facts.verify(name, True) if name else ())
    if verdict is None:
        return False
    answer(run, (verdict,))
    return True


def _one(run: Run, verdict: Verdict, link: str, *, follow_up: bool) -> None:
    key: str = verdict.status
    own: tuple[Option, ...] = ()
    if not follow_up:
        shown = verdicts.values(run.pack, run.language, verdict)
        brief = run.words(f"brief_{key}", **shown)
        run.write(verdicts.with_receipt(run.pack, run.language, brief, link))
        return
    if key in ("confirm", "ambiguous"):
        if verdicts.candidates_of(verdict):
            own = verdicts.candidate_options(run.pack, run.language, verdict)
            run.asked = verdict
        else:
            key = "unknown"
    _tell(run, key, verdict, own, link)


def _tell(
    run: Run, key: str, verdict: Verdict, own: tuple[Option, ...] = (), link: str = ""
) -> None:
    spec = run.pack.verdicts[key]
    body = run.words(spec.say, **verdicts.values(run.pack, run.language, verdict))
    body = verdicts.with_receipt(run.pack, run.language, body, link)
    about = carrying.of_verdict(verdict, run.slots.get("receipt", ""))
    more = carrying.options(run, spec.options, about)[: verdicts.LIST_ROWS - len(own)]
    run.write(body, (*own, *more))


def _several(
    run: Run, found: list[Verdict], links: list[str], left: int, *, follow_up: bool
) -> None:
    """One text about several companies; it says so when others, `left` out here, were named too."""
    spec = run.pack.verdicts["several"]
    values = [verdicts.values(run.pack, run.language, verdict) for verdict in found]
    briefs = [
        run.words(f"brief_{verdict.status}", **shown)
        for verdict, shown in zip(found, values, strict=True)
    ]
    answers = "\n\n".join(
        verdicts.with_receipt(run.pack, run.language, brief, link)
        for brief, link in zip(briefs, links, strict=True)
    )
    told = {"answers": answers, "count": len(found), "left": left, "last": values[-1]["mention"]}
    body = run.words(spec.say, **{**values[0], **told})
    options = spec.options if follow_up else ()
    run.write(body, tuple(run.option(option) for option in options))


def _distinct(found: Sequence[Verdict]) -> list[Verdict]:
    """Each company once, in the order named."""
    kept: dict[tuple[str, str], Verdict] = {}
    for verdict in found:
        kept.setdefault((verdict.status, verdict.entity or verdict.query.casefold()), verdict)
    return list(kept.values())
