"""A pack as frozen values: what an agency's bot knows, says and does.

The classes with plain fields mirror the YAML files (docs/packs.md); `Pack` is the whole, compiled
and checked by `resmi.bot.packs.load`. `Words` maps a language (ISO 639-1) to text.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from resmi.agency.hours import OpeningHours
from resmi.bot.matching import Matcher
from resmi.bot.replies import Reply

Words = dict[str, str]
Scope = Literal["anywhere", "aside", "idle", "hint"]
Accepted = Literal[
    "text", "image", "video", "document", "voice", "audio", "sticker", "contacts", "location"
]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers and names the bot's rules need.

    `idle_minutes`: a talk with the bot ends after that silence. `max_misunderstandings` in a row
    offer a person. `max_mentions` companies are answered in one message. `help_options` follow an
    unclear message, `person_options` the offer of a person, `guess_options` "is this a company?",
    `news_options` the news of something watched, of which a citizen may have `max_watches` (1-9).
    Who was asked for consent is not asked again for `consent_days`.
    """

    max_misunderstandings: int = 2
    idle_minutes: int = 30
    max_mentions: int = 5
    help_options: tuple[str, ...]
    person_options: tuple[str, ...]
    guess_options: tuple[str, ...]
    news_options: tuple[str, ...] = ()
    max_watches: int = 9
    consent_days: int = 365


class Queue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where conversations wait for an agent. Times in seconds."""

    key: str
    name: Words
    skills: tuple[str, ...] = ()
    priority: int = 0
    offer_s: int = 30
    target_s: int = 60


class WrapUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason an agent may close a conversation with."""

    key: str
    name: Words


class Canned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ready answer agents insert by `/key`."""

    key: str
    title: Words
    body: Words


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing an agent says, asks or does; a `required` one left open is asked for at closing.

    `canned` names the canned reply that says it.
    """

    key: str
    text: Words
    required: bool = False
    canned: str = ""


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent goes through on one topic, point by point.

    It lies ready in conversations handed over for one of `reasons`, else in those of `queues`.
    """

    key: str
    name: Words
    reasons: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    points: tuple[Point, ...]


class Notice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text the agency has to tell citizens, sent by one key and proved afterwards.

    `template` is the name under which the channel approved the same text, for closed windows;
    `codes` maps our languages to the channel's where they differ.
    """

    key: str
    name: Words
    body: Words
    template: str = ""
    codes: Words = {}


class Intent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Something a citizen may want, with examples per language.

    `scope`: `anywhere` works from any step; `aside` is answered and the open question asked again;
    `idle` works while nothing is being asked; `hint` is only looked up (`means` in expressions, the
    words of an option). It leads to the flow `goto` or to another `language`. `carries` names the
    slot that takes the company mentioned along with it.
    `examples` match a whole message, and inside a longer one if they have several words; `words`
    match anywhere in a short message; `{company}` in an example stands for a company's name.
    """

    key: str
    scope: Scope = "idle"
    goto: str = ""
    language: str = ""
    carries: str = ""
    examples: dict[str, tuple[str, ...]] = {}
    words: dict[str, tuple[str, ...]] = {}


class OptionSpec(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A button or list row. It goes to a flow, changes the language, or answers with `value`.

    Its title is the reply `option_<key>`, its description `option_<key>_about` if there is one;
    `intent` names what a citizen may type instead of it. `carries` says what stands in its id when
    it is shown: the `company` to be watched, a `watch`, the `answer` just given, its `receipt`, or
    the wording asked for `consent`.
    """

    key: str
    goto: str = ""
    language: str = ""
    value: str = ""
    intent: str = ""
    carries: Literal["", "company", "watch", "answer", "receipt", "consent"] = ""


class TemplateSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message the channel approved beforehand, for when free text is not allowed any more.

    Its text is the reply `template_<key>`, whose variables `parameters` names in the order of the
    channel's own; `codes` maps our languages to the channel's where they differ. `buttons` are
    options shown as its reply buttons, about what the message is about.
    """

    name: str
    parameters: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    codes: Words = {}


class VerdictSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one status is answered: the reply and the options that follow."""

    say: str
    options: tuple[str, ...] = ()


class Say(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Writes a reply, with options if given, and goes on."""

    say: str
    options: tuple[str, ...] = ()
    button: str = ""
    footer: str = ""


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for the slot `ask` and waits, unless the slot is filled already."""

    ask: str
    say: str
    accept: tuple[Accepted, ...] = ("text",)
    options: tuple[str, ...] = ()
    kind: Literal["text", "name"] = "text"


class Choose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for one of the options' values and waits, unless the slot is filled already."""

    choose: str
    say: str
    options: tuple[str, ...]
    button: str = ""


class Verify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for a company unless the slot holds one, answers the verdict, and ends the flow."""

    verify: str
    say: str


class HandOver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Queues the conversation for an agent and ends the flow.

    `priority` and the values of `collect` are expressions; empty values are left out.
    """

    handover: str
    reason: str
    skills: tuple[str, ...] = ()
    priority: str | int = 0
    collect: dict[str, str] = {}


class Set(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fills slots with the values of expressions."""

    set: dict[str, str]


class Goto(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goes on in another flow, keeping the slots."""

    goto: str


class End(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ends the flow: `done` waits for what the citizen says next, `solved` and `stopped` close.

    With `stop` the citizen gets no more messages that we start.
    """

    end: Literal["done", "solved", "stopped"]
    stop: bool = False


class Watch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`start` watches the company last answered about, `list` shows what is watched.

    `stop` ends the watch in the slot `watch`, else the only one, else asks which.
    """

    watch: Literal["start", "stop", "list"]
    options: tuple[str, ...] = ()


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`picture` sends the QR code of the last answer's receipt, `dispute` calls that wrong."""

    receipt: Literal["picture", "dispute"]
    options: tuple[str, ...] = ()


class Consent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`ask` asks for consent where it is due, with two `options`: a yes and a no.

    `yes` and `no` are what these lead to; `withdraw` takes a consent back.
    """

    consent: Literal["ask", "yes", "no", "withdraw"]
    options: tuple[str, ...] = ()


class Branch(msgspec.Struct, frozen=True):
    """Compiled `when`: goes on at `otherwise` unless the expression `when` holds."""

    when: str
    otherwise: int


class Jump(msgspec.Struct, frozen=True):
    """Compiled end of a `then`: goes on at `to`."""

    to: int


Waiting = Ask | Choose | Verify
Instruction = (
    Say
    | Ask
    | Choose
    | Verify
    | HandOver
    | Set
    | Goto
    | End
    | Watch
    | Receipt
    | Consent
    | Branch
    | Jump
)


class Flow(msgspec.Struct, frozen=True):
    """A flow compiled to instructions; `waits` finds a waiting one by its slot."""

    key: str
    code: tuple[Instruction, ...]
    waits: dict[str, int]


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """An agency's behaviour, loaded and checked.

    `names` are variables known to every reply, per language; `terms` translate what the register
    says in its own language, `labels` what hand-overs collect for staff. `version` is a digest of
    all files.
    """

    key: str
    version: str
    languages: tuple[str, ...]
    names: dict[str, Words]
    labels: dict[str, Words] = {}
    settings: Settings
    hours: OpeningHours
    zone_names: Words
    queues: tuple[Queue, ...]
    wrap_up: tuple[WrapUp, ...]
    canned: tuple[Canned, ...]
    scripts: tuple[Script, ...] = ()
    notices: tuple[Notice, ...] = ()
    intents: dict[str, Intent]
    options: dict[str, OptionSpec]
    verdicts: dict[str, VerdictSpec]
    flows: dict[str, Flow]
    templates: dict[str, TemplateSpec]
    terms: dict[str, Words]
    replies: dict[str, dict[str, Reply]]
    expressions: dict[str, Any]
    matcher: Matcher

    def spoken(self, language: str) -> str:
        """`language` if the pack speaks it, else its first."""
        return language if language in self.replies else self.languages[0]

    def queue(self, key: str) -> Queue | None:
        """The queue of that key."""
        return next((queue for queue in self.queues if queue.key == key), None)
