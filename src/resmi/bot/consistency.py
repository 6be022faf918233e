"""Checks that a pack's parts fit together: everything named exists, in every language, and renders.

A pack that passes can't fail while it talks: every reply has been rendered with full and with empty
values, every option leads somewhere, every expression knows its names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from resmi.bot import canned, checking, consenting, notices, scripts, texts, verdicts
from resmi.bot.compiling import Compiler, Placed, slot_of
from resmi.bot.marked import Document, Where
from resmi.bot.replies import MISHAPS
from resmi.bot.schema import (
    Ask,
    Choose,
    Consent,
    Goto,
    HandOver,
    Instruction,
    Pack,
    Receipt,
    Say,
    Set,
    Verify,
    Watch,
)

Documents = Mapping[str, Document]
ANSWER = ("company", "answer", "receipt")
"""What an option can carry below an answer, or where a flow speaks of the last one."""


def check(pack: Pack, documents: Documents, compiler: Compiler) -> None:
    """Notes every mistake in the documents."""
    _check_languages(pack, documents)
    _check_intents(pack, documents["intents.yaml"])
    _check_options(pack, documents["options.yaml"])
    _check_settings(pack, documents["pack.yaml"])
    _check_verdicts(pack, documents["verdicts.yaml"])
    _check_flows(pack, documents["flows.yaml"], compiler)
    _check_templates(pack, documents)
    _check_replies(pack, documents)


def slots_of(pack: Pack) -> frozenset[str]:
    """Every slot a flow or the bot may fill."""
    found = set(texts.BOT_SLOTS)
    for flow in pack.flows.values():
        for instruction in flow.code:
            if slot := slot_of(instruction):
                found.add(slot)
            if isinstance(instruction, Set):
                found.update(instruction.set)
    found.update(intent.carries for intent in pack.intents.values() if intent.carries)
    return frozenset(found)


def _labels(pack: Pack) -> frozenset[str]:
    code = (step for flow in pack.flows.values() for step in flow.code)
    return frozenset(label for step in code if isinstance(step, HandOver) for label in step.collect)


def _check_languages(pack: Pack, documents: Documents) -> None:
    about = documents["pack.yaml"]
    if not pack.languages:
        about.problem(("languages",), "name at least one language")
    for name, words in pack.names.items():
        checking.every(about, pack, words, ("names", name))
    known = _labels(pack)
    for label, words in pack.labels.items():
        checking.every(about, pack, words, ("labels", label))
        if label not in known:
            about.problem(("labels", label), f"no hand-over collects {label!r}")
    checking.every(documents["hours.yaml"], pack, pack.zone_names, ("zone_names",))
    checking.entries(pack, documents["queues.yaml"], [(q.key, [q.name]) for q in pack.queues])
    checking.entries(pack, documents["wrap_up.yaml"], [(w.key, [w.name]) for w in pack.wrap_up])
    checking.entries(
        pack, documents["canned.yaml"], [(c.key, [c.title, c.body]) for c in pack.canned]
    )
    _check_canned(pack, documents["canned.yaml"])
    scripts.check(pack, documents.get("scripts.yaml"))
    notices.check(pack, documents.get("notices.yaml"))
    for phrase, words in pack.terms.items():
        checking.every(documents["terms.yaml"], pack, words, (phrase,))


def _check_canned(pack: Pack, document: Document) -> None:
    """Notes variables that nobody fills in."""
    for number, reply in enumerate(pack.canned):
        for language, body in reply.body.items():
            for mistake in canned.mistakes(body, pack.names):
                known = ", ".join((*canned.VARIABLES, *pack.names))
                document.problem(
                    (number, "body", language), f"{mistake} is no variable; known: {known}"
                )


def _check_intents(pack: Pack, document: Document) -> None:
    entries = document.data["intents"]
    checking.unique(document, [str(entry["key"]) for entry in entries], ("intents",))
    for needed in texts.RESERVED_INTENTS:
        if needed not in pack.intents or pack.intents[needed].scope != "anywhere":
            document.problem(("intents",), f"an intent {needed!r} with scope: anywhere is needed")
    claimed: dict[str, str] = {}
    for number, entry in enumerate(entries):
        intent = pack.intents[str(entry["key"])]
        where: Where = ("intents", number)
        leads = bool(intent.goto) + bool(intent.language)
        if leads != (0 if intent.scope == "hint" else 1):
            document.problem(where, "an intent needs one of goto and language; a hint needs none")
        checking.exists(document, intent.goto, pack.flows, (*where, "goto"), "flow")
        checking.exists(document, intent.language, pack.replies, (*where, "language"), "language")
        for field in ("examples", "words"):
            given = getattr(intent, field)
            for language in given.keys() - set(pack.languages):
                document.problem((*where, field, language), f"{language!r} is not spoken here")
        if intent.scope != "hint":
            _claim(pack, document, claimed, number)


def _claim(pack: Pack, document: Document, claimed: dict[str, str], number: int) -> None:
    """Notes examples that an earlier intent already has."""
    entry = document.data["intents"][number]
    for field in ("examples", "words"):
        for language, lines in (entry.get(field) or {}).items():
            for index, line in enumerate(lines):
                folded = pack.matcher.key(str(line))
                owner = claimed.setdefault(folded, entry["key"])
                if owner != entry["key"]:
                    where = ("intents", number, field, language, index)
                    document.problem(where, f"{line!r} is an example of {owner!r} already")


def _check_options(pack: Pack, document: Document) -> None:
    checking.unique(document, [str(entry["key"]) for entry in document.data])
    for number, entry in enumerate(document.data):
        option = pack.options[str(entry["key"])]
        if option.key.startswith(verdicts.PICK) or not 0 < len(option.key) <= 100:
            document.problem((number, "key"), "an option's key is 1 to 100 characters, not pick:…")
        if option.goto and option.language:
            document.problem((number,), "an option has goto or language, not both")
        if option.carries and not option.goto:
            document.problem((number,), "an option that carries something needs a goto")
        checking.exists(document, option.goto, pack.flows, (number, "goto"), "flow")
        checking.exists(document, option.language, pack.replies, (number, "language"), "language")
        checking.exists(document, option.intent, pack.intents, (number, "intent"), "intent")


def _check_settings(pack: Pack, document: Document) -> None:
    for field in ("help_options", "person_options", "guess_options", "news_options"):
        _leading(document, pack, getattr(pack.settings, field), ("settings", field))
        known = ("watch",) if field == "news_options" else ()
        _carrying(document, pack, getattr(pack.settings, field), ("settings", field), *known)
    for field in ("max_misunderstandings", "idle_minutes", "max_mentions", "consent_days"):
        if getattr(pack.settings, field) < 1:
            document.problem(("settings", field), f"{field} must be at least 1")
    if not 1 <= pack.settings.max_watches < verdicts.LIST_ROWS:
        document.problem(("settings", "max_watches"), "max_watches is a number from 1 to 9")


def _leading(document: Document, pack: Pack, options: Iterable[str], where: Where) -> None:
    """Options shown while no question is open must lead somewhere."""
    options = tuple(options)
    if len(options) > verdicts.LIST_ROWS:
        document.problem(where, f"at most {verdicts.LIST_ROWS} options fit one message")
    for key in options:
        checking.exists(document, key, pack.options, where, "option")
        option = pack.options.get(key)
        if option and not option.goto and not option.language:
            document.problem(where, f"the option {key!r} leads nowhere; give it a goto")
        _check_titles(document, pack, key, where, len(options))


def _carrying(
    document: Document, pack: Pack, options: Iterable[str], where: Where, *known: str
) -> None:
    """An option can only carry what is `known` at that place."""
    for key in options:
        option = pack.options.get(key)
        if option and option.carries and option.carries not in known:
            document.problem(where, f"{key!r} carries a {option.carries}, and none is known here")


def _check_titles(document: Document, pack: Pack, key: str, where: Where, count: int) -> None:
    limit = texts.LENGTHS["button" if count <= texts.BUTTONS else "row"]
    for language in pack.languages:
        title = pack.replies[language].get(f"option_{key}")
        if title and len(title.source) > limit and not title.variables:
            document.problem(
                where, f"the title of {key!r} in {language!r} is longer than {limit} characters"
            )


def _check_verdicts(pack: Pack, document: Document) -> None:
    for status in texts.ANSWERS:
        if status not in pack.verdicts:
            document.problem((), f"no answer for {status!r}; add it")
    for status, spec in pack.verdicts.items():
        if status not in texts.ANSWERS:
            document.problem(
                (status,), f"{status!r} is no verdict; known: {', '.join(texts.ANSWERS)}"
            )
        _leading(document, pack, spec.options, (status, "options"))
        _carrying(document, pack, spec.options, (status, "options"), *ANSWER)


def _check_flows(pack: Pack, document: Document, compiler: Compiler) -> None:
    for needed in texts.RESERVED_FLOWS:
        if needed not in pack.flows:
            document.problem((), f"a flow {needed!r} is needed")
    for placed in compiler.placed:
        _check_step(pack, document, placed)
    known = slots_of(pack) | texts.EXPRESSION_NAMES
    for source, expression in compiler.expressions.items():
        for name in expression.variables - known:
            where = compiler.places[source]
            document.problem(where, f"{name!r} is neither a slot nor one of {_names()}")
        for intent in expression.constants("means") - pack.intents.keys():
            document.problem(compiler.places[source], f"there is no intent {intent!r}")


def _names() -> str:
    return ", ".join(sorted(texts.EXPRESSION_NAMES))


def _check_step(pack: Pack, document: Document, placed: Placed) -> None:
    where = placed.where
    match placed.instruction:
        case Say(options=options) | Receipt(options=options) | Consent(options=options) as step:
            _leading(document, pack, options, (*where, "options"))
            _carrying(document, pack, options, (*where, "options"), *_known_at(step))
            for mistake in consenting.mistakes(pack, step):
                document.problem(where, mistake)
        case Watch(watch=what, options=options):
            _leading(document, pack, options, (*where, "options"))
            _carrying(document, pack, options, (*where, "options"))
            if what == "stop" and not any(o.carries == "watch" for o in pack.options.values()):
                document.problem(where, "this needs an option with carries: watch to choose one")
        case Ask(options=options) | Choose(options=options):
            for key in options:
                checking.exists(document, key, pack.options, (*where, "options"), "option")
                _check_titles(document, pack, key, (*where, "options"), len(options))
        case Goto(goto=goto):
            checking.exists(document, goto, pack.flows, where, "flow")
        case HandOver(handover=queue):
            checking.exists(document, queue, [each.key for each in pack.queues], where, "queue")
    slot = slot_of(placed.instruction)
    if slot in texts.EXPRESSION_NAMES | texts.OPTIONAL | pack.names.keys():
        document.problem(where, f"{slot!r} can't be a slot: the name has a meaning already")


def _known_at(step: Say | Receipt | Consent) -> tuple[str, ...]:
    """What options below a step can be about."""
    if isinstance(step, Say):
        return ANSWER
    return ("consent",) if isinstance(step, Consent) and step.consent == "ask" else ()


# Replies


def _uses(pack: Pack, instructions: Iterable[Instruction]) -> Iterator[str]:
    for instruction in instructions:
        match instruction:
            case Say(say=say, button=button, footer=footer):
                yield from (say, *filter(None, (button, footer)))
            case Choose(say=say, button=button):
                yield from (say, *filter(None, (button,)))
            case Ask(say=say) | Verify(say=say):
                yield say


def needed_replies(pack: Pack) -> dict[str, frozenset[str]]:
    """Every reply the pack must have → the variables it may use beyond the common ones."""
    needed: dict[str, frozenset[str]] = {**texts.SYSTEM, **texts.CANDIDATES, **texts.BRIEF}
    needed.update(dict.fromkeys(texts.CONSTANT, frozenset()))
    needed.update(dict.fromkeys(consenting.needed(pack), frozenset()))
    needed.update({f"option_{key}": frozenset() for key in pack.options})
    needed.update(
        {f"template_{key}": texts.TEMPLATES.get(key, frozenset()) for key in pack.templates}
    )
    for status, spec in pack.verdicts.items():
        extra = {"answers", "count", "left", "last"} if status == "several" else set()
        needed[spec.say] = needed.get(spec.say, frozenset()) | verdicts.VARIABLES | extra
    for flow in pack.flows.values():
        for key in _uses(pack, flow.code):
            needed.setdefault(key, frozenset())
    return needed


def _check_templates(pack: Pack, documents: Documents) -> None:
    document = documents.get("templates.yaml")
    for key, spec in pack.templates.items():
        assert document is not None
        if key not in texts.TEMPLATES:
            known = ", ".join(sorted(texts.TEMPLATES))
            document.problem((key,), f"{key!r} is no template of ours; known: {known}")
            continue
        _leading(document, pack, spec.buttons, (key, "buttons"))
        _carrying(document, pack, spec.buttons, (key, "buttons"), "watch")
        for name in set(spec.parameters) - texts.TEMPLATES[key]:
            known = ", ".join(sorted(texts.TEMPLATES[key]))
            document.problem((key, "parameters"), f"unknown here: {name}; known: {known}")
        for language in pack.languages:
            reply = pack.replies[language].get(f"template_{key}")
            if reply and reply.variables - pack.names.keys() != set(spec.parameters):
                wanted = ", ".join(sorted(reply.variables - pack.names.keys()))
                document.problem(
                    (key, "parameters"),
                    f"the text in {language!r} uses {wanted or 'none'}; name just these",
                )


def _check_replies(pack: Pack, documents: Documents) -> None:
    needed = needed_replies(pack)
    optional = {f"option_{key}_about" for key in pack.options}
    common = slots_of(pack) | pack.names.keys() | texts.OPTIONAL
    for language in pack.languages:
        document = documents[f"replies/{language}.yaml"]
        for key in sorted(needed.keys() - pack.replies[language].keys()):
            given = f", with {', '.join(sorted(needed[key]))}" if needed[key] else ""
            document.problem((), f"the reply {key!r} is missing; add it{given}")
        for key in pack.replies[language]:
            if key in needed or key in optional:
                fixed = key in texts.CONSTANT
                allowed = frozenset() if fixed else needed.get(key, frozenset()) | common
                if key in texts.ALONE:
                    allowed = needed[key] | pack.names.keys()
                _check_reply(pack, document, language, key, allowed)
            else:
                document.problem((key,), f"nothing uses the reply {key!r}; remove or rename it")


def _check_reply(
    pack: Pack, document: Document, language: str, key: str, allowed: frozenset[str]
) -> None:
    reply = pack.replies[language][key]
    if unknown := reply.variables - allowed:
        known = ", ".join(sorted(allowed)) or "none"
        document.problem((key,), f"unknown here: {', '.join(sorted(unknown))}; known: {known}")
        return
    for sample in (_FULL, _UNMARKED, _EMPTY):
        values = {name: sample.get(name, "" if sample is _EMPTY else "x") for name in allowed}
        try:
            shown = reply.render(values)
        except MISHAPS as error:
            document.problem((key,), f"can't be filled in: {error}")
            return
        if sample is _FULL and not shown.strip():
            document.problem((key,), "this reply is empty; write its text")
        if key.endswith("_about") and sample is _FULL and len(shown) > texts.LENGTHS["about"]:
            document.problem((key,), f"longer than {texts.LENGTHS['about']} characters")


_CANDIDATE = {
    "name": "PT Contoh",
    "licence": "KEP-1",
    "scope": "x",
    "website": "contoh.example",
    "status": "licensed",
}
_FULL: dict[str, Any] = {
    "candidates": [_CANDIDATE, {**_CANDIDATE, "status": "illegal"}],
    "differs": ["x"],
    "letters": ["x"],
    "mixed": True,
    "names": ["x"],
    "watches": [{"name": "x", "standing": "x"}],
    "count": 2,
    "left": 2,
    "position": 2,
    "minutes": 5,
    "hours": 2,
}
_UNMARKED: dict[str, Any] = {**_FULL, "letters": []}  # what differs is told in other words then
_EMPTY: dict[str, Any] = {
    "candidates": [],
    "differs": [],
    "letters": [],
    "mixed": False,
    "names": [],
    "watches": [],
    "count": 0,
    "left": 0,
    "position": 0,
    "minutes": 0,
    "hours": 0,
}
