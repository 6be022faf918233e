"""Notices the agency has to give: their words, now and after the window closed. Pure."""

from __future__ import annotations

from resmi.bot import canned, checking
from resmi.bot.marked import Document
from resmi.bot.schema import Notice, Pack
from resmi.engine.content import Template, Text

LENGTH = 1024
"""Characters a template's text may have."""


def find(pack: Pack, key: str) -> Notice | None:
    """The notice of that key."""
    return next((notice for notice in pack.notices if notice.key == key), None)


def words(pack: Pack, notice: Notice, language: str) -> str:
    """Its text in `language`, or in the pack's first, with the pack's names filled in."""
    spoken = pack.spoken(language)
    names = {name: given[spoken] for name, given in pack.names.items()}
    return canned.fill(notice.body[spoken], names).text


def message(pack: Pack, notice: Notice, language: str) -> Text:
    """The notice as free text."""
    return Text(words(pack, notice, language))


def template(pack: Pack, notice: Notice, language: str) -> Template | None:
    """The notice as the channel approved it; None when it was never handed in."""
    if not notice.template:
        return None
    spoken = pack.spoken(language)
    return Template(
        name=notice.template,
        language=notice.codes.get(spoken, spoken),
        preview=words(pack, notice, language),
    )


def check(pack: Pack, document: Document | None) -> None:
    """Notes every mistake in notices.yaml."""
    if document is None:
        return
    entries = [(notice.key, [notice.name, notice.body]) for notice in pack.notices]
    checking.entries(pack, document, entries)
    for number, notice in enumerate(pack.notices):
        for language in notice.codes.keys() - set(pack.languages):
            document.problem((number, "codes", language), f"{language!r} is not spoken here")
        for language, body in notice.body.items():
            where = (number, "body", language)
            filled = canned.fill(body, dict.fromkeys(pack.names, "x"))
            if filled.missing:
                known = ", ".join(pack.names)
                document.problem(where, f"{filled.missing[0]} is no variable; known: {known}")
            if len(body) > LENGTH:
                document.problem(where, f"longer than the {LENGTH} characters of a template")
