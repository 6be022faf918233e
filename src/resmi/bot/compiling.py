"""Flows as written → instructions: steps are read, `when` becomes jumps, references are checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from resmi.bot.marked import Document, Where
from resmi.bot.replies import Expression
from resmi.bot.schema import (
    Ask,
    Branch,
    Choose,
    Consent,
    End,
    Flow,
    Goto,
    HandOver,
    Instruction,
    Jump,
    Receipt,
    Say,
    Set,
    Verify,
    Watch,
)

Verb = Ask | Choose | Verify | HandOver | Set | Goto | End | Watch | Receipt | Consent | Say

VERBS: dict[str, type[Verb]] = {
    "ask": Ask,
    "choose": Choose,
    "verify": Verify,
    "handover": HandOver,
    "set": Set,
    "goto": Goto,
    "end": End,
    "watch": Watch,
    "receipt": Receipt,
    "consent": Consent,
    "say": Say,
}
LEAVING = (Verify, HandOver, Goto, End)
_WHEN = {"when", "then", "else"}
_DEEPEST = 10


class Placed(msgspec.Struct, frozen=True):
    """An instruction with the place in the file it came from."""

    instruction: Instruction
    where: Where


class Compiler:
    """Compiles every flow of one file. `expressions` collects what the flows compute."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.expressions: dict[str, Expression] = {}
        self.places: dict[str, Where] = {}
        self.placed: list[Placed] = []

    def flows(self) -> dict[str, Flow]:
        """Every flow that could be read; mistakes are noted in the document."""
        if not isinstance(self.document.data, dict):
            self.document.problem((), "write flows as a mapping: a name, then its list of steps")
            return {}
        return {key: self._flow(key, steps) for key, steps in self.document.data.items()}

    def _flow(self, key: str, steps: Any) -> Flow:
        code: list[Instruction] = []
        self._steps(steps, (key,), code, 0)
        waits: dict[str, int] = {}
        for index, instruction in enumerate(code):
            if slot := slot_of(instruction):
                if slot in waits:
                    self.document.problem(
                        (key,), f"flow {key!r} asks for {slot!r} twice; use two slots"
                    )
                waits[slot] = index
        return Flow(key, tuple(code), waits)

    def _steps(self, steps: Any, where: Where, code: list[Instruction], depth: int) -> None:
        if not isinstance(steps, list) or not steps:
            self.document.problem(where, "write the steps as a list, each line beginning with -")
            return
        if depth > _DEEPEST:
            self.document.problem(where, "nested too deeply; move steps to a flow of their own")
            return
        for number, step in enumerate(steps):
            here = (*where, number)
            if (
                number
                and code
                and isinstance(code[-1], LEAVING)
                and not _is_when(steps[number - 1])
            ):
                self.document.problem(here, "never reached: the step before leaves this flow")
            if _is_when(step):
                self._when(step, here, code, depth)
            else:
                self._step(step, here, code)

    def _when(
        self, step: dict[str, Any], where: Where, code: list[Instruction], depth: int
    ) -> None:
        for extra in step.keys() - _WHEN:
            self.document.problem((*where, extra), f"{extra!r} does not belong to a when")
        test = str(step["when"])
        self._expression(test, (*where, "when"))
        branch = len(code)
        code.append(Branch(test, 0))
        self._steps(step.get("then"), (*where, "then"), code, depth + 1)
        if "else" in step:
            jump = len(code)
            code.append(Jump(0))
            code[branch] = Branch(test, len(code))
            self._steps(step["else"], (*where, "else"), code, depth + 1)
            code[jump] = Jump(len(code))
        else:
            code[branch] = Branch(test, len(code))

    def _step(self, step: Any, where: Where, code: list[Instruction]) -> None:
        verb = next((verb for verb in VERBS if isinstance(step, dict) and verb in step), None)
        if verb is None:
            known = ", ".join(sorted([*VERBS, "when"]))
            self.document.problem(
                where, f"this step does nothing known; begin it with one of {known}"
            )
            return
        instruction = self.document.convert(step, VERBS[verb], where)
        if instruction is None:
            return
        code.append(instruction)
        self.placed.append(Placed(instruction, where))
        for source, at in _sources(instruction, where):
            self._expression(source, at)

    def _expression(self, source: str, where: Where) -> None:
        self.places.setdefault(source, where)
        try:
            self.expressions.setdefault(source, Expression(source))
        except ValueError as error:
            self.document.problem(where, str(error))


def _is_when(step: Any) -> bool:
    return isinstance(step, dict) and "when" in step


def slot_of(instruction: Instruction) -> str:
    """The slot a waiting instruction fills; "" for the others."""
    match instruction:
        case Ask(ask=slot) | Choose(choose=slot) | Verify(verify=slot):
            return slot
    return ""


def _sources(instruction: Instruction, where: Where) -> Iterator[tuple[str, Where]]:
    match instruction:
        case Set(set=values):
            for slot, source in values.items():
                yield source, (*where, "set", slot)
        case HandOver(priority=priority, collect=collect):
            if isinstance(priority, str):
                yield priority, (*where, "priority")
            for label, source in collect.items():
                yield source, (*where, "collect", label)
