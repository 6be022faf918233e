"""One step of a dialogue while it happens: what the bot knows, has said, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from resmi.bot import wording
from resmi.bot.dialogue import Dialogue, Offered
from resmi.bot.replies import MISHAPS
from resmi.bot.schema import Ask, Choose, Pack, Verify, Waiting
from resmi.engine.consent import Known
from resmi.engine.content import Choices, Option, Outbound, Text
from resmi.registry.rules import Verdict
from resmi.registry.watches.rules import Watched


def no_receipt(_number: int) -> str:
    """For a world without receipts."""
    return ""


def no_picture(_code: str) -> str:
    """For a world without pictures of receipts."""
    return ""


def all_read(_text: str) -> bool:
    """For a register that looks at all of every text."""
    return True


def not_shown(code: str) -> tuple[str, str]:
    """For a world without receipts."""
    return code, ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the bot may know of the world.

    `now` is aware. `language` is the conversation's, "" when not known yet. `opens_at` is the next
    opening while closed. `first` means that the bot has not written in this conversation.
    `verify(text, whole)` asks the register, as `resmi.registry.index.Index.verify`;
    `complete(text)` tells whether that looks at all of the text. `receipt(n)` is
    the address of the receipt of this step's answer n, counted from 0; "" when there are none;
    `code(n)` its code, `shown(code)` a code as people read it with its address. `picture(code)` is
    the id under which the channel sends its QR code, "" where there is no such picture.
    `watching` is what the citizen watches, oldest first; `consent` what they were asked and said.
    """

    now: datetime
    language: str
    open: bool
    opens_at: datetime | None
    first: bool
    verify: Callable[[str, bool], tuple[Verdict, ...]]
    complete: Callable[[str], bool] = all_read
    receipt: Callable[[int], str] = no_receipt
    code: Callable[[int], str] = no_receipt
    shown: Callable[[str], tuple[str, str]] = not_shown
    picture: Callable[[str], str] = no_picture
    watching: tuple[Watched, ...] = ()
    consent: Known = Known()


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """The bot asks for an agent. `collected` maps a label for staff to what the citizen said."""

    queue: str
    reason: str
    skills: tuple[str, ...] = ()
    priority: int = 0
    collected: dict[str, str] = {}


class Disputed(msgspec.Struct, frozen=True):
    """An answer the citizen says is wrong. `receipt` is its code, "" when it has none."""

    query: str
    receipt: str = ""


class Run:
    """Mutable only within one call of `resmi.bot.rules.step`.

    With `bare` only options that carry what they are about are shown: nothing hears the others.
    """

    def __init__(self, pack: Pack, before: Dialogue, facts: Facts, *, bare: bool = False) -> None:
        self.pack = pack
        self.facts = facts
        self.bare = bare
        self.language = pack.spoken(facts.language)
        self.chosen = before.chosen
        self.flow = before.flow if before.flow in pack.flows else ""
        self.at = before.at if self.flow else ""
        self.slots = dict(before.slots)
        self.misses = before.misses
        self.offered = before.offered
        self.asked = before.asked
        self.first = facts.first
        self.introduced = False
        self.aside = False
        self.replies: list[Outbound] = []
        self.verdicts: list[Verdict] = []
        self.rest_wanted = False
        self.watching = list(facts.watching)
        self.watched: list[Watched] = []
        self.unwatched: list[Watched] = []
        self.consent = facts.consent
        self.consented: list[Any] = []
        self.pictures: list[str] = []
        self.disputed: list[Disputed] = []
        self.handover: Handover | None = None
        self.stop = False
        self.close = ""

    def dialogue(self) -> Dialogue:
        """Where this step leaves the conversation."""
        return Dialogue(
            talked=True,
            flow=self.flow,
            at=self.at,
            slots=self.slots,
            misses=self.misses,
            offered=self.offered,
            asked=self.asked,
            chosen=self.chosen,
        )

    def words(self, key: str, **values: Any) -> str:
        """A reply's text; the pack's apology where a value does not suit it."""
        reply = self.pack.replies[self.language][key]
        try:
            return reply.render(self._values(reply.variables, values))
        except MISHAPS:
            return self.pack.replies[self.language]["unavailable"].source

    def say(self, key: str, options: Sequence[str] = (), **values: Any) -> None:
        """Writes a reply, with the options of these keys."""
        self.write(self.words(key, **values), tuple(self.option(option) for option in options))

    def write(
        self, body: str, options: tuple[Option, ...] = (), *, button: str = "", footer: str = ""
    ) -> None:
        """Writes a message; the citizen may tap an option, or type its number or title."""
        if not body:
            return
        if self.bare:
            options = tuple(option for option in options if ":" in option.id)
        if not options:
            self.replies.append(Text(body))
            return
        self.offered = tuple(Offered(option.id, option.title) for option in options)
        button = button or "button_options"
        self.replies.append(
            Choices(
                body=body,
                options=options,
                button=self.pack.replies[self.language][button].source,
                footer=self.words(footer) if footer else "",
            )
        )

    def option(self, key: str) -> Option:
        """An option of the pack in the citizen's language."""
        about = f"option_{key}_about"
        described = about in self.pack.replies[self.language]
        return Option(key, self.words(f"option_{key}"), self.words(about) if described else "")

    def _values(self, wanted: frozenset[str], given: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in wanted:
            if name in given:
                found[name] = given[name]
            elif name in self.pack.names:
                found[name] = self.pack.names[name][self.language]
            elif name == "opening":
                found[name] = wording.moment_words(
                    self.pack, self.language, self.facts.opens_at, self.facts.now
                )
            else:
                found[name] = wording.plain(self.slots.get(name, ""))
        return found

    def waiting(self) -> Waiting | None:
        """The question that is open, if any."""
        flow = self.pack.flows.get(self.flow)
        if flow is None or self.at not in flow.waits:
            return None
        instruction = flow.code[flow.waits[self.at]]
        assert isinstance(instruction, Waiting)
        return instruction

    def ask_again(self) -> None:
        """Repeats the open question."""
        match self.waiting():
            case Ask(say=say, options=options) | Choose(say=say, options=options):
                self.say(say, options)
            case Verify(say=say):
                self.say(say)

    def finish(self) -> None:
        """No question is open any more; what was collected is kept for what comes next."""
        self.flow, self.at = "", ""

    def forget(self) -> None:
        """No question is open any more, and nothing collected is needed."""
        self.finish()
        self.slots = {}
