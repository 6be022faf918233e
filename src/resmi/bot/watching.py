"""Watches: the citizen asks to be told of changes, sees what they asked for, and ends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resmi.bot import carrying, wording
from resmi.bot.run import Run
from resmi.bot.schema import Pack
from resmi.engine.content import Choices, Option, Template, Text
from resmi.registry.watches.rules import Change, Standing, Watched

ALL = "*"
"""In place of a subject: everything the citizen watches."""


def start(run: Run, options: Sequence[str]) -> None:
    """Watches the company last answered about."""
    watched = carrying.meant(run)
    if watched is None:
        run.say("watch_unclear", options)
        return
    known = any(one.subject == watched.subject for one in run.watching)
    if not known and len(run.watching) >= run.pack.settings.max_watches:
        run.say("watch_full", options, count=len(run.watching))
        return
    if not known:
        run.watching.append(watched)
        run.watched.append(watched)
    run.say("watch_started", options, **_shown(run.pack, run.language, watched))


def stop(run: Run, options: Sequence[str]) -> None:
    """Ends the watch chosen, the only one, or asks which."""
    chosen = run.slots.pop("watch", "")
    ended = [one for one in run.watching if chosen in (one.subject, ALL)]
    if not chosen and len(run.watching) == 1:
        ended = list(run.watching)
    if ended:
        run.watching = [one for one in run.watching if one not in ended]
        run.unwatched += ended
        run.say("watch_ended", options, names=[wording.plain(one.name) for one in ended])
    elif chosen or not run.watching:
        run.say("watch_none", options)
    else:
        run.write(run.words("watch_which"), _which(run))


def _which(run: Run) -> tuple[Option, ...]:
    """A row for each watch, and one for all of them."""
    options = run.pack.options.items()
    key = next((key for key, spec in options if spec.carries == "watch"), "")
    rows = [
        Option(
            f"{key}:{one.subject}",
            wording.plain(one.name),
            standing_words(run.pack, run.language, one.standing),
        )
        for one in run.watching
    ]
    return (*rows, Option(f"{key}:{ALL}", run.words("option_unwatch_all")))


def listed(run: Run, options: Sequence[str]) -> None:
    """Shows what is watched; the options only where there is something to do with them."""
    if not run.watching:
        run.say("watch_none", ())
        return
    watches = [_shown(run.pack, run.language, one) for one in run.watching]
    run.say("watch_list", options, watches=watches)


def _shown(pack: Pack, language: str, watched: Watched) -> dict[str, str]:
    return {
        "name": wording.plain(watched.name),
        "standing": standing_words(pack, language, watched.standing),
    }


def standing_words(pack: Pack, language: str, standing: str) -> str:
    """What the register says of somebody, in a few words."""
    reply = pack.replies[language].get(f"standing_{standing}")
    return reply.source if reply else ""


def news(pack: Pack, language: str, change: Change) -> Text | Choices:
    """What a watcher is told while free text is allowed: the change, and how to end it."""
    spoken = pack.spoken(language)
    body = pack.replies[spoken]["watch_changed"].render(_values(pack, spoken, change))
    options = [
        Option(_about_news(pack, key, change), _title(pack, spoken, key))
        for key in pack.settings.news_options
    ]
    if not options:
        return Text(body)
    button = pack.replies[spoken]["button_options"].source
    return Choices(body=body, options=tuple(options), button=button)


def _about_news(pack: Pack, key: str, change: Change) -> str:
    """The id of an option below news: a watch's carries what it is about."""
    return f"{key}:{change.subject}" if pack.options[key].carries else key


def _title(pack: Pack, language: str, key: str) -> str:
    return pack.replies[language][f"option_{key}"].source


def news_template(pack: Pack, language: str, change: Change) -> Template | None:
    """The approved message for the same after the window; None where the pack names none."""
    spec = pack.templates.get("watch_changed")
    if spec is None:
        return None
    spoken = pack.spoken(language)
    values = _values(pack, spoken, change)
    return Template(
        name=spec.name,
        language=spec.codes.get(spoken, spoken),
        parameters=tuple(str(values[name]) for name in spec.parameters),
        preview=pack.replies[spoken]["template_watch_changed"].render(values),
        buttons=tuple(_about_news(pack, key, change) for key in spec.buttons),
    )


def _values(pack: Pack, language: str, change: Change) -> dict[str, Any]:
    before: Standing = change.before
    return {
        **{name: words[language] for name, words in pack.names.items()},
        "name": wording.plain(change.name),
        "before": standing_words(pack, language, before),
        "after": standing_words(pack, language, change.after),
        "source": wording.term(pack, language, change.source),
        "as_of": wording.date_words(change.as_of, language),
    }
