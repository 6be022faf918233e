"""What the bot still answers while a citizen waits for an agent: licence questions, and what
is done with an answer: watched, sent as a picture, disputed; and what is said to consent.

A story for the agent is full of names and must stay a story, so only what the register knows
exactly, or a wording that asks, is answered, and the same answer is not given twice in a row.
"""

from __future__ import annotations

from collections.abc import Sequence

from resmi.bot import answering, carrying, flows
from resmi.bot.matching import key as folded
from resmi.bot.matching import looks_like_name, separated
from resmi.bot.run import Run
from resmi.bot.schema import Consent, Intent, Receipt, Watch
from resmi.bot.verdicts import REGISTERED
from resmi.engine.content import Choice, Inbound, Text
from resmi.registry import rules as register
from resmi.registry.rules import Verdict


def hear(run: Run, said: Inbound) -> bool:
    """Answers one message; False if it is not for the bot."""
    if about_answers(run, said):
        return True
    if not isinstance(said, Text):
        return False
    sentence = separated(said.body)
    found = _asked_about(run, sentence) or _named(run, sentence)
    if not found:
        return False
    before = (run.flow, run.at, run.offered, run.misses)
    answering.answer(run, found, follow_up=False)
    answering.own_up(run, sentence)
    run.flow, run.at, run.offered, run.misses = before
    said_already = [getattr(reply, "body", "") for reply in run.replies]
    run.replies = [Text("\n\n".join((*said_already, run.words("still_waiting"))))]
    return True


def about_answers(run: Run, said: Inbound) -> bool:
    """Follows a tap or a word about an answer; False if it is none."""
    match said:
        case Choice(id=tapped):
            found = carrying.argued(run.pack, tapped)
            goto, slots = (found[0].goto, found[1]) if found else ("", {})
        case Text(body=body):
            intent = run.pack.intents.get(run.pack.matcher.whole(body))
            goto, slots = (intent.goto if intent and _is_about_answers(run, intent) else ""), {}
        case _:
            return False
    if goto:
        flows.start(run, goto, slots)
    return bool(goto)


def _is_about_answers(run: Run, intent: Intent) -> bool:
    """Whether a wish leads to a flow that does nothing but what is asked about an answer given.

    Or takes a consent back, which counts whoever has the word.
    """
    flow = run.pack.flows.get(intent.goto)
    steps = (Watch, Consent, Receipt) if run.slots.get("company") else (Watch, Consent)
    return flow is not None and all(isinstance(step, steps) for step in flow.code)


def _asked_about(run: Run, sentence: str) -> Sequence[Verdict]:
    """The answers to a wording that asks about a company, unknown ones too."""
    asked = run.pack.matcher.asked(sentence)
    if asked is None or not asked.company:
        return ()
    return run.facts.verify(sentence, False) or run.facts.verify(asked.company, True)


def _named(run: Run, sentence: str) -> Sequence[Verdict]:
    """Companies that the register knows exactly, or a name that is the whole message."""
    found = run.facts.verify(sentence, False)
    whole = folded(sentence)
    beside = [verdict for verdict in register.telling(found) if verdict.status == "unknown"]
    told = [
        verdict
        for verdict in found
        if verdict.status in REGISTERED
        or verdict in beside
        or (folded(verdict.query) == whole and looks_like_name(sentence))
    ]
    last = (run.slots.get("company"), run.slots.get("verdict"))
    return () if [(one.query, one.status) for one in told] == [last] else told
