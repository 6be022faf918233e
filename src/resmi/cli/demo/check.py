"""The demo's own test: a citizen is answered, an agent takes over, by HTTP as a browser would."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import msgspec

from resmi.cli.demo import people, register
from resmi.cli.demo.agent import Agent
from resmi.cli.demo.handset import Handset
from resmi.cli.demo.plan import Plan
from resmi.cli.demo.visitor import Unexpected

ANSWER_S = 60.0
OFFER_S = 60.0
CITIZEN = "wati"
QUESTION = "Apa yang harus saya lakukan?"
REPLY = "Selamat siang Ibu Wati, jangan kirim uang ke rekening itu."
WRAP_UP = "advice_given"
# The pack gives the demo's lists a name in the citizen's language; all of them say "(demo)".
SOURCE = re.compile(r"Sumber: .+\(demo\), per \d{1,2} \w+ \d{4}")


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step: whether it went as it should, how long it took, and what was wrong."""

    name: str
    ok: bool
    ms: int
    error: str = ""


class Report(msgspec.Struct, frozen=True):
    """All steps up to the first that failed."""

    ok: bool
    steps: list[Step]


def run(plan: Plan) -> Report:
    """Walks through the main job against a running demo; stops at the first failure."""
    steps: list[Step] = []
    for name, action in _Walk(plan).steps():
        began = time.monotonic()
        error = _attempt(action)
        steps.append(Step(name, not error, round((time.monotonic() - began) * 1000), error))
        if error:
            break
    return Report(all(step.ok for step in steps), steps)


def _attempt(action: Callable[[], None]) -> str:
    try:
        action()
    except (Unexpected, OSError) as error:
        return str(error)
    return ""


class _Walk:
    """The citizen's phone and the agent's desk."""

    def __init__(self, plan: Plan) -> None:
        self.phone = Handset(plan.simulator, CITIZEN)
        self.agent = Agent(plan.web, people.AGENT)

    def steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        agent = self.agent
        yield "citizen_appears", self.appear
        yield "licensed", self.licensed
        yield "illegal", self.illegal
        yield "unknown", self.unknown
        yield "citizen_asks_for_agent", self.ask
        yield "agent_signs_in", agent.sign_in
        yield "agent_available", lambda: agent.become("available")
        yield "agent_accepts", self.accept
        yield "agent_replies", lambda: agent.write(REPLY)
        yield "citizen_receives", self.receive
        yield "agent_closes", lambda: agent.close(WRAP_UP)

    def appear(self) -> None:
        self.phone.appear(name="Wati Hidayati", phone="6281255500999", language="id")

    def licensed(self) -> None:
        self._verify(register.LICENSED, "berizin", "IZIN-0001/P2P/2021")

    def illegal(self) -> None:
        self._verify(register.ILLEGAL, "ada di daftar entitas ilegal")

    def unknown(self) -> None:
        self._verify(register.UNKNOWN, "tidak ada di daftar kami")

    def _verify(self, name: str, *marks: str) -> None:
        """Every answer names its source and the date of the list."""
        bare = name.removeprefix("PT ")
        self.phone.say(f"Apakah {name} resmi?")
        answer = self.phone.wait_for(lambda text: bare in text, ANSWER_S)
        missing = [mark for mark in marks if mark not in answer]
        if not SOURCE.search(answer):
            missing.append("source and date")
        if missing:
            raise Unexpected(f"the answer lacks {', '.join(missing)}: {answer}")

    def ask(self) -> None:
        self.phone.say("Saya mau bicara dengan petugas")
        self.phone.wait_for(lambda text: "antrean" in text or "petugas" in text, ANSWER_S)
        self.phone.say(QUESTION)

    def accept(self) -> None:
        self.agent.accept(OFFER_S)
        if QUESTION not in self.agent.page.html:
            raise Unexpected("the thread does not show what the citizen wrote")

    def receive(self) -> None:
        self.phone.wait_for(lambda text: REPLY in text, ANSWER_S)
