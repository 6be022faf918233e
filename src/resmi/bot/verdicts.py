"""What the citizen is told about a verdict: the values of its texts, and what they may tap next.

The wording is the pack's; the rules that no pack can break are here: only the register's own
status chooses the text, and the name shown is the registered one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from resmi.bot import comparing, wording
from resmi.bot.matching import fold
from resmi.bot.schema import Pack
from resmi.engine.content import Option
from resmi.language import legal_forms
from resmi.registry.rules import Candidate, Verdict

PICK = "pick:"
"""Prefix of the ids of candidates; the bare prefix means "none of these"."""

LIST_ROWS = 10
MOST_CANDIDATES = LIST_ROWS - 2  # beside them stand "none of these" and a person
DESCRIPTION = 72
REGISTERED = ("licensed", "revoked", "illegal")

VARIABLES = frozenset(
    {
        "mention",
        "name",
        "legal_name",
        "licence",
        "scope",
        "since",
        "note",
        "source",
        "as_of",
        "marked",
        "differs",
        "letters",
        "candidates",
        "mixed",
    }
)
"""Variables of every text about one verdict."""

CANDIDATE_VARIABLES = frozenset({"name", "licence", "scope", "website"})


def values(pack: Pack, language: str, verdict: Verdict) -> dict[str, Any]:
    """The variables a verdict's text may use, ready to show."""
    candidates = candidates_of(verdict)
    name = wording.plain(candidates[0].name if candidates else verdict.name)
    statuses = {candidate.status for candidate in candidates}
    legal_name = wording.plain(verdict.legal_name)
    mention = wording.plain(verdict.query, 60)
    return {
        "mention": mention,
        "name": name,
        "marked": marked(name, verdict.query),
        "legal_name": legal_name if fold(legal_name) != fold(name) else "",
        "licence": wording.plain(verdict.licence),
        "scope": wording.term(pack, language, verdict.scope),
        "since": wording.date_words(verdict.since, language) if verdict.since else "",
        "note": wording.term(pack, language, verdict.note),
        "source": wording.term(pack, language, verdict.source),
        "as_of": wording.date_words(verdict.as_of, language),
        "differs": [
            wording.term(pack, language, part)
            for one in candidates[:1]
            for part in one.differs
            if fold(part) != fold(one.name)  # "all of it differs" helps nobody compare
        ],
        "letters": comparing.letters(mention, name) if candidates else [],
        "mixed": "illegal" in statuses and len(statuses) > 1,
        "candidates": [
            {**_shown(pack, language, candidate), "status": candidate.status}
            for candidate in candidates[:MOST_CANDIDATES]
        ],
    }


def candidates_of(verdict: Verdict) -> tuple[Candidate, ...]:
    """The entities a verdict puts to the citizen; a `confirm` may name its one in the verdict."""
    if verdict.candidates or verdict.status != "confirm" or not verdict.entity:
        return verdict.candidates
    return (
        Candidate(
            entity=verdict.entity,
            name=verdict.name or verdict.legal_name,
            status="licensed",
            licence=verdict.licence,
            scope=verdict.scope,
        ),
    )


def marked(name: str, mention: str) -> str:
    """The name with the words in bold that the citizen did not write just so."""
    written = set(fold(mention))
    parts = name.split()
    new = [
        any(word not in written and not legal_forms.is_form(word) for word in fold(part))
        for part in parts
    ]
    if all(new) or not any(new):
        return name
    return " ".join(f"*{part}*" if bold else part for part, bold in zip(parts, new, strict=True))


def candidate_options(pack: Pack, language: str, verdict: Verdict) -> tuple[Option, ...]:
    """The options of a question "which one?": one to confirm, or a list to choose from."""
    replies = pack.replies[language]
    candidates = candidates_of(verdict)[:MOST_CANDIDATES]
    if verdict.status == "confirm":
        return (
            Option(PICK + candidates[0].entity, replies["option_this_one"].source),
            Option(PICK, replies["option_not_this"].source),
        )
    rows = [
        Option(
            PICK + candidate.entity,
            wording.plain(candidate.name),
            _about(pack, language, candidate),
        )
        for candidate in candidates
    ]
    return (*rows, Option(PICK, replies["option_none_of_these"].source))


def pick(verdict: Verdict, entity: str, fresh: Sequence[Verdict]) -> Verdict | None:
    """The verdict about the candidate the citizen chose; None if it was not among them.

    `fresh` is what the register says now about the candidate's name: what it said when the
    candidate was put to them counts only while it is the same register. The query recorded is that
    registered name: what the citizen first typed was never found exactly.
    """
    chosen = next((one for one in candidates_of(verdict) if one.entity == entity), None)
    if chosen is None:
        return None
    for answer in fresh:
        if answer.entity == entity and answer.status in REGISTERED:
            return answer
    for answer in fresh:
        if found := next((one for one in answer.candidates if one.entity == entity), None):
            return _about_one(found, answer)
    if fresh and fresh[0].version != verdict.version:
        return fresh[0]
    return _about_one(chosen, verdict)


def _about_one(chosen: Candidate, verdict: Verdict) -> Verdict:
    """What a verdict with several candidates says about one of them."""
    if chosen.status not in REGISTERED:
        return msgspec.structs.replace(verdict, status="unknown", candidates=())
    return Verdict(
        status=chosen.status,  # type: ignore[arg-type]
        query=chosen.name,
        source=verdict.source,
        as_of=verdict.as_of,
        version=verdict.version,
        entity=chosen.entity,
        name=chosen.name,
        licence=chosen.licence,
        scope=chosen.scope,
    )


def _about(pack: Pack, language: str, candidate: Candidate) -> str:
    """A row's second line: what it is, and the full name where the title will be cut."""
    key = f"candidate_{candidate.status}"
    reply = pack.replies[language].get(key)
    words = reply.render(_shown(pack, language, candidate)) if reply else ""
    return words if len(words) <= DESCRIPTION else words[: DESCRIPTION - 1].rstrip() + "…"


def _shown(pack: Pack, language: str, candidate: Candidate) -> dict[str, str]:
    return {
        "name": wording.plain(candidate.name),
        "licence": wording.plain(candidate.licence),
        "scope": wording.term(pack, language, candidate.scope),
        "website": wording.plain(candidate.website),
    }


def with_receipt(pack: Pack, language: str, body: str, link: str) -> str:
    """An answer with the line that leads to its receipt; without a link the answer itself."""
    if not link:
        return body
    return f"{body}\n{pack.replies[language]['receipt_line'].render({'receipt': link})}"


def told(pack: Pack, language: str, verdict: Verdict, receipt: str = "") -> str:
    """The text about one verdict as an agent sends it: the bot's words, without its options.

    `receipt` is the address of its receipt, if it has one.
    """
    spoken = pack.spoken(language)
    shown = values(pack, spoken, verdict)
    puts_candidates = verdict.status in ("confirm", "ambiguous")
    key = "unknown" if puts_candidates and not candidates_of(verdict) else verdict.status
    reply = pack.replies[spoken][pack.verdicts[key].say]
    names = {name: words[spoken] for name, words in pack.names.items()}
    return with_receipt(pack, spoken, reply.render({**names, **shown}), receipt)
