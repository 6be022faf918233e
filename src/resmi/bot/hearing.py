"""What the bot makes of a message: which option, command, answer, company or wish it is."""

from __future__ import annotations

from collections.abc import Sequence

from resmi.bot import answering, carrying, flows
from resmi.bot.matching import SHORT, looks_like_name, separated
from resmi.bot.matching import key as folded
from resmi.bot.run import Run
from resmi.bot.schema import Ask, Choose, Intent, OptionSpec, Verify, Waiting
from resmi.bot.verdicts import PICK, REGISTERED
from resmi.engine.content import (
    Choice,
    FormReply,
    Inbound,
    Location,
    Media,
    SharedContacts,
    Text,
)
from resmi.language import identification
from resmi.registry import rules as register
from resmi.registry.rules import Verdict

TELLING = 4  # words from which an answer to a question shows which language it is in


def hear(run: Run, said: Inbound) -> None:
    """Answers one message."""
    match said:
        case Text(body=body):
            _text(run, body)
        case Choice(id=option):
            if not _chosen(run, option):
                _stale(run)
        case Media() as media:
            _media(run, media)
        case SharedContacts(people=people):
            names = (" ".join((person.name, *person.phones)) for person in people)
            _thing(run, "contacts", ", ".join(names), "contacts_unread")
        case Location() as place:
            where = f"{place.latitude:.5f}, {place.longitude:.5f} {place.name} {place.address}"
            _thing(run, "location", where.strip(), "location_unread")
        case FormReply(values=values):
            _text(run, "\n".join(values.values()))
        case _:
            _unread(run, "unsupported_unread")


# Texts


def _text(run: Run, body: str) -> None:
    if option := _typed_option(run, body):
        _chosen(run, option)
        return
    intent = run.pack.intents.get(run.pack.matcher.whole(body))
    if intent is not None and _everywhere(run, intent, body):
        return
    waiting = run.waiting()
    if waiting is None:
        _at_ease(run, body, intent)
    else:
        _answered(run, waiting, body)
    answering.own_up(run, separated(body))


def _typed_option(run: Run, body: str) -> str:
    """The id of the offered option whose number, title or words were typed."""
    typed = folded(body[:200])
    if typed.isdecimal() and len(typed) <= 2 and 0 < int(typed) <= len(run.offered):
        return run.offered[int(typed) - 1].id
    if not typed:
        return ""
    meanings = run.pack.matcher.meanings(body)
    for offered in run.offered:
        option = run.pack.options.get(offered.id)
        if folded(offered.title) == typed or (option and option.intent in meanings):
            return offered.id
    return ""


def _everywhere(run: Run, intent: Intent, body: str) -> bool:
    """Follows a wish that may be uttered at any time; False for those that may not."""
    if intent.language:
        _speak(run, intent.language)
    elif intent.scope == "anywhere":
        _detect(run, body)
        flows.start(run, intent.goto)
    elif intent.scope == "aside":
        _detect(run, body)
        _aside(run, intent)
    else:
        return False
    return True


def _aside(run: Run, intent: Intent) -> None:
    """Answers a courtesy; a question that is open stays open and is asked again."""
    before = (run.flow, run.at, dict(run.slots), run.misses)
    run.aside = run.waiting() is not None
    flows.start(run, intent.goto)
    run.flow, run.at, run.slots, run.misses = before
    run.ask_again()


def _speak(run: Run, language: str) -> None:
    """Goes on in the language the citizen chose."""
    run.language, run.chosen, run.misses = language, True, 0
    run.say("language_changed")
    if run.waiting() is not None:
        run.ask_again()
    else:
        flows.start(run, "menu")


def _answered(run: Run, waiting: Waiting, body: str) -> None:
    """The text answers the open question, as far as it can."""
    if wish := _urgent_wish(run, body):
        _detect(run, body)
        flows.start(run, wish.goto)
    elif not body.strip() or not _takes_text(waiting):
        _missed(run)
    elif isinstance(waiting, Verify):
        _named(run, waiting, body)
    else:
        assert isinstance(waiting, Ask)
        if waiting.kind == "text" and len(body.split()) >= TELLING:
            _detect(run, body)
        run.slots[waiting.ask] = body.strip()
        flows.resume(run)


def _urgent_wish(run: Run, body: str) -> Intent | None:
    """A wish that may be uttered at any time, said in a short sentence of its own."""
    if len(body.split()) > SHORT:
        return None
    intent = run.pack.intents.get(run.pack.matcher.phrase(body, words_count=False))
    if intent is None or intent.scope != "anywhere" or intent.language:
        return None
    return None if run.facts.verify(separated(body), False) else intent


def _takes_text(waiting: Waiting) -> bool:
    return isinstance(waiting, Verify) or (isinstance(waiting, Ask) and "text" in waiting.accept)


def _named(run: Run, waiting: Verify, body: str) -> None:
    """The answer to "which company?": a name, or a sentence round it."""
    sentence = separated(body)
    asked = run.pack.matcher.asked(sentence)
    run.slots[waiting.verify] = asked.company if asked and asked.company else sentence
    flows.resume(run)


def _missed(run: Run) -> None:
    """An open question was not answered: asks again, the last time offering a person."""
    run.misses += 1
    if run.misses >= run.pack.settings.max_misunderstandings:
        run.misses = 0
        run.say("offer_person", run.pack.settings.person_options)
        return
    run.say("pick_one")
    run.ask_again()


# At ease: no question is open


def _at_ease(run: Run, body: str, intent: Intent | None) -> None:
    sentence = separated(body)
    found = run.facts.verify(sentence, False)
    known = register.telling(found)
    asked = run.pack.matcher.asked(sentence)
    _detect(run, _without(sentence, known), asked.language if asked else "")
    if intent is not None and not _is_exactly(known, body):
        flows.start(run, intent.goto)
    elif known:
        _companies(run, sentence, _listed(run, known, asked.company if asked else ""))
    elif asked is not None and asked.company:
        answering.answer_name(run, asked.company)
        if (asking := run.pack.intents[asked.intent]).carries and run.verdicts:
            flows.start(run, asking.goto)
    elif wish := run.pack.matcher.phrase(body) or (asked.intent if asked else ""):
        flows.start(run, run.pack.intents[wish].goto)
    else:
        _perhaps_name(run, sentence, found)


def _listed(run: Run, known: tuple[Verdict, ...], company: str) -> tuple[Verdict, ...]:
    """The companies found, and those named beside them ("check A and B") the register lacks."""
    missing = run.pack.matcher.likely_names(_without(company, known)) if company else []
    answers = (run.facts.verify(name, True) for name in missing)
    return known + tuple(one[0] for one in answers if len(one) == 1 and one[0].status == "unknown")


def _companies(run: Run, sentence: str, found: Sequence[Verdict]) -> None:
    """Answers about the companies named, then follows the wish uttered along with them."""
    rest = _without(sentence, found)
    wish = run.pack.intents.get(run.pack.matcher.whole(rest) or run.pack.matcher.phrase(rest))
    if wish is None or not wish.carries:
        answering.answer(run, found)
        return
    answering.answer(run, found, follow_up=False)
    flows.start(run, wish.goto, {wish.carries: found[0].query})


def _perhaps_name(run: Run, sentence: str, found: Sequence[Verdict]) -> None:
    """No wish was understood: what looks like a name is answered, the doubtful asked about."""
    standing_out = [verdict for verdict in found if looks_like_name(verdict.query)]
    if standing_out:
        answering.answer(run, standing_out)
    elif run.pack.matcher.may_be_name(sentence):
        answering.answer_name(run, sentence)
    elif looks_like_name(sentence) and run.misses + 1 < run.pack.settings.max_misunderstandings:
        run.misses += 1
        run.slots["guess"] = sentence.strip()
        run.say("guess", run.pack.settings.guess_options)
    else:
        _not_understood(run)


def _not_understood(run: Run) -> None:
    if run.first:
        flows.start(run, "greeting")
        return
    run.misses += 1
    if run.misses >= run.pack.settings.max_misunderstandings:
        run.misses = 0
        run.say("offer_person", run.pack.settings.person_options)
    else:
        run.say("misunderstood", run.pack.settings.help_options)


def _is_exactly(found: Sequence[Verdict], body: str) -> bool:
    """Whether the whole message is the name of a registered entity."""
    return any(
        verdict.status in (*REGISTERED, "ambiguous") and folded(verdict.query) == folded(body)
        for verdict in found
    )


def _without(sentence: str, found: Sequence[Verdict]) -> str:
    """The sentence without the companies it names."""
    for verdict in found:
        sentence = sentence.replace(verdict.query, " ")
    return sentence


def _detect(run: Run, words: str, hint: str = "") -> None:
    """Goes on in the language written, unless the citizen chose one; Hangul always counts.

    `hint` is the language of a wording that was recognised.
    """
    if not any(letter.isalpha() for letter in words):
        return
    language = hint or ("" if run.facts.language else run.pack.matcher.language(words))
    language = language or identification.identify(words, run.language)
    if language not in run.pack.replies or language == run.language:
        return
    if not run.chosen or language == "ko":
        run.language, run.chosen = language, False


# Options


def _chosen(run: Run, key: str) -> bool:
    """Follows a tapped option; False if it leads nowhere any more."""
    if key.startswith(PICK):
        return answering.picked(run, key.removeprefix(PICK))
    if found := carrying.argued(run.pack, key):
        flows.start(run, found[0].goto, found[1])
        return True
    option = run.pack.options.get(key)
    if option is None:
        return False
    if option.language:
        _speak(run, option.language)
        return True
    waiting = run.waiting()
    if isinstance(waiting, Ask | Choose) and key in waiting.options and not option.goto:
        run.slots[waiting.ask if isinstance(waiting, Ask) else waiting.choose] = option.value
        flows.resume(run)
        return True
    return _leads(run, option)


def _leads(run: Run, option: OptionSpec) -> bool:
    if not option.goto:
        return False
    flows.start(run, option.goto)
    return True


def _stale(run: Run) -> None:
    """The option belongs to a question that is over."""
    if run.waiting() is not None:
        run.say("option_stale")
        run.ask_again()
    else:
        run.say("option_stale", run.pack.settings.help_options)


# Things that are not text


def _media(run: Run, media: Media) -> None:
    shown = " ".join(part for part in (f"[{media.kind}]", media.filename, media.caption) if part)
    if _taken(run, media.kind, shown):
        return
    if media.caption.strip():
        _text(run, media.caption)
        return
    voice = media.kind in ("voice", "audio")
    _unread(run, "voice_unread" if voice else "media_unread")


def _thing(run: Run, kind: str, shown: str, unread: str) -> None:
    if not _taken(run, kind, shown):
        _unread(run, unread)


def _taken(run: Run, kind: str, shown: str) -> bool:
    """Keeps a file, place or contact where the open flow wants one, now or later."""
    waiting = run.waiting()
    if waiting is None:
        return False
    if isinstance(waiting, Ask) and kind in waiting.accept:
        run.slots[waiting.ask] = shown
        flows.resume(run)
        return True
    for instruction in run.pack.flows[run.flow].code:
        if isinstance(instruction, Ask) and kind in instruction.accept:
            run.slots.setdefault(instruction.ask, shown)
            run.say("media_kept")
            run.ask_again()
            return True
    return False


def _unread(run: Run, key: str) -> None:
    if run.waiting() is not None:
        run.say("pick_one")
        run.ask_again()
    else:
        run.say(key, run.pack.settings.help_options)
