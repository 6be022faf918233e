"""From verdicts to candidates with scores. Pure.

A score says how well a row of the asker's table fits an entry, not how good the entry is: a name
that is exactly on the illegal list scores 100 too. Programs take `match` without asking anybody, so
it is true only where the register says "licensed" of one single entry, and nothing else in the row
speaks of another entry or against this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

import msgspec

from resmi.api.entries import Record
from resmi.api.reconciliation.wire import Candidate, Feature, Query, Reference, name_asked
from resmi.language import normalising
from resmi.registry.rules import Verdict

CERTAIN = 100.0
SCORES = {"licensed": 100.0, "revoked": 100.0, "illegal": 90.0, "confirm": 80.0, "ambiguous": 60.0}
SIMILAR = 40.0
AGREES = 8.0
CONTRADICTS = 30.0
ONLY_BY_NUMBER = 50.0


class Found(msgspec.Struct, frozen=True):
    """What the register says to the name of a query, and to the numbers given with it."""

    by_name: tuple[Verdict, ...] = ()
    by_number: tuple[Verdict, ...] = ()

    def entities(self) -> set[str]:
        """The ids of every entry named."""
        return entities_of((*self.by_name, *self.by_number))

    def asserted(self) -> str:
        """The id of the one entry of which all that was given says "licensed"; else empty."""
        told = self.by_name + tuple(one for one in self.by_number if one.status != "unknown")
        named = {one.entity if one.status == "licensed" else "" for one in told}
        return named.pop() if len(named) == 1 else ""


def entities_of(verdicts: Iterable[Verdict]) -> set[str]:
    """The ids of every entry the verdicts name."""
    found: set[str] = set()
    for verdict in verdicts:
        found |= {verdict.entity} | {candidate.entity for candidate in verdict.candidates}
    return found - {""}


def candidates(
    query: Query,
    verdicts: Found,
    records: Mapping[str, Record],
    types: Mapping[str, Reference],
    words: Mapping[str, str],
) -> list[Candidate]:
    """The candidates for a query, best first. `types` by kind, `words` for statuses by status."""
    scores = _scores(query, verdicts, records)
    wanted, sure = query.types & types.keys(), verdicts.asserted()
    found = [
        _candidate(query, records[entity], score, entity == sure, types, words)
        for entity, score in scores.items()
        if entity in records and (not wanted or records[entity].kind in wanted)
    ]
    found.sort(key=lambda candidate: -candidate.score)
    return found[: query.most]


def _scores(query: Query, found: Found, records: Mapping[str, Record]) -> dict[str, float]:
    """A score for every entry named. A name goes with its own numbers or stays uncertain."""
    name = name_asked(query)
    scores = _from_verdicts(found.by_name)
    for entity, score in _from_verdicts(found.by_number).items():
        scores.setdefault(entity, min(score, ONLY_BY_NUMBER) if name else score)
    if name in records:
        scores[name] = CERTAIN
    _make_certain(name, scores, records)
    return scores


def _make_certain(name: str, scores: dict[str, float], records: Mapping[str, Record]) -> None:
    """Evidence for "illegal" may be loose; an entry that bears the very name, alone, is meant."""
    squashed = normalising.squash(name)
    named = [
        entity
        for entity in scores.keys() & records.keys()
        if squashed and normalising.squash(records[entity].name) == squashed
    ]
    if len(named) == 1 and scores[named[0]] == SCORES["illegal"]:
        scores[named[0]] = CERTAIN


def _from_verdicts(verdicts: Iterable[Verdict]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for verdict in verdicts:
        base = SCORES.get(verdict.status, SIMILAR)
        offered = base - 5 * (verdict.status == "confirm")
        given = [(verdict.entity, base)]
        given += [(one.entity, offered - at / 10) for at, one in enumerate(verdict.candidates)]
        for entity, score in given:
            scores[entity] = max(score, scores.get(entity, 0.0))
    scores.pop("", None)
    return scores


def _candidate(
    query: Query,
    record: Record,
    score: float,
    sure: bool,
    types: Mapping[str, Reference],
    words: Mapping[str, str],
) -> Candidate:
    agreeing = dict(_agreements(query, record))
    total = score + sum(AGREES if agrees else -CONTRADICTS for agrees in agreeing.values())
    parts = (words.get(record.status, record.status), record.scope)
    return Candidate(
        id=record.id,
        name=record.name,
        description=" · ".join(part for part in parts if part),
        type=[types[record.kind]],
        score=round(min(CERTAIN, max(0.0, total)), 1),
        match=sure and record.status == "licensed" and all(agreeing.values()),
        features=[
            Feature("name", score),
            *(Feature(pid, agrees) for pid, agrees in agreeing.items()),
        ],
    )


def _agreements(query: Query, record: Record) -> Iterable[tuple[str, bool]]:
    """For each property given and known of the entry: whether any of the values agrees."""
    for one in query.properties:
        known = str(getattr(record, one.pid, "")) if one.pid in COMPARED else ""
        texts = one.texts()
        if known and texts:
            fold = COMPARED[one.pid]
            yield one.pid, any(fold(text) == fold(known) for text in texts)


def _host(text: str) -> str:
    text = text.strip().casefold()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return text
    return host.removeprefix("www.").rstrip(".")


COMPARED: dict[str, Callable[[str], str]] = {
    "status": normalising.squash,
    "licence": normalising.squash,
    "since": str.strip,
    "website": _host,
}
"""Properties a query may give, and how their values are made comparable."""
