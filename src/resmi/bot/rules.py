"""The bot as a function: what it knows, what a citizen says → what it answers. Pure and total.

A step never raises, whatever arrives: a content it can't use gets an answer that says so, a
dialogue of an older release starts afresh. Words that work everywhere (a person, the menu, stop,
another language) are heard before an open question; companies before anything else said at ease.
"""

from __future__ import annotations

from typing import Any

import msgspec

from resmi.bot import dialogue as memory
from resmi.bot import flows, hearing, waiting, wording
from resmi.bot.consenting import Consented
from resmi.bot.replies import MISHAPS
from resmi.bot.run import Disputed as Disputed
from resmi.bot.run import Facts as Facts
from resmi.bot.run import Handover as Handover
from resmi.bot.run import Run
from resmi.bot.schema import Pack
from resmi.engine.content import Choice, Edit, Inbound, Outbound, Reaction, Revocation, Text
from resmi.registry.rules import Verdict
from resmi.registry.watches.rules import Watched


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from one message.

    `language` is set when the conversation goes on in another one (`detected`, else chosen).
    `verdicts` were told in `replies`. `consented` is what was asked of consent and said to it, in
    order. `watched` and `unwatched` are watches begun and ended.
    `pictures` are the codes of receipts whose QR codes are among the replies, `disputed` the
    answers the citizen calls wrong. `handover` ends the bot's part; `stop` means no more messages
    that we start; `close` is the reason the conversation ends, "" while it goes on.
    """

    dialogue: dict[str, Any]
    replies: tuple[Outbound, ...] = ()
    language: str = ""
    detected: bool = False
    verdicts: tuple[Verdict, ...] = ()
    consented: tuple[Consented, ...] = ()
    watched: tuple[Watched, ...] = ()
    unwatched: tuple[Watched, ...] = ()
    pictures: tuple[str, ...] = ()
    disputed: tuple[Disputed, ...] = ()
    handover: Handover | None = None
    stop: bool = False
    close: str = ""


def step(pack: Pack, dialogue: dict[str, Any], said: Inbound, facts: Facts) -> Step:
    """The bot's answer to one message."""
    if isinstance(said, Reaction | Edit | Revocation):
        return Step(dialogue=dialogue)
    run = Run(pack, memory.read(dialogue), facts)
    hearing.hear(run, said)
    if facts.first and run.replies and not run.introduced:
        run.replies.insert(0, Text(run.words("intro")))
    return _step(run)


def leave_waiting(pack: Pack, said: Inbound, facts: Facts) -> Step | None:
    """What a citizen's message does while they wait in a queue: menu and stop leave it."""
    flow = _leaving(pack, said)
    if not flow:
        return None
    run = Run(pack, memory.Dialogue(), msgspec.structs.replace(facts, first=False))
    if flow == "menu":
        run.say("left_queue")
    flows.start(run, flow)
    return _step(run)


def answer_waiting(
    pack: Pack, dialogue: dict[str, Any], said: Inbound, facts: Facts
) -> Step | None:
    """Answers a licence question, or a wish about an answer, of somebody who keeps their place.

    None for everything else: it is for the agent who will read it. What is answered has no options,
    for nothing but such a question is heard before the agent comes.
    """
    facts = msgspec.structs.replace(facts, first=False)
    run = Run(pack, memory.read(dialogue), facts, bare=True)
    return _step(run) if waiting.hear(run, said) else None


def choose_quietly(
    pack: Pack, dialogue: dict[str, Any], said: Inbound, facts: Facts
) -> Step | None:
    """What a tap about an answer does while a person has the word: it counts, nothing is said."""
    run = Run(pack, memory.read(dialogue), msgspec.structs.replace(facts, first=False))
    if not waiting.about_answers(run, said):
        return None
    return msgspec.structs.replace(_step(run), replies=(), pictures=(), dialogue=dialogue)


def text(pack: Pack, key: str, language: str, **values: Any) -> str:
    """A text of the pack for other rooms; "" if a value is missing or of the wrong kind.

    Besides a reply's own variables, `wait_s` (seconds or None) fills `wait`, and `opens_at` with
    `now` (aware datetimes) fill `opening`. Raises `KeyError` for a key the pack does not have.
    """
    spoken = pack.spoken(language)
    reply = pack.replies[spoken][key]
    try:
        known = {name: words[spoken] for name, words in pack.names.items()}
        known.update(values)
        known["wait"] = wording.wait_words(pack, spoken, values.get("wait_s"))
        opens_at, now = values.get("opens_at"), values.get("now")
        known["opening"] = wording.moment_words(pack, spoken, opens_at, now) if now else ""
        return reply.render(known)
    except MISHAPS:
        return ""


def _leaving(pack: Pack, said: Inbound) -> str:
    match said:
        case Text(body=body):
            intent = pack.matcher.whole(body)
            flow = pack.intents[intent].goto if intent else ""
        case Choice(id=key) if key in pack.options:
            flow = pack.options[key].goto
        case _:
            flow = ""
    return flow if flow in ("menu", "stop") else ""


def _step(run: Run) -> Step:
    changed = run.language != run.facts.language
    return Step(
        dialogue=memory.write(run.dialogue()),
        replies=tuple(run.replies),
        language=run.language if changed else "",
        detected=changed and not run.chosen,
        verdicts=tuple(run.verdicts),
        consented=tuple(run.consented),
        watched=tuple(run.watched),
        unwatched=tuple(run.unwatched),
        pictures=tuple(run.pictures),
        disputed=tuple(run.disputed),
        handover=run.handover,
        stop=run.stop,
        close=run.close,
    )
