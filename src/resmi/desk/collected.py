"""What the bot collected, in the reader's language: labels, verdicts; answers as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from resmi.bot import services as bot
from resmi.bot.schema import HandOver, Pack
from resmi.desk import wording


def shown(collected: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and value of each entry, for the eyes of whoever reads just now."""
    pack, language = bot.current_pack(), get_language() or "en"
    computed = worked_out(pack)
    return [
        (_label(pack, language, label), _value(said) if label in computed else said)
        for label, said in collected.items()
    ]


def label_of(key: str) -> str:
    """What readers of the current language see for a label of the pack."""
    return _label(bot.current_pack(), get_language() or "en", key)


def key_of(text: str) -> str:
    """The pack's label behind what readers see, in whichever language; else the text itself."""
    wanted = text.strip().casefold()
    for key, words in bot.current_pack().labels.items():
        if wanted in {word.casefold() for word in (key, *words.values())}:
            return key
    return text.strip()


def worked_out(pack: Pack) -> frozenset[str]:
    """The labels whose value the bot worked out itself: nothing a citizen typed stands there."""
    asked = {slot for flow in pack.flows.values() for slot in flow.waits}
    sources: dict[str, set[str]] = {}
    for label, source in _orders(pack):
        sources.setdefault(label, set()).add(source)
    carried = {intent.carries for intent in pack.intents.values()}
    return frozenset(label for label, of in sources.items() if not of & (asked | carried))


def _orders(pack: Pack) -> Iterator[tuple[str, str]]:
    for flow in pack.flows.values():
        for step in flow.code:
            if isinstance(step, HandOver):
                yield from step.collect.items()


def _label(pack: Pack, language: str, label: str) -> str:
    own = pack.labels.get(label, {}).get(language)
    words = (own or label).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _value(said: str) -> str:
    if said in wording.VERDICT:
        return str(wording.VERDICT[said][1])
    return _("Yes") if said == "yes" else said
