"""Walks through the flows of a pack until a question waits for the citizen or the flow ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resmi.bot import answering, carrying, consenting, receipts, watching
from resmi.bot.run import Handover, Run
from resmi.bot.schema import (
    Ask,
    Branch,
    Choose,
    Consent,
    End,
    Flow,
    Goto,
    HandOver,
    Jump,
    Receipt,
    Say,
    Set,
    Verify,
    Watch,
)
from resmi.engine.content import Option

INTRODUCED = ("greeting", "stop")  # flows that need no introduction of the bot before them
Next = tuple[Flow, int] | None  # None: the flow waits for the citizen, or has ended
MOST_INSTRUCTIONS = 200  # of one step; a pack that needs more is running in a circle


def start(run: Run, key: str, slots: dict[str, str] | None = None) -> None:
    """Begins a flow; a question still open is dropped with what it had collected."""
    if run.at:
        run.slots = {}
    run.slots.update(slots or {})
    run.misses = 0
    run.introduced = run.introduced or key in INTRODUCED
    _play(run, run.pack.flows[key], 0)


def resume(run: Run) -> None:
    """Goes on with the flow after the open question has been answered."""
    run.misses = 0
    flow = run.pack.flows[run.flow]
    _play(run, flow, flow.waits[run.at])


def _play(run: Run, flow: Flow, index: int) -> None:
    run.flow, run.at = flow.key, ""
    for _ in range(MOST_INSTRUCTIONS):
        if index >= len(flow.code):
            break
        following = _do(run, flow, index)
        if following is None:
            return
        flow, index = following
    run.finish()


def _do(run: Run, flow: Flow, index: int) -> Next:
    """One instruction."""
    match flow.code[index]:
        case Say(say=say, options=options, button=button, footer=footer):
            shown = _shown(run, options)
            run.write(run.words(say), shown, button=button, footer=footer)
        case Ask(ask=slot) | Choose(choose=slot):
            if slot not in run.slots:
                return _wait(run, flow, slot)
        case Watch() | Receipt() | Consent() as step:
            _about_answer(run, step)
        case Set(set=values):
            run.slots.update({slot: _text(value(run, source)) for slot, source in values.items()})
        case Branch(when=when, otherwise=otherwise) if not value(run, when):
            return flow, otherwise
        case Jump(to=to):
            return flow, to
        case Goto(goto=key):
            return run.pack.flows[key], 0
        case Verify() | HandOver() | End() as last:
            return _leave(run, flow, last)
    return flow, index + 1


def _shown(run: Run, keys: Sequence[str]) -> tuple[Option, ...]:
    """The options of a step; those that carry an answer are about the last one."""
    if not any(run.pack.options[key].carries for key in keys):
        return tuple(run.option(key) for key in keys)
    return carrying.options(run, keys, carrying.of_slots(run))


def _about_answer(run: Run, step: Watch | Receipt | Consent) -> None:
    match step:
        case Consent():
            consenting.follow(run, step)
        case Watch(watch="start", options=options):
            watching.start(run, options)
        case Watch(watch="stop", options=options):
            watching.stop(run, options)
        case Watch(options=options):
            watching.listed(run, options)
        case Receipt(receipt="picture", options=options):
            receipts.picture(run, options)
        case Receipt(options=options):
            receipts.dispute(run, options)


def _leave(run: Run, flow: Flow, last: Verify | HandOver | End) -> Next:
    """An instruction after which the flow does not go on by itself."""
    match last:
        case Verify(verify=slot) if slot not in run.slots:
            return _wait(run, flow, slot)
        case Verify(verify=slot):
            answering.answer_name(run, run.slots[slot])
        case HandOver():
            _hand_over(run, last)
        case End():
            run.close = "" if last.end == "done" else last.end
            run.stop = run.stop or last.stop
            run.forget()
    return None


def _wait(run: Run, flow: Flow, slot: str) -> Next:
    run.flow, run.at = flow.key, slot
    run.ask_again()
    return None


def _hand_over(run: Run, order: HandOver) -> None:
    collected = {label: _text(value(run, source)) for label, source in order.collect.items()}
    priority = value(run, order.priority) if isinstance(order.priority, str) else order.priority
    run.handover = Handover(
        queue=order.handover,
        reason=order.reason,
        skills=(f"lang:{run.language}", *order.skills),
        priority=priority if isinstance(priority, int) else 0,
        collected={label: said for label, said in collected.items() if said},
    )
    run.offered, run.asked = (), None
    run.forget()


def value(run: Run, source: str) -> Any:
    """The value of an expression of the pack; None where it can't be worked out."""
    expression = run.pack.expressions[source]
    known: dict[str, Any] = {
        "open": run.facts.open,
        "first": run.first,
        "asking": run.aside,
        "language": run.language,
        "means": run.pack.matcher.means,
        "register": lambda name: _register(run, name),
    }
    return expression(
        {name: known.get(name, run.slots.get(name, "")) for name in expression.variables}
    )


def _register(run: Run, name: str) -> str:
    found = run.facts.verify(name, True) if name else ()
    return found[0].status if found else ""


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "yes" if value is True else str(value)
