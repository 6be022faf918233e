"""The messages a channel has to approve, as a pack words them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from resmi.bot import notices
from resmi.bot.schema import Pack


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One template in one language, as it is handed in for approval.

    `body` holds `{{1}}`, `{{2}}`, … where values go; `examples` are values in the same order.
    `language` is the channel's code; `buttons` are the titles of its reply buttons.
    """

    name: str
    language: str
    body: str
    examples: tuple[str, ...]
    buttons: tuple[str, ...] = ()


_EXAMPLES = {"name": "PT Contoh", "as_of": "2026-01-01"}


def definitions(pack: Pack) -> Iterator[Definition]:
    """Every template of the pack in every language, and its notices."""
    yield from _notices(pack)
    for key, spec in pack.templates.items():
        marks = {name: f"{{{{{place}}}}}" for place, name in enumerate(spec.parameters, start=1)}
        for language in pack.languages:
            names = {name: words[language] for name, words in pack.names.items()}
            replies = pack.replies[language]
            known = {
                **_EXAMPLES,
                "before": replies["standing_unknown"].source,
                "after": replies["standing_licensed"].source,
            }
            yield Definition(
                name=spec.name,
                language=spec.codes.get(language, language),
                body=replies[f"template_{key}"].render(names | marks),
                examples=tuple(known.get(name, "…") for name in spec.parameters),
                buttons=tuple(replies[f"option_{option}"].source for option in spec.buttons),
            )


def _notices(pack: Pack) -> Iterator[Definition]:
    for notice in pack.notices:
        for language in pack.languages:
            if approved := notices.template(pack, notice, language):
                yield Definition(
                    name=approved.name,
                    language=approved.language,
                    body=approved.preview,
                    examples=(),
                )
